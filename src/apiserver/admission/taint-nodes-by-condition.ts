import { Node } from '../../kinds/core/v1/node.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'

const NOT_READY = 'node.kubernetes.io/not-ready'

/** A new node takes no pods until its controller has seen that it is ready. */
export class TaintNodesByCondition implements AdmissionPlugin {
  readonly name = 'TaintNodesByCondition'
  readonly operations: readonly Operation[] = ['CREATE']
  readonly resources: readonly string[] = ['/nodes']

  mutate({ kind, subresource, object }: AdmissionAttributes): KubeObject | undefined {
    if (kind.group !== Node.group || kind.plural !== Node.plural || subresource !== '') return
    const node = object as Node
    const { taints = [] } = node.spec
    if (taints.some(({ key, effect }) => key === NOT_READY && effect === 'NoSchedule')) return
    const added = { key: NOT_READY, effect: 'NoSchedule' as const }
    return { ...node, spec: { ...node.spec, taints: [...taints, added] } } as KubeObject
  }
}

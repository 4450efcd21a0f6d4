import { andThen, type Eventual } from '../../base/eventual.ts'
import type { Binding } from '../../kinds/core/v1/binding.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { isMainResource } from './main-resource.ts'

/** Finds a node as of now; undefined where there is none. */
export type FindNode = (name: string) => Eventual<KubeObject | undefined>

const LABELS = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

/** A pod learns with its binding in which zone and region it is; its own labels must not lie. */
export class PodTopologyLabels implements AdmissionPlugin {
  readonly name = 'PodTopologyLabels'
  readonly operations: readonly Operation[] = ['CREATE']
  readonly resources: readonly string[] = ['/pods', '/bindings']
  readonly #find: FindNode

  constructor(find: FindNode) {
    this.#find = find
  }

  mutate(attributes: AdmissionAttributes): Eventual<KubeObject | undefined> {
    const { object } = attributes
    const nodeName = nodeNameOf(attributes)
    if (object === undefined || nodeName === '') return undefined
    return andThen(this.#find(nodeName), (node) => withLabelsOf(object, node))
  }
}

function withLabelsOf(object: KubeObject, node: KubeObject | undefined): KubeObject | undefined {
  const all = node?.metadata.labels ?? {}
  const labels = Object.fromEntries(
    LABELS.flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]])),
  )
  if (Object.keys(labels).length === 0) return undefined
  const { metadata } = object
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } }
}

/** The node that a pod is created on or bound to; '' for all other writes. */
function nodeNameOf(attributes: AdmissionAttributes): string {
  const { kind, subresource, object } = attributes
  if (isMainResource(attributes, Pod)) return (object as Pod).spec.nodeName ?? ''
  if (kind.group !== '' || kind.kind !== 'Binding' || subresource !== 'binding') return ''
  const { target } = object as unknown as Binding
  return target.kind === 'Node' ? (target.name ?? '') : ''
}

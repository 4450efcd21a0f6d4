import type { Eventual } from '../../base/eventual.ts'
import type { Node } from '../../kinds/core/v1/node.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { parseQuantity } from '../../machinery/quantity.ts'
import { StatusError } from '../../machinery/status-error.ts'
import type { AdmissionAttributes, AdmissionPlugin, Operation } from './admission.ts'
import { isSubresource } from './main-resource.ts'
import { podTotal } from './pod-totals.ts'
import { refuse } from './pods.ts'

/** Finds a node as of now; undefined where there is none. */
export type FindNode = (name: string) => Eventual<Node | undefined>

const OS_LABEL = 'kubernetes.io/os'

/** A pod that has a node grows only as far as its node can give. */
export class PodResizeValidator implements AdmissionPlugin {
  readonly name = 'PodResizeValidator'
  readonly operations: readonly Operation[] = ['UPDATE']
  readonly resources: readonly string[] = ['/pods']
  readonly #find: FindNode

  constructor(find: FindNode) {
    this.#find = find
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    if (!isSubresource(attributes, Pod, 'resize')) return
    const pod = attributes.object as Pod
    const { nodeName = '' } = pod.spec
    const { generation } = attributes.oldObject?.metadata ?? {}
    if (nodeName === '' || generation === pod.metadata.generation) return
    const node = await this.#find(nodeName)
    if (node === undefined) throw refuse(attributes, `node "${nodeName}" not found`)
    const os = node.metadata.labels?.[OS_LABEL] ?? 'linux'
    if (os !== 'linux') {
      const why = `pod resize is only supported on linux nodes, node "${nodeName}" is "${os}"`
      throw refuseFor(attributes, why, 'UnsupportedPlatform')
    }
    const missing = [...missingResources(pod, node)]
    if (missing.length === 0) return
    const why = `node didn't have enough allocatable resources: ${missing.join('; ')}`
    throw refuseFor(attributes, why, 'NodeCapacity')
  }
}

function* missingResources(pod: Pod, { status }: Node): Iterable<string> {
  const requests = podTotal(pod, 'requests')
  for (const [name, exponent] of [
    ['cpu', -3],
    ['memory', 0],
  ] as const) {
    const request = requests.get(name)
    const allocatable = parseQuantity(status.allocatable?.[name] ?? '0')
    if (request === undefined || request.compare(allocatable) <= 0) continue
    const [wanted, given] = [request, allocatable].map((one) => one.scaled(exponent))
    yield `${name}, requested: ${wanted}, allocatable: ${given}`
  }
}

function refuseFor(attributes: AdmissionAttributes, why: string, reason: string): StatusError {
  const { message, details } = refuse(attributes, why)
  return new StatusError('Forbidden', message, { details: { ...details, causes: [{ reason }] } })
}

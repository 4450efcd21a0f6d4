import type { Pod } from '../../kinds/core/v1/pod.ts'
import { parseQuantity } from '../../machinery/quantity.ts'
import { allContainersOf, type Container, type EphemeralContainer } from '../pod-types.ts'

export interface ResourceFieldSelector {
  readonly resource: string
  readonly containerName?: string | undefined
  readonly divisor?: string | undefined
}

type Amounts = Readonly<Record<string, string>>

const MAY_DEFAULT = ['cpu', 'memory', 'ephemeral-storage']

/**
 * The whole number that a `resourceFieldRef` stands for: the amount over the divisor, rounded up.
 * A limit that is not set is what the node could give.
 */
export function resourceField(
  selector: ResourceFieldSelector,
  pod: Pod,
  container: Container | EphemeralContainer | undefined,
  nodeAllocatable: Amounts,
): string {
  const target = selector.containerName ? named(pod, selector.containerName) : container
  if (target === undefined) throw new Error('container is not specified')
  const [, sort, name = ''] = /^(limits|requests)\.(.+)$/.exec(selector.resource) ?? []
  const isKnown = MAY_DEFAULT.includes(name) || name.startsWith('hugepages-')
  if (sort === undefined || !isKnown) {
    throw new Error(`unsupported container resource : ${selector.resource}`)
  }
  const amount = amountOf(sort as 'limits' | 'requests', name, target, nodeAllocatable)
  const divisor = selector.divisor === undefined ? '1' : selector.divisor
  return divideUp(amount, isZero(divisor) ? '1' : divisor, name === 'cpu')
}

function named(pod: Pod, containerName: string): Container | EphemeralContainer {
  const container = allContainersOf(pod).find(({ name }) => name === containerName)
  if (container === undefined) throw new Error(`container ${containerName} not found`)
  return container
}

function amountOf(
  sort: 'limits' | 'requests',
  name: string,
  container: Container | EphemeralContainer,
  nodeAllocatable: Amounts,
): string {
  const amounts: Amounts | undefined = container.resources?.[sort]
  const amount = amounts?.[name]
  if (amount !== undefined && !isZero(amount)) return amount
  if (sort === 'requests' || !MAY_DEFAULT.includes(name)) return '0'
  return nodeAllocatable[name] ?? '0'
}

function isZero(text: string): boolean {
  return parseQuantity(text).sign === 0
}

function divideUp(amount: string, divisor: string, inMillis: boolean): string {
  const measure = (text: string): number => {
    const quantity = parseQuantity(text)
    return inMillis ? quantity.toMilli() : quantity.toNumber()
  }
  return `${Math.ceil(measure(amount) / measure(divisor))}`
}

import type { Container } from '../../kinds/core/v1/container.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { parseQuantity } from '../../machinery/quantity.ts'

/** Amounts by resource name: CPU in thousandths of a core, all others in whole units. */
export type ResourceAmounts = ReadonlyMap<string, number>

/** What a container without a request counts for when nodes are compared (not when it fits). */
const DEFAULT_CPU_MILLIS = 100
const DEFAULT_MEMORY_BYTES = 200 * 1024 * 1024

type ResourceList = Readonly<Record<string, string>> | undefined

export function amountsOf(list: ResourceList): Map<string, number> {
  const amounts = new Map<string, number>()
  for (const [name, text] of Object.entries(list ?? {})) {
    const quantity = parseQuantity(text)
    amounts.set(name, name === 'cpu' ? quantity.toMilli() : quantity.toNumber())
  }
  return amounts
}

/**
 * What a node must have free for a pod (upstream's resourcehelper.PodRequests): the containers
 * together with the sidecars, or the largest moment of the init containers, plus the overhead.
 * Pod-level requests take the place of the sum.
 */
export function podRequests(pod: Pod, requestsOf = requestsIn(pod)): Map<string, number> {
  const { spec } = pod
  const total = new Map<string, number>()
  for (const container of spec.containers) add(total, requestsOf(container))
  const sidecars = new Map<string, number>()
  const initMax = new Map<string, number>()
  for (const container of spec.initContainers ?? []) {
    const requests = requestsOf(container)
    if (container.restartPolicy === 'Always') {
      add(total, requests)
      add(sidecars, requests)
      raise(initMax, sidecars)
    } else {
      // An init container runs beside the sidecars that were started before it.
      const moment = new Map(requests)
      add(moment, sidecars)
      raise(initMax, moment)
    }
  }
  raise(total, initMax)
  for (const [name, amount] of amountsOf(spec.resources?.requests)) total.set(name, amount)
  add(total, amountsOf(spec.overhead))
  return total
}

/** As `podRequests`, with a small amount for containers that ask for none. */
export function nonZeroRequests(pod: Pod): { cpu: number; memory: number } {
  const requestsOf = requestsIn(pod)
  const requests = podRequests(pod, (container) => {
    const amounts = requestsOf(container)
    if (!amounts.has('cpu')) amounts.set('cpu', DEFAULT_CPU_MILLIS)
    if (!amounts.has('memory')) amounts.set('memory', DEFAULT_MEMORY_BYTES)
    return amounts
  })
  return { cpu: requests.get('cpu') ?? 0, memory: requests.get('memory') ?? 0 }
}

/**
 * What each container asks for. While a resize is under way a node still holds what was allocated
 * before: the larger amount counts.
 */
function requestsIn({ status }: Pod): (container: Container) => Map<string, number> {
  const statuses = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])]
  const isInfeasible = status.conditions?.some(
    ({ type, reason }) => type === 'PodResizePending' && reason === 'Infeasible',
  )
  return ({ name, resources }) => {
    const amounts = amountsOf(resources.requests)
    const held = statuses.find((one) => one.name === name)
    if (held?.resources?.requests === undefined && held?.allocatedResources === undefined) {
      return amounts
    }
    const total = isInfeasible === true ? new Map<string, number>() : amounts
    raise(total, amountsOf(held.resources?.requests))
    raise(total, amountsOf(held.allocatedResources))
    return total
  }
}

function add(total: Map<string, number>, more: ResourceAmounts): void {
  for (const [name, amount] of more) total.set(name, (total.get(name) ?? 0) + amount)
}

function raise(total: Map<string, number>, least: ResourceAmounts): void {
  for (const [name, amount] of least) total.set(name, Math.max(total.get(name) ?? 0, amount))
}

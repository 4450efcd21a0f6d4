import { mapShared, withFields } from '../../../machinery/map-shared.ts'
import { parseQuantity, type Quantity } from '../../../machinery/quantity.ts'
import type { Container } from './container.ts'
import type { Pod } from './pod.ts'
import type { PodSpec } from './pod-spec.ts'
import { setPodSpecDefaults } from './pod-spec-defaults.ts'

type Quantities = { readonly [name: string]: string }
const HUGE_PAGES = 'hugepages-'

/** What only pods get, not the templates they are made from. */
export function setPodDefaults(pod: Pod): Pod {
  const spec = setPodSpecDefaults(pod.spec)
  const { containers, initContainers, hostNetwork, terminationGracePeriodSeconds } = spec
  const complete = (container: Container): Container =>
    setContainerDefaults(container, hostNetwork === true)
  const withContainers = withFields(spec, {
    containers: mapShared(containers, complete),
    ...(initContainers && { initContainers: mapShared(initContainers, complete) }),
    enableServiceLinks: spec.enableServiceLinks ?? true,
    // Of a pod alone: templates keep what they say.
    ...(Number(terminationGracePeriodSeconds) < 0 && { terminationGracePeriodSeconds: 1 }),
  })
  return withFields(withOneAddress(pod), { spec: setPodResources(withContainers) })
}

/** The older field for a pod's first address holds where the two differ; both say the same. */
function withOneAddress(pod: Pod): Pod {
  const { podIP = '', podIPs = [] } = pod.status
  const [first] = podIPs
  if (podIP === (first?.ip ?? '')) return pod
  const ips = podIP === '' ? podIPs : [{ ip: podIP }]
  return { ...pod, status: { ...pod.status, podIPs: ips, podIP: ips[0]?.ip ?? '' } }
}

/** Requests are the limits where they are not given; on the host's network all ports are its. */
function setContainerDefaults(container: Container, isOnHostNetwork: boolean): Container {
  const { resources, ports } = container
  const { limits, requests } = resources
  const isComplete = Object.keys(limits ?? {}).every((name) => requests?.[name] !== undefined)
  return withFields(container, {
    resources: isComplete ? resources : { ...resources, requests: { ...limits, ...requests } },
    ...(isOnHostNetwork &&
      ports && {
        ports: mapShared(ports, (port) =>
          withFields(port, { hostPort: port.hostPort || port.containerPort }),
        ),
      }),
  })
}

/**
 * Requests and huge page limits of the pod as a whole, where it has resources of its own: first
 * what its containers need together, then its limits.
 */
function setPodResources(spec: PodSpec): PodSpec {
  const { resources } = spec
  if (resources === undefined) return spec
  const hasAny = [resources.limits, resources.requests].some((one) => size(one) > 0)
  const limits: Record<string, string> = { ...resources.limits }
  if (hasAny) {
    for (const [name, amount] of together(spec, ({ limits: own }) => own)) {
      const isGiven = resources.requests?.[name] !== undefined || limits[name] !== undefined
      if (name.startsWith(HUGE_PAGES) && !isGiven) limits[name] = `${amount}`
    }
  }
  if (size(limits) === 0) return spec
  const requests: Record<string, string> = { ...resources.requests }
  for (const [name, amount] of together(spec, ({ requests: own }) => own)) {
    if (isCpuOrMemory(name)) requests[name] ??= `${amount}`
  }
  for (const [name, limit] of Object.entries(limits)) {
    if (isCpuOrMemory(name) || name.startsWith(HUGE_PAGES)) requests[name] ??= limit
  }
  return {
    ...spec,
    resources: { ...resources, limits, ...(size(requests) > 0 && { requests }) },
  }
}

/**
 * What all containers need at once: the sum of those that run together, or the most that a
 * container needs at the start together with the sidecars before it.
 */
function together(
  { containers, initContainers = [] }: PodSpec,
  read: (resources: Container['resources']) => Quantities | undefined,
): ReadonlyMap<string, Quantity> {
  const sum = new Map<string, Quantity>()
  for (const { resources } of containers) addAll(sum, read(resources))
  const sidecars = new Map<string, Quantity>()
  const peak = new Map<string, Quantity>()
  for (const { resources, restartPolicy } of initContainers) {
    const own = read(resources)
    if (restartPolicy === 'Always') {
      addAll(sum, own)
      addAll(sidecars, own)
      takeMost(peak, sidecars)
    } else {
      const now = new Map(sidecars)
      addAll(now, own)
      takeMost(peak, now)
    }
  }
  takeMost(sum, peak)
  return sum
}

function addAll(sum: Map<string, Quantity>, quantities: Quantities | undefined): void {
  for (const [name, text] of Object.entries(quantities ?? {})) {
    const quantity = parseQuantity(text)
    sum.set(name, sum.get(name)?.add(quantity) ?? quantity)
  }
}

function takeMost(most: Map<string, Quantity>, other: ReadonlyMap<string, Quantity>): void {
  for (const [name, quantity] of other) {
    const known = most.get(name)
    if (known === undefined || known.compare(quantity) < 0) most.set(name, quantity)
  }
}

function isCpuOrMemory(name: string): boolean {
  return name === 'cpu' || name === 'memory'
}

function size(quantities: Quantities | undefined): number {
  return Object.keys(quantities ?? {}).length
}

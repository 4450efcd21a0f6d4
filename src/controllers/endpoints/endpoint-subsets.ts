import type {
  EndpointAddress,
  EndpointPort,
  EndpointSubset,
} from '../../kinds/core/v1/endpoints.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import { hasEndpoint, hostnameIn, isIpv6, targetPortOf } from '../endpointslice/service-pods.ts'
import { isPodReady } from '../runtime/pods.ts'

/** More addresses than so many are cut off (EndpointSlices hold them all). */
export const MAX_CAPACITY = 1000

interface Placed {
  readonly address: EndpointAddress
  readonly isReady: boolean
  readonly ports: readonly EndpointPort[]
}

/**
 * The addresses behind a service, those with the same ports together. An address whose ports differ
 * from pod to pod stands in several subsets; everything is in a fixed order.
 */
export function endpointSubsets(service: Service, pods: readonly Pod[]): readonly EndpointSubset[] {
  const byPorts = new Map<string, Placed[]>()
  for (const placed of placedPods(service, pods)) {
    const key = JSON.stringify(placed.ports)
    byPorts.set(key, [...(byPorts.get(key) ?? []), placed])
  }
  return [...byPorts]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => {
      const ready = addressesOf(members, true)
      const notReady = addressesOf(members, false)
      const ports = members[0]?.ports ?? []
      return {
        ...(ready.length > 0 && { addresses: ready }),
        ...(notReady.length > 0 && { notReadyAddresses: notReady }),
        ...(ports.length > 0 && { ports }),
      }
    })
}

function placedPods(service: Service, pods: readonly Pod[]): readonly Placed[] {
  const { ports: servicePorts = [], clusterIP, publishNotReadyAddresses = false } = service.spec
  return pods.flatMap((pod) => {
    const isGoing = pod.metadata.deletionTimestamp !== undefined
    if (!hasEndpoint(pod) || (isGoing && !publishNotReadyAddresses)) return []
    const address = addressOf(service, pod)
    const ports = portsOf(service, pod)
    if (address === undefined) return []
    if (ports.length === 0 && !(servicePorts.length === 0 && clusterIP === 'None')) return []
    return [{ address, ports, isReady: publishNotReadyAddresses || isPodReady(pod) }]
  })
}

function addressOf(service: Service, pod: Pod): EndpointAddress | undefined {
  const wantsIpv6 = isIpv6Service(service, pod)
  const ip = (pod.status.podIPs ?? []).find((one) => isIpv6(one.ip) === wantsIpv6)?.ip
  if (ip === undefined) return undefined
  const { name, namespace, uid } = pod.metadata
  const { nodeName } = pod.spec
  const hostname = hostnameIn(pod, service)
  return {
    ip,
    ...(hostname !== undefined && { hostname }),
    ...(nodeName !== undefined && { nodeName }),
    targetRef: { kind: 'Pod', namespace, name, uid },
  }
}

function isIpv6Service({ spec }: Service, { status }: Pod): boolean {
  const family = spec.ipFamilies?.[0]
  if (family !== undefined) return family === 'IPv6'
  const { clusterIP = '' } = spec
  return isIpv6(clusterIP === '' || clusterIP === 'None' ? (status.podIP ?? '') : clusterIP)
}

function portsOf({ spec }: Service, pod: Pod): readonly EndpointPort[] {
  return (spec.ports ?? [])
    .flatMap((servicePort) => {
      const port = targetPortOf(pod, servicePort)
      if (port === undefined) return []
      const { name, protocol, appProtocol } = servicePort
      return [
        {
          ...(name !== undefined && name !== '' && { name }),
          port,
          protocol,
          ...(appProtocol !== undefined && { appProtocol }),
        },
      ]
    })
    .toSorted((a, b) => a.port - b.port || ((a.name ?? '') < (b.name ?? '') ? -1 : 1))
}

function addressesOf(members: readonly Placed[], isReady: boolean): readonly EndpointAddress[] {
  return members
    .filter((member) => member.isReady === isReady)
    .map(({ address }) => address)
    .toSorted((a, b) => {
      if (a.ip !== b.ip) return a.ip < b.ip ? -1 : 1
      return (a.targetRef?.uid ?? '') < (b.targetRef?.uid ?? '') ? -1 : 1
    })
}

/** Cut down to the capacity: not-ready addresses go first, each subset in proportion. */
export function truncateSubsets(subsets: readonly EndpointSubset[]): readonly EndpointSubset[] {
  const ready = count(subsets, ({ addresses = [] }) => addresses.length)
  const notReady = count(subsets, ({ notReadyAddresses = [] }) => notReadyAddresses.length)
  if (ready + notReady <= MAX_CAPACITY) return subsets
  const cutsReady = ready > MAX_CAPACITY
  const room = cutsReady ? MAX_CAPACITY : MAX_CAPACITY - ready
  const total = cutsReady ? ready : notReady
  let left = room
  return subsets.map((subset) => {
    const { addresses = [], notReadyAddresses = [], ports } = subset
    const list = cutsReady ? addresses : notReadyAddresses
    const kept = list.slice(0, Math.min(left, Math.ceil((list.length / total) * room)))
    left -= kept.length
    const next = cutsReady
      ? { addresses: kept, notReadyAddresses: [] }
      : { addresses, notReadyAddresses: kept }
    return {
      ...(next.addresses.length > 0 && { addresses: next.addresses }),
      ...(next.notReadyAddresses.length > 0 && { notReadyAddresses: next.notReadyAddresses }),
      ...(ports !== undefined && { ports }),
    }
  })
}

function count(subsets: readonly EndpointSubset[], of: (subset: EndpointSubset) => number): number {
  return subsets.reduce((total, subset) => total + of(subset), 0)
}

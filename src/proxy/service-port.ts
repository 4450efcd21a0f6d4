import type { Service } from '../kinds/core/v1/service.ts'
import type { EndpointSlice } from '../kinds/discovery/v1/endpoint-slice.ts'

export type Family = 'ip' | 'ip6'
export type Protocol = 'tcp' | 'udp' | 'sctp'

/** Where the connections of one port of a service go, on this node and for one address family. */
export interface ServicePort {
  /** `namespace/name/protocol/port name`: unique, and part of chain names. */
  readonly name: string
  readonly protocol: Protocol
  readonly port: number
  readonly clusterIP: string | undefined
  /** External IPs and those of load balancers that deliver to the service's own port. */
  readonly externalIPs: readonly string[]
  readonly nodePort: number | undefined
  /** CIDRs that may reach the load balancer's addresses; empty for all. */
  readonly sourceRanges: readonly string[]
  readonly loadBalancerIPs: readonly string[]
  /** Seconds that a client keeps its endpoint; undefined without session affinity. */
  readonly affinitySeconds: number | undefined
  /** For connections to the cluster IP. */
  readonly internal: readonly Endpoint[]
  /** For connections from outside. */
  readonly external: readonly Endpoint[]
  /** Connections from outside keep their source address and stay on this node. */
  readonly isExternalLocal: boolean
  /** Some node has an endpoint, though perhaps not this one. */
  readonly hasAnyEndpoint: boolean
}

export interface Endpoint {
  readonly address: string
  readonly port: number
}

interface Candidate extends Endpoint {
  readonly isLocal: boolean
  readonly isReady: boolean
  /** Answers still, though it is about to end. */
  readonly isServing: boolean
}

/** The ports of a service as one node's proxy must serve them; none for a headless service. */
export function servicePortsOf(
  service: Service,
  slices: readonly EndpointSlice[],
  nodeName: string,
  family: Family,
): ServicePort[] {
  const { metadata, spec } = service
  if (spec.type === 'ExternalName' || spec.clusterIP === 'None') return []
  const isOfFamily = (address: string) => address.includes(':') === (family === 'ip6')
  const clusterIPs = spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP])
  const clusterIP = clusterIPs.find((address) => address !== '' && isOfFamily(address))
  const loadBalancerIPs = (service.status.loadBalancer?.ingress ?? [])
    .filter(({ ip, ipMode }) => ip !== undefined && isOfFamily(ip) && ipMode !== 'Proxy')
    .map(({ ip }) => ip ?? '')
  const isExternalLocal = spec.externalTrafficPolicy === 'Local'
  const isInternalLocal = spec.internalTrafficPolicy === 'Local'
  return (spec.ports ?? []).map((port) => {
    const protocol = (port.protocol ?? 'TCP').toLowerCase() as Protocol
    const candidates = candidatesOf(slices, port.name ?? '', protocol, nodeName, family)
    return {
      name: `${metadata.namespace}/${metadata.name}/${protocol}/${port.name ?? ''}`,
      protocol,
      port: port.port,
      clusterIP,
      externalIPs: (spec.externalIPs ?? []).filter(isOfFamily),
      loadBalancerIPs,
      nodePort: port.nodePort === 0 ? undefined : port.nodePort,
      sourceRanges: (spec.loadBalancerSourceRanges ?? []).filter(isOfFamily),
      affinitySeconds:
        spec.sessionAffinity === 'ClientIP'
          ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800)
          : undefined,
      internal: usable(candidates, isInternalLocal),
      external: usable(candidates, isExternalLocal),
      isExternalLocal,
      hasAnyEndpoint: usable(candidates, false).length > 0,
    }
  })
}

function candidatesOf(
  slices: readonly EndpointSlice[],
  portName: string,
  protocol: Protocol,
  nodeName: string,
  family: Family,
): Candidate[] {
  const byAddress = new Map<string, Candidate>()
  for (const slice of slices) {
    const addressType: string = slice.addressType
    if (addressType !== (family === 'ip6' ? 'IPv6' : 'IPv4')) continue
    const port = (slice.ports ?? []).find(
      (one) => (one.name ?? '') === portName && (one.protocol ?? 'TCP').toLowerCase() === protocol,
    )?.port
    if (port === undefined) continue
    for (const { addresses, conditions, nodeName: where } of slice.endpoints ?? []) {
      const [address] = addresses
      if (address === undefined) continue
      const candidate = {
        address,
        port,
        isLocal: where === nodeName,
        isReady: conditions?.ready !== false,
        isServing: conditions?.serving ?? conditions?.ready !== false,
      }
      // While an endpoint moves between slices it stands in both: the ready one counts.
      const held = byAddress.get(`${address} ${port}`)
      if (held === undefined || candidate.isReady) byAddress.set(`${address} ${port}`, candidate)
    }
  }
  return [...byAddress.values()].toSorted((a, b) => compare(a.address, b.address))
}

/** Ready endpoints; where there is none, those that end but still serve (KEP-1669). */
function usable(candidates: readonly Candidate[], onlyLocal: boolean): Endpoint[] {
  const eligible = onlyLocal ? candidates.filter(({ isLocal }) => isLocal) : candidates
  const ready = eligible.filter(({ isReady }) => isReady)
  const chosen = ready.length > 0 ? ready : eligible.filter(({ isServing }) => isServing)
  return chosen.map(({ address, port }) => ({ address, port }))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

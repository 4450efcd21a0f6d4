import type { Node } from '../../kinds/core/v1/node.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import type { Endpoint, EndpointPort } from '../../kinds/discovery/v1/endpoint-slice.ts'
import { isPodReady } from '../runtime/pods.ts'
import { hasEndpoint, hostnameIn, isIpv6, targetPortOf } from './service-pods.ts'

export type AddressType = 'IPv4' | 'IPv6'

const ZONE = 'topology.kubernetes.io/zone'
const CLOSE: readonly (string | undefined)[] = ['PreferClose', 'PreferSameZone', 'PreferSameNode']

/** The endpoints that share their ports: they go into slices of their own. */
export interface EndpointGroup {
  readonly ports: readonly EndpointPort[]
  readonly endpoints: readonly Endpoint[]
}

export interface DesiredEndpoints {
  readonly groups: ReadonlyMap<string, EndpointGroup>
  /** Pods left out because their node is not known yet, with the node's name. */
  readonly withoutNode: readonly (readonly [pod: string, node: string])[]
}

/** What the slices of one address family of a service should hold. */
export function desiredEndpoints(
  service: Service,
  pods: readonly Pod[],
  nodeOf: (name: string) => Node | undefined,
  addressType: AddressType,
): DesiredEndpoints {
  const groups = new Map<string, { ports: readonly EndpointPort[]; endpoints: Endpoint[] }>()
  const withoutNode: (readonly [string, string])[] = []
  for (const pod of pods.filter(hasEndpoint)) {
    const ports = portsOf(service, pod)
    const key = portsKey(ports)
    let group = groups.get(key)
    if (group === undefined) {
      group = { ports, endpoints: [] }
      groups.set(key, group)
    }
    const nodeName = pod.spec.nodeName ?? ''
    const node = nodeOf(nodeName)
    if (node === undefined && service.spec.publishNotReadyAddresses !== true) {
      withoutNode.push([pod.metadata.name, nodeName])
      continue
    }
    const endpoint = endpointOf(pod, node, service, addressType)
    if (endpoint.addresses.length > 0) group.endpoints.push(endpoint)
  }
  return { groups, withoutNode }
}

/** Equal for equal ports, whatever their order. */
export function portsKey(ports: readonly EndpointPort[]): string {
  return ports
    .map(({ name = '', protocol, port, appProtocol }) =>
      JSON.stringify([name, protocol, port, appProtocol]),
    )
    .toSorted()
    .join()
}

function portsOf({ spec }: Service, pod: Pod): readonly EndpointPort[] {
  return (spec.ports ?? []).flatMap((servicePort) => {
    const port = targetPortOf(pod, servicePort)
    if (port === undefined) return []
    const { name = '', protocol, appProtocol } = servicePort
    return [{ name, protocol, port, ...(appProtocol !== undefined && { appProtocol }) }]
  })
}

function endpointOf(
  pod: Pod,
  node: Node | undefined,
  service: Service,
  addressType: AddressType,
): Endpoint {
  const serving = isPodReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  const { name, namespace, uid } = pod.metadata
  const hostname = hostnameIn(pod, service)
  const nodeName = pod.spec.nodeName || undefined
  const zone = node?.metadata.labels?.[ZONE] || undefined
  const hints = ready ? hintsFor(service, zone, nodeName) : undefined
  return {
    addresses: (pod.status.podIPs ?? [])
      .map(({ ip }) => ip)
      .filter((ip) => isIpv6(ip) === (addressType === 'IPv6')),
    conditions: { ready, serving, terminating },
    ...(hostname !== undefined && { hostname }),
    targetRef: { kind: 'Pod', namespace, name, uid },
    ...(nodeName !== undefined && { nodeName }),
    ...(zone !== undefined && { zone }),
    ...(hints !== undefined && { hints }),
  }
}

/** For whom an endpoint is meant, where the service prefers what is close. */
function hintsFor(
  { metadata, spec }: Service,
  zone: string | undefined,
  nodeName: string | undefined,
): Endpoint['hints'] {
  const { trafficDistribution } = spec
  if (!CLOSE.includes(trafficDistribution) || hasTopologyMode(metadata.annotations))
    return undefined
  const forNode = trafficDistribution === 'PreferSameNode' ? nodeName : undefined
  if (zone === undefined && forNode === undefined) return undefined
  return {
    ...(zone !== undefined && { forZones: [{ name: zone }] }),
    ...(forNode !== undefined && { forNodes: [{ name: forNode }] }),
  }
}

/** The older annotation takes precedence over the field. */
function hasTopologyMode(annotations: Readonly<Record<string, string>> = {}): boolean {
  const mode =
    annotations['service.kubernetes.io/topology-aware-hints'] ??
    annotations['service.kubernetes.io/topology-mode']
  return mode === 'Auto' || mode === 'auto'
}

/** The families that a service has addresses of. */
export function addressTypesOf({ spec }: Service): readonly AddressType[] {
  const families = (spec.ipFamilies ?? []).filter((family) => family !== '')
  if (families.length > 0) return families
  const { clusterIP } = spec
  if (clusterIP === undefined || clusterIP === '' || clusterIP === 'None') return ['IPv4', 'IPv6']
  return [isIpv6(clusterIP) ? 'IPv6' : 'IPv4']
}

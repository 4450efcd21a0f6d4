import type { Service } from '../../kinds/core/v1/service.ts'
import type { ServicePort, ServiceSpec } from '../../kinds/core/v1/service-spec.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'

/** Whether a service of this type has addresses of the cluster, or says that it has none. */
export function needsClusterIp({ type }: ServiceSpec): boolean {
  return type !== 'ExternalName'
}

/** Whether a service of this type is reached at ports of the nodes. */
export function needsNodePort({ type }: ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer'
}

/** Whether its ports are given node ports unasked. */
function keepsNodePorts(spec: ServiceSpec): boolean {
  return needsNodePort(spec) && spec.allocateLoadBalancerNodePorts !== false
}

/** Whether load balancers ask each node for endpoints of its own. */
export function needsHealthCheckPort({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
}

/** Clients of one address set `clusterIP` alone: the list follows it. */
export function withClusterIpsOfNew(spec: ServiceSpec): ServiceSpec {
  const { clusterIP = '', clusterIPs = [] } = spec
  return clusterIP === '' || clusterIPs.length > 0 ? spec : { ...spec, clusterIPs: [clusterIP] }
}

/**
 * A changed spec with what its client has left out or cannot know (upstream's patchAllocatedValues
 * and normalizeClusterIPs).
 */
export function reconcileFields(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  return withClusterIps(withAllocatedValues(spec, old), old)
}

/** Sending the same manifest again keeps the addresses and ports that were given. */
function withAllocatedValues(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  let result = spec
  if (needsClusterIp(old) && needsClusterIp(spec)) {
    const clusterIP = spec.clusterIP || old.clusterIP
    const clusterIPs = (spec.clusterIPs ?? []).length > 0 ? spec.clusterIPs : old.clusterIPs
    result = defined({ ...result, clusterIP, clusterIPs })
  }
  if (keepsNodePorts(old) && keepsNodePorts(spec)) {
    result = defined({ ...result, ports: withOldNodePorts(spec.ports, old.ports ?? []) })
  }
  if (needsHealthCheckPort(old) && needsHealthCheckPort(spec)) {
    const healthCheckNodePort = spec.healthCheckNodePort || old.healthCheckNodePort
    result = defined({ ...result, healthCheckNodePort })
  }
  return result
}

/** Ports are recognized by their names; a node port that another port has taken is not given. */
function withOldNodePorts(
  ports: readonly ServicePort[] | undefined,
  old: readonly ServicePort[],
): readonly ServicePort[] | undefined {
  const before = new Map(old.map(({ name = '', nodePort = 0 }) => [name, nodePort]))
  const kept = new Set(ports?.map(({ nodePort = 0 }) => nodePort))
  return ports?.map((port) => {
    const nodePort = before.get(port.name ?? '') ?? 0
    const isFree = nodePort !== 0 && !kept.has(nodePort)
    return (port.nodePort ?? 0) === 0 && isFree ? { ...port, nodePort } : port
  })
}

function withClusterIps(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const { clusterIP = '', clusterIPs = [] } = spec
  const { clusterIP: oldIp = '', clusterIPs: oldIps = [] } = old
  if (clusterIP === oldIp) {
    const isForgotten = oldIps.length > 0 && clusterIPs.length === 0
    return isForgotten ? { ...spec, clusterIPs: oldIps } : spec
  }
  if (!deepEqual(clusterIPs, oldIps)) return spec
  if (clusterIP === '') return defined({ ...spec, clusterIPs: undefined })
  return { ...spec, clusterIPs: [clusterIP] }
}

/**
 * A name elsewhere has no traffic to direct: upstream stores the field of one but never shows it.
 * A wrong value is left, to be refused.
 */
export function withoutUnusedPolicy(spec: ServiceSpec): ServiceSpec {
  const { internalTrafficPolicy: policy } = spec
  const isUnused = spec.type === 'ExternalName' && (policy === 'Cluster' || policy === 'Local')
  return isUnused ? defined({ ...spec, internalTrafficPolicy: undefined }) : spec
}

/**
 * The node ports that a service holds, the one for health checks too. Numbers that stand in a
 * service of a type without node ports, as they may in one for a name elsewhere, are not held.
 */
export function nodePortsOf(spec: ServiceSpec): number[] {
  if (!needsNodePort(spec)) return []
  const { ports = [], healthCheckNodePort = 0 } = spec
  const numbers = ports.map(({ nodePort = 0 }) => nodePort)
  return [...numbers, healthCheckNodePort].filter((port) => port !== 0)
}

/** The addresses of a service, without those that say that it has none. */
export function addressesOf({ spec }: Service): readonly string[] {
  return (spec.clusterIPs ?? []).filter((address) => address !== '' && address !== 'None')
}

/** Fields that are undefined are left out: an object has one form. */
export function defined<T extends object>(
  value: { readonly [K in keyof T]: T[K] | undefined } | T,
): T {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined)
  return Object.fromEntries(entries) as T
}

/**
 * At which places of `clusterIPs` a service needs an address that it has not got. A service keeps
 * what it has: only one that had none is given addresses, and a second one whoever gets a family
 * more.
 */
export function placesToFill(spec: ServiceSpec, old: ServiceSpec | undefined): readonly number[] {
  if (!needsClusterIp(spec)) return []
  const { clusterIPs = [], ipFamilies = [] } = spec
  if (old === undefined || !needsClusterIp(old)) {
    return clusterIPs[0] === 'None' ? [] : [...ipFamilies.keys()]
  }
  if (old.clusterIPs?.[0] === 'None') return []
  return (old.ipFamilies ?? []).length === 1 && ipFamilies.length === 2 ? [1] : []
}

import type { Service } from '../../kinds/core/v1/service.ts'
import type { ServicePort, ServiceSpec } from '../../kinds/core/v1/service-spec.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'

export function needsClusterIp({ type }: ServiceSpec): boolean {
  return type !== 'ExternalName'
}

export function needsNodePort({ type }: ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer'
}

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
 * and normalizeClusterIPs), and without what its new type has no use for.
 */
export function reconcileFields(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  return withClusterIps(withAllocatedValues(dropUnused(spec, old), old), old)
}

/** Sending the same manifest again keeps the addresses and ports that were given. */
function withAllocatedValues(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  let result = spec
  if (needsClusterIp(old) && needsClusterIp(spec)) {
    const clusterIP = spec.clusterIP || old.clusterIP
    const clusterIPs = (spec.clusterIPs ?? []).length > 0 ? spec.clusterIPs : old.clusterIPs
    result = defined({ ...result, clusterIP, clusterIPs })
  }
  if (needsNodePort(old) && needsNodePort(spec)) {
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

/** Fields of the old type that the client has not touched go with that type. */
function dropUnused(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const dropped: Partial<Record<keyof ServiceSpec, undefined>> = {}
  const drop = (field: keyof ServiceSpec) => {
    if (deepEqual(spec[field], old[field])) dropped[field] = undefined
  }
  if (needsClusterIp(old) && !needsClusterIp(spec)) {
    const isSame = deepEqual(spec.clusterIP, old.clusterIP)
    if (isSame && deepEqual(spec.clusterIPs, old.clusterIPs)) {
      drop('clusterIP')
      drop('clusterIPs')
    }
    drop('ipFamilies')
    drop('ipFamilyPolicy')
  }
  if (needsHealthCheckPort(old) && !needsHealthCheckPort(spec)) drop('healthCheckNodePort')
  if (old.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') {
    drop('allocateLoadBalancerNodePorts')
    drop('loadBalancerClass')
  }
  if (needsNodePort(old) && !needsNodePort(spec)) drop('externalTrafficPolicy')
  const ports = portsWithoutNodePorts(spec, old)
  return defined<ServiceSpec>({ ...spec, ...dropped, ports: ports ?? spec.ports })
}

function portsWithoutNodePorts(
  spec: ServiceSpec,
  old: ServiceSpec,
): readonly ServicePort[] | undefined {
  if (!needsNodePort(old) || needsNodePort(spec)) return undefined
  const before = new Set(nodePortsOf(old))
  if (!nodePortsOf(spec).every((port) => before.has(port))) return undefined
  return spec.ports?.map(({ nodePort: _, ...port }) => port)
}

/** All node ports of a spec, the one for health checks too. */
export function nodePortsOf({ ports = [], healthCheckNodePort = 0 }: ServiceSpec): number[] {
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

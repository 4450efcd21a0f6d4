import { deepEqual } from '../../../machinery/deep-equal.ts'
import type { Service } from './service.ts'

type Spec = Service['spec']

/**
 * A service that changes its type loses what only the old type has, unless the same request sets
 * it anew: so a user may change the type alone.
 */
export function prepareServiceForUpdate(service: Service, old: Service): Service {
  const changed = service.spec
  const before = old.spec
  const dropped = new Set<keyof Spec>()
  const dropIfSame = (isLost: boolean, ...keys: readonly (keyof Spec)[]) => {
    if (!isLost || !keys.every((key) => deepEqual(changed[key], before[key]))) return
    for (const key of keys) dropped.add(key)
  }
  const losesAddress = hasClusterAddress(before) && !hasClusterAddress(changed)
  // Clients that know one address alone leave the list to follow it.
  const followsAddress = (changed.clusterIPs ?? []).length === 0
  dropIfSame(losesAddress, 'clusterIP', ...(followsAddress ? [] : (['clusterIPs'] as const)))
  dropIfSame(losesAddress, 'ipFamilies')
  dropIfSame(losesAddress, 'ipFamilyPolicy')
  dropIfSame(hasHealthCheckPort(before) && !hasHealthCheckPort(changed), 'healthCheckNodePort')
  const losesBalancer = before.type === 'LoadBalancer' && changed.type !== 'LoadBalancer'
  dropIfSame(losesBalancer, 'allocateLoadBalancerNodePorts')
  dropIfSame(losesBalancer, 'loadBalancerClass')
  dropIfSame(isReachable(before) && !isReachable(changed), 'externalTrafficPolicy')

  const losesNodePorts = hasNodePorts(before) && !hasNodePorts(changed)
  const kept = Object.entries(changed).filter(([key]) => !dropped.has(key as keyof Spec))
  const spec = Object.fromEntries(kept) as unknown as Spec
  return {
    ...service,
    spec: losesNodePorts && hasNoNewNodePort(changed, before) ? withoutNodePorts(spec) : spec,
    status:
      changed.type === 'LoadBalancer' ? service.status : { ...service.status, loadBalancer: {} },
  }
}

function hasClusterAddress({ type }: Spec): boolean {
  return type !== 'ExternalName'
}

function hasNodePorts({ type }: Spec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer'
}

function hasHealthCheckPort({ type, externalTrafficPolicy }: Spec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
}

function isReachable(spec: Spec): boolean {
  return hasNodePorts(spec) || (spec.type === 'ClusterIP' && (spec.externalIPs ?? []).length > 0)
}

function hasNoNewNodePort(changed: Spec, before: Spec): boolean {
  const known = new Set((before.ports ?? []).map(({ nodePort }) => nodePort))
  return (changed.ports ?? []).every(({ nodePort = 0 }) => nodePort === 0 || known.has(nodePort))
}

function withoutNodePorts(spec: Spec): Spec {
  if (spec.ports === undefined) return spec
  return { ...spec, ports: spec.ports.map(({ nodePort: _, ...port }) => port) }
}

import { mapShared, withFields } from '../../../machinery/map-shared.ts'
import type { Service } from './service.ts'
import type { ServiceSpec } from './service-spec.ts'

const SESSION_SECONDS = 10_800

/** Defaults that depend on the service's type and on other fields. */
export function setServiceDefaults(service: Service): Service {
  const spec = setSpecDefaults(service.spec)
  return withFields(service, {
    spec,
    ...(spec.type === 'LoadBalancer' && { status: setIpMode(service.status) }),
  })
}

function setSpecDefaults(spec: ServiceSpec): ServiceSpec {
  const { ports, type, externalIPs = [], sessionAffinityConfig, ...rest } = spec
  const isExternal =
    type === 'LoadBalancer' ||
    type === 'NodePort' ||
    (type === 'ClusterIP' && externalIPs.length > 0)
  const sessionConfig =
    spec.sessionAffinity === 'ClientIP'
      ? sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined
        ? { clientIP: { timeoutSeconds: SESSION_SECONDS } }
        : sessionAffinityConfig
      : spec.sessionAffinity === 'None'
        ? undefined
        : sessionAffinityConfig
  const defaulted = withFields(spec, {
    ...(ports && { ports: mapShared(ports, setPortDefaults) }),
    ...(isExternal && { externalTrafficPolicy: rest.externalTrafficPolicy || 'Cluster' }),
    ...(type !== 'ExternalName' && {
      internalTrafficPolicy: rest.internalTrafficPolicy ?? 'Cluster',
    }),
    ...(type === 'LoadBalancer' && {
      allocateLoadBalancerNodePorts: rest.allocateLoadBalancerNodePorts ?? true,
    }),
    ...(sessionConfig !== undefined && { sessionAffinityConfig: sessionConfig }),
  })
  if (sessionConfig !== undefined || sessionAffinityConfig === undefined) return defaulted
  const { sessionAffinityConfig: _, ...without } = defaulted
  return without
}

type Port = NonNullable<ServiceSpec['ports']>[number]

/** The service's port is also the pods', unless another is named. */
function setPortDefaults(port: Port): Port {
  const { targetPort } = port as Partial<Port>
  const isAbsent = targetPort === undefined || targetPort === 0 || targetPort === ''
  return isAbsent ? { ...port, targetPort: port.port } : port
}

function setIpMode(status: Service['status']): Service['status'] {
  const { ingress } = status.loadBalancer
  if (ingress === undefined) return status
  const complete = mapShared(ingress, (one) =>
    one.ip ? withFields(one, { ipMode: one.ipMode ?? 'VIP' }) : one,
  )
  return withFields(status, {
    loadBalancer: withFields(status.loadBalancer, { ingress: complete }),
  })
}

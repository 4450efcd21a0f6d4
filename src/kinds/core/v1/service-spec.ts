import { type Infer, s } from '../../../machinery/schema.ts'

/** For how many seconds an address of a client stays with a pod. */
export const ClientIPConfig = s.struct('core.v1.ClientIPConfig', {
  timeoutSeconds: s.int32().optional().pointer(),
})
export interface ClientIPConfig extends Infer<typeof ClientIPConfig> {}

/** A port of a service, and the port of the pods behind it. */
export const ServicePort = s.struct('core.v1.ServicePort', {
  name: s.string().optional(),
  protocol: s.oneOf('SCTP', 'TCP', 'UDP').publishedDefault('TCP'),
  appProtocol: s.string().optional().pointer(),
  port: s.int32(),
  targetPort: s.intOrString().filled(),
  nodePort: s.int32().optional(),
})
export interface ServicePort extends Infer<typeof ServicePort> {}

/** How long a client stays with a pod. */
export const SessionAffinityConfig = s.struct('core.v1.SessionAffinityConfig', {
  clientIP: ClientIPConfig.optional(),
})
export interface SessionAffinityConfig extends Infer<typeof SessionAffinityConfig> {}

/** Which pods stand behind a service, on which ports and how it is reached. */
export const ServiceSpec = s.struct('core.v1.ServiceSpec', {
  ports: s
    .list(ServicePort, {
      listType: 'map',
      listMapKeys: ['port', 'protocol'],
      patchStrategy: 'merge',
      patchMergeKey: 'port',
    })
    .optional(),
  selector: s.map(s.string(), { mapType: 'atomic' }).optional(),
  clusterIP: s.string().optional(),
  clusterIPs: s.list(s.string(), { listType: 'atomic' }).optional(),
  type: s.oneOf('ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort').default('ClusterIP'),
  externalIPs: s.list(s.string(), { listType: 'atomic' }).optional(),
  sessionAffinity: s.oneOf('ClientIP', 'None').default('None'),
  loadBalancerIP: s.string().optional(),
  loadBalancerSourceRanges: s.list(s.string(), { listType: 'atomic' }).optional(),
  externalName: s.string().optional(),
  externalTrafficPolicy: s.oneOf('Cluster', 'Local').optional(),
  healthCheckNodePort: s.int32().optional(),
  publishNotReadyAddresses: s.bool().optional(),
  sessionAffinityConfig: SessionAffinityConfig.optional(),
  ipFamilies: s.list(s.oneOf('', 'IPv4', 'IPv6'), { listType: 'atomic' }).optional(),
  ipFamilyPolicy: s
    .oneOf('PreferDualStack', 'RequireDualStack', 'SingleStack')
    .optional()
    .pointer(),
  allocateLoadBalancerNodePorts: s.bool().optional().pointer(),
  loadBalancerClass: s.string().optional().pointer(),
  internalTrafficPolicy: s.oneOf('Cluster', 'Local').optional().pointer(),
  trafficDistribution: s.string().optional().pointer(),
})
export interface ServiceSpec extends Infer<typeof ServiceSpec> {}

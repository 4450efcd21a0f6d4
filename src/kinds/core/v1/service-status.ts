import { Condition } from '../../../machinery/meta-condition.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

/** A port of a load balancer, and what is wrong with it. */
export const PortStatus = s.struct('core.v1.PortStatus', {
  port: s.int32(),
  protocol: s.oneOf('SCTP', 'TCP', 'UDP'),
  error: s.string().optional().pointer(),
})
export interface PortStatus extends Infer<typeof PortStatus> {}

/** One address or name of a load balancer. */
export const LoadBalancerIngress = s.struct('core.v1.LoadBalancerIngress', {
  ip: s.string().optional(),
  hostname: s.string().optional(),
  ipMode: s.string().optional().pointer(),
  ports: s.list(PortStatus, { listType: 'atomic' }).optional(),
})
export interface LoadBalancerIngress extends Infer<typeof LoadBalancerIngress> {}

/** Where a load balancer is reached. */
export const LoadBalancerStatus = s.struct('core.v1.LoadBalancerStatus', {
  ingress: s.list(LoadBalancerIngress, { listType: 'atomic' }).optional(),
})
export interface LoadBalancerStatus extends Infer<typeof LoadBalancerStatus> {}

/** The state of a service's load balancer. */
export const ServiceStatus = s.struct('core.v1.ServiceStatus', {
  loadBalancer: LoadBalancerStatus.default({}),
  conditions: s
    .list(Condition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
})
export interface ServiceStatus extends Infer<typeof ServiceStatus> {}

import { type Infer, s } from '../../../machinery/schema.ts'

const fields = {
  kind: s.string().optional(),
  apiVersion: s.string().optional(),
  path: s.string().optional(),
}

/** The query of `pods/proxy`: the path to ask the pod for. */
export const PodProxyOptions = s.struct('core.v1.PodProxyOptions', fields)
export interface PodProxyOptions extends Infer<typeof PodProxyOptions> {}

/** The query of `services/proxy`: the path to ask the service for. */
export const ServiceProxyOptions = s.struct('core.v1.ServiceProxyOptions', fields)
export interface ServiceProxyOptions extends Infer<typeof ServiceProxyOptions> {}

/** The query of `nodes/proxy`: the path to ask the kubelet for. */
export const NodeProxyOptions = s.struct('core.v1.NodeProxyOptions', fields)
export interface NodeProxyOptions extends Infer<typeof NodeProxyOptions> {}

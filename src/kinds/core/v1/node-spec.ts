import { type Infer, s } from '../../../machinery/schema.ts'
import { Taint } from './toleration.ts'

/** A ConfigMap with a kubelet's configuration; no longer used. */
export const ConfigMapNodeConfigSource = s.struct('core.v1.ConfigMapNodeConfigSource', {
  namespace: s.string(),
  name: s.string(),
  uid: s.string().optional(),
  resourceVersion: s.string().optional(),
  kubeletConfigKey: s.string(),
})
export interface ConfigMapNodeConfigSource extends Infer<typeof ConfigMapNodeConfigSource> {}

/** Where a kubelet once took its configuration from; no longer used. */
export const NodeConfigSource = s.struct('core.v1.NodeConfigSource', {
  configMap: ConfigMapNodeConfigSource.optional(),
})
export interface NodeConfigSource extends Infer<typeof NodeConfigSource> {}

/** What the cluster gives to a node: pod addresses, provider, taints. */
export const NodeSpec = s.struct('core.v1.NodeSpec', {
  podCIDR: s.string().optional(),
  podCIDRs: s.list(s.string(), { listType: 'set', patchStrategy: 'merge' }).optional(),
  providerID: s.string().optional(),
  unschedulable: s.bool().optional(),
  taints: s.list(Taint, { listType: 'atomic' }).optional(),
  configSource: NodeConfigSource.optional(),
  externalID: s.string().optional(),
})
export interface NodeSpec extends Infer<typeof NodeSpec> {}

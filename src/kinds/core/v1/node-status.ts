import { type Infer, s } from '../../../machinery/schema.ts'
import { NodeConfigSource } from './node-spec.ts'

export const AttachedVolume = s.struct('core.v1.AttachedVolume', {
  name: s.string(),
  devicePath: s.string(),
})
export interface AttachedVolume extends Infer<typeof AttachedVolume> {}

export const ContainerImage = s.struct('core.v1.ContainerImage', {
  names: s.list(s.string(), { listType: 'atomic' }).optional(),
  sizeBytes: s.int64().optional(),
})
export interface ContainerImage extends Infer<typeof ContainerImage> {}

export const DaemonEndpoint = s.struct('core.v1.DaemonEndpoint', {
  Port: s.int32(),
})
export interface DaemonEndpoint extends Infer<typeof DaemonEndpoint> {}

export const NodeAddress = s.struct('core.v1.NodeAddress', {
  type: s.string(),
  address: s.string(),
})
export interface NodeAddress extends Infer<typeof NodeAddress> {}

export const NodeCondition = s.struct('core.v1.NodeCondition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  lastHeartbeatTime: s.time().optional(),
  lastTransitionTime: s.time().optional(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface NodeCondition extends Infer<typeof NodeCondition> {}

export const NodeConfigStatus = s.struct('core.v1.NodeConfigStatus', {
  assigned: NodeConfigSource.optional(),
  active: NodeConfigSource.optional(),
  lastKnownGood: NodeConfigSource.optional(),
  error: s.string().optional(),
})
export interface NodeConfigStatus extends Infer<typeof NodeConfigStatus> {}

export const NodeDaemonEndpoints = s.struct('core.v1.NodeDaemonEndpoints', {
  kubeletEndpoint: DaemonEndpoint.present(),
})
export interface NodeDaemonEndpoints extends Infer<typeof NodeDaemonEndpoints> {}

export const NodeFeatures = s.struct('core.v1.NodeFeatures', {
  supplementalGroupsPolicy: s.bool().optional(),
})
export interface NodeFeatures extends Infer<typeof NodeFeatures> {}

export const NodeRuntimeHandlerFeatures = s.struct('core.v1.NodeRuntimeHandlerFeatures', {
  recursiveReadOnlyMounts: s.bool().optional(),
  userNamespaces: s.bool().optional(),
})
export interface NodeRuntimeHandlerFeatures extends Infer<typeof NodeRuntimeHandlerFeatures> {}

export const NodeRuntimeHandler = s.struct('core.v1.NodeRuntimeHandler', {
  name: s.string().default(''),
  features: NodeRuntimeHandlerFeatures.optional(),
})
export interface NodeRuntimeHandler extends Infer<typeof NodeRuntimeHandler> {}

export const NodeSwapStatus = s.struct('core.v1.NodeSwapStatus', {
  capacity: s.int64().optional(),
})
export interface NodeSwapStatus extends Infer<typeof NodeSwapStatus> {}

export const NodeSystemInfo = s.struct('core.v1.NodeSystemInfo', {
  machineID: s.string(),
  systemUUID: s.string(),
  bootID: s.string(),
  kernelVersion: s.string(),
  osImage: s.string(),
  containerRuntimeVersion: s.string(),
  kubeletVersion: s.string(),
  kubeProxyVersion: s.string(),
  operatingSystem: s.string(),
  architecture: s.string(),
  swap: NodeSwapStatus.optional(),
})
export interface NodeSystemInfo extends Infer<typeof NodeSystemInfo> {}

export const NodeStatus = s.struct('core.v1.NodeStatus', {
  capacity: s.map(s.quantity()).optional(),
  allocatable: s.map(s.quantity()).optional(),
  phase: s.oneOf('Pending', 'Running', 'Terminated').optional(),
  conditions: s
    .list(NodeCondition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
  addresses: s
    .list(NodeAddress, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
  daemonEndpoints: NodeDaemonEndpoints.default({}),
  nodeInfo: NodeSystemInfo.present(),
  images: s.list(ContainerImage, { listType: 'atomic' }).optional(),
  volumesInUse: s.list(s.string(), { listType: 'atomic' }).optional(),
  volumesAttached: s.list(AttachedVolume, { listType: 'atomic' }).optional(),
  config: NodeConfigStatus.optional(),
  runtimeHandlers: s.list(NodeRuntimeHandler, { listType: 'atomic' }).optional(),
  features: NodeFeatures.optional(),
  declaredFeatures: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface NodeStatus extends Infer<typeof NodeStatus> {}

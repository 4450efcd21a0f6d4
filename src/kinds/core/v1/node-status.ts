import { type Infer, s } from '../../../machinery/schema.ts'
import { NodeConfigSource } from './node-spec.ts'

/** A volume that is attached to the node. */
export const AttachedVolume = s.struct('core.v1.AttachedVolume', {
  name: s.string(),
  devicePath: s.string(),
})
export interface AttachedVolume extends Infer<typeof AttachedVolume> {}

/** An image that the node has, with its names and its size in bytes. */
export const ContainerImage = s.struct('core.v1.ContainerImage', {
  names: s.list(s.string(), { listType: 'atomic' }).optional().nullWhenEmpty(),
  sizeBytes: s.int64().optional(),
})
export interface ContainerImage extends Infer<typeof ContainerImage> {}

/** A port on which a node's daemon listens. */
export const DaemonEndpoint = s.struct('core.v1.DaemonEndpoint', {
  Port: s.int32(),
})
export interface DaemonEndpoint extends Infer<typeof DaemonEndpoint> {}

/** An address or name of a node. */
export const NodeAddress = s.struct('core.v1.NodeAddress', {
  type: s.string(),
  address: s.string(),
})
export interface NodeAddress extends Infer<typeof NodeAddress> {}

/** One aspect of a node's state, such as whether it is ready. */
export const NodeCondition = s.struct('core.v1.NodeCondition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  lastHeartbeatTime: s.time().orNull(),
  lastTransitionTime: s.time().orNull(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface NodeCondition extends Infer<typeof NodeCondition> {}

/** The configuration sources of a kubelet; no longer used. */
export const NodeConfigStatus = s.struct('core.v1.NodeConfigStatus', {
  assigned: NodeConfigSource.optional(),
  active: NodeConfigSource.optional(),
  lastKnownGood: NodeConfigSource.optional(),
  error: s.string().optional(),
})
export interface NodeConfigStatus extends Infer<typeof NodeConfigStatus> {}

/** The ports of a node's daemons. */
export const NodeDaemonEndpoints = s.struct('core.v1.NodeDaemonEndpoints', {
  kubeletEndpoint: DaemonEndpoint.present(),
})
export interface NodeDaemonEndpoints extends Infer<typeof NodeDaemonEndpoints> {}

/** What the container runtime of a node can do. */
export const NodeFeatures = s.struct('core.v1.NodeFeatures', {
  supplementalGroupsPolicy: s.bool().optional().pointer(),
})
export interface NodeFeatures extends Infer<typeof NodeFeatures> {}

/** What a handler of the container runtime can do. */
export const NodeRuntimeHandlerFeatures = s.struct('core.v1.NodeRuntimeHandlerFeatures', {
  recursiveReadOnlyMounts: s.bool().optional().pointer(),
  userNamespaces: s.bool().optional().pointer(),
})
export interface NodeRuntimeHandlerFeatures extends Infer<typeof NodeRuntimeHandlerFeatures> {}

/** A handler of the container runtime, and what it can do. */
export const NodeRuntimeHandler = s.struct('core.v1.NodeRuntimeHandler', {
  name: s.string().publishedDefault(''),
  features: NodeRuntimeHandlerFeatures.optional(),
})
export interface NodeRuntimeHandler extends Infer<typeof NodeRuntimeHandler> {}

/** The swap space of a node. */
export const NodeSwapStatus = s.struct('core.v1.NodeSwapStatus', {
  capacity: s.int64().optional().pointer(),
})
export interface NodeSwapStatus extends Infer<typeof NodeSwapStatus> {}

/** Identifiers and versions of a node's system. */
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

/** What a kubelet reports: addresses, capacity, conditions, images, volumes. */
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

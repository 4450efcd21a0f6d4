import { type Infer, s } from '../../../machinery/schema.ts'
import { ContainerStatus } from './container-status.ts'
import { ResourceRequirements } from './resources.ts'

/** Which request of the claim backs a container's extended resource. */
export const ContainerExtendedResourceRequest = s.struct(
  'core.v1.ContainerExtendedResourceRequest',
  {
    containerName: s.string(),
    resourceName: s.string(),
    requestName: s.string(),
  },
)
export interface ContainerExtendedResourceRequest
  extends Infer<typeof ContainerExtendedResourceRequest> {}

/** An address of the pod's node. */
export const HostIP = s.struct('core.v1.HostIP', {
  ip: s.string(),
})
export interface HostIP extends Infer<typeof HostIP> {}

/** Resources of the node that a claim takes for some containers. */
export const NodeAllocatableResourceClaimStatus = s.struct(
  'core.v1.NodeAllocatableResourceClaimStatus',
  {
    resourceClaimName: s.string(),
    containers: s.list(s.string(), { listType: 'set' }).optional(),
    resources: s.map(s.quantity()),
  },
)
export interface NodeAllocatableResourceClaimStatus
  extends Infer<typeof NodeAllocatableResourceClaimStatus> {}

/** One aspect of a pod's state, such as whether it is ready. */
export const PodCondition = s.struct('core.v1.PodCondition', {
  type: s.string(),
  observedGeneration: s.int64().optional(),
  status: s.known('True', 'False', 'Unknown'),
  lastProbeTime: s.time().orNull(),
  lastTransitionTime: s.time().orNull(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface PodCondition extends Infer<typeof PodCondition> {}

/** The claim that backs extended resources of the pod. */
export const PodExtendedResourceClaimStatus = s.struct('core.v1.PodExtendedResourceClaimStatus', {
  requestMappings: s.list(ContainerExtendedResourceRequest, { listType: 'atomic' }),
  resourceClaimName: s.string(),
})
export interface PodExtendedResourceClaimStatus
  extends Infer<typeof PodExtendedResourceClaimStatus> {}

/** An address of the pod. */
export const PodIP = s.struct('core.v1.PodIP', {
  ip: s.string(),
})
export interface PodIP extends Infer<typeof PodIP> {}

/** The claim that was made for an entry of the pod's resource claims. */
export const PodResourceClaimStatus = s.struct('core.v1.PodResourceClaimStatus', {
  name: s.string(),
  resourceClaimName: s.string().optional().pointer(),
})
export interface PodResourceClaimStatus extends Infer<typeof PodResourceClaimStatus> {}

/** How the pod and its containers are, as the kubelet reports it. */
export const PodStatus = s.struct('core.v1.PodStatus', {
  observedGeneration: s.int64().optional(),
  phase: s.oneOf('Failed', 'Pending', 'Running', 'Succeeded', 'Unknown').filled(),
  conditions: s
    .list(PodCondition, {
      listType: 'map',
      listMapKeys: ['type'],
      patchStrategy: 'merge',
      patchMergeKey: 'type',
    })
    .optional(),
  message: s.string().optional(),
  reason: s.string().optional(),
  nominatedNodeName: s.string().optional(),
  hostIP: s.string().optional(),
  hostIPs: s
    .list(HostIP, { listType: 'atomic', patchStrategy: 'merge', patchMergeKey: 'ip' })
    .optional(),
  podIP: s.string().optional(),
  podIPs: s
    .list(PodIP, {
      listType: 'map',
      listMapKeys: ['ip'],
      patchStrategy: 'merge',
      patchMergeKey: 'ip',
    })
    .optional(),
  startTime: s.time().optional().pointer(),
  initContainerStatuses: s.list(ContainerStatus, { listType: 'atomic' }).optional(),
  containerStatuses: s.list(ContainerStatus, { listType: 'atomic' }).optional(),
  qosClass: s.oneOf('BestEffort', 'Burstable', 'Guaranteed').filled(),
  ephemeralContainerStatuses: s.list(ContainerStatus, { listType: 'atomic' }).optional(),
  resize: s.string().optional(),
  resourceClaimStatuses: s
    .list(PodResourceClaimStatus, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge,retainKeys',
      patchMergeKey: 'name',
    })
    .optional(),
  extendedResourceClaimStatus: PodExtendedResourceClaimStatus.optional(),
  allocatedResources: s.map(s.quantity()).optional(),
  resources: ResourceRequirements.optional(),
  nodeAllocatableResourceClaimStatuses: s
    .list(NodeAllocatableResourceClaimStatus, { listType: 'atomic' })
    .optional(),
})
export interface PodStatus extends Infer<typeof PodStatus> {}

import { type Infer, s } from '../../../machinery/schema.ts'
import { ResourceRequirements } from './resources.ts'
import { STOP_SIGNALS } from './stop-signals.data.ts'

/** Why a container does not run yet. */
export const ContainerStateWaiting = s.struct('core.v1.ContainerStateWaiting', {
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface ContainerStateWaiting extends Infer<typeof ContainerStateWaiting> {}

/** Since when a container runs. */
export const ContainerStateRunning = s.struct('core.v1.ContainerStateRunning', {
  startedAt: s.time().orNull(),
})
export interface ContainerStateRunning extends Infer<typeof ContainerStateRunning> {}

/** How a container ended, and when. */
export const ContainerStateTerminated = s.struct('core.v1.ContainerStateTerminated', {
  exitCode: s.int32(),
  signal: s.int32().optional(),
  reason: s.string().optional(),
  message: s.string().optional(),
  startedAt: s.time().orNull(),
  finishedAt: s.time().orNull(),
  containerID: s.string().optional(),
})
export interface ContainerStateTerminated extends Infer<typeof ContainerStateTerminated> {}

/** Waiting, running or terminated; one of the fields is set. */
export const ContainerState = s.struct('core.v1.ContainerState', {
  waiting: ContainerStateWaiting.optional(),
  running: ContainerStateRunning.optional(),
  terminated: ContainerStateTerminated.optional(),
})
export interface ContainerState extends Infer<typeof ContainerState> {}

/** The image that was mounted. */
export const ImageVolumeStatus = s.struct('core.v1.ImageVolumeStatus', {
  imageRef: s.string().pointer(),
})
export interface ImageVolumeStatus extends Infer<typeof ImageVolumeStatus> {}

/** What is known of a mounted volume, by its type. */
export const VolumeStatus = s.struct('core.v1.VolumeStatus', {
  image: ImageVolumeStatus.optional(),
})
export interface VolumeStatus extends Infer<typeof VolumeStatus> {}

/** How a mount turned out, such as whether it is read-only throughout. */
export const VolumeMountStatus = s.struct('core.v1.VolumeMountStatus', {
  name: s.string(),
  mountPath: s.string(),
  readOnly: s.bool().optional(),
  recursiveReadOnly: s.string().optional().pointer(),
  volumeStatus: VolumeStatus.optional(),
})
export interface VolumeMountStatus extends Infer<typeof VolumeMountStatus> {}

/** User, group and further groups of a process on Linux. */
export const LinuxContainerUser = s.struct('core.v1.LinuxContainerUser', {
  uid: s.int64(),
  gid: s.int64(),
  supplementalGroups: s.list(s.int64(), { listType: 'atomic' }).optional(),
})
export interface LinuxContainerUser extends Infer<typeof LinuxContainerUser> {}

/** As whom a container's first process runs. */
export const ContainerUser = s.struct('core.v1.ContainerUser', {
  linux: LinuxContainerUser.optional(),
})
export interface ContainerUser extends Infer<typeof ContainerUser> {}

/** The health of one device. */
export const ResourceHealth = s.struct('core.v1.ResourceHealth', {
  resourceID: s.string(),
  health: s.string().optional(),
  message: s.string().optional().pointer(),
})
export interface ResourceHealth extends Infer<typeof ResourceHealth> {}

/** The health of the devices of one resource. */
export const ResourceStatus = s.struct('core.v1.ResourceStatus', {
  name: s.string(),
  resources: s.list(ResourceHealth, { listType: 'map', listMapKeys: ['resourceID'] }).optional(),
})
export interface ResourceStatus extends Infer<typeof ResourceStatus> {}

/** How one container is: its state, restarts, image and resources. */
export const ContainerStatus = s.struct('core.v1.ContainerStatus', {
  name: s.string(),
  state: ContainerState.default({}),
  lastState: ContainerState.default({}),
  ready: s.bool(),
  restartCount: s.int32(),
  image: s.string(),
  imageID: s.string(),
  containerID: s.string().optional(),
  started: s.bool().optional().pointer(),
  allocatedResources: s.map(s.quantity()).optional(),
  resources: ResourceRequirements.optional(),
  volumeMounts: s
    .list(VolumeMountStatus, {
      listType: 'map',
      listMapKeys: ['mountPath'],
      patchStrategy: 'merge',
      patchMergeKey: 'mountPath',
    })
    .optional(),
  user: ContainerUser.optional(),
  allocatedResourcesStatus: s
    .list(ResourceStatus, {
      listType: 'map',
      listMapKeys: ['name'],
      patchStrategy: 'merge',
      patchMergeKey: 'name',
    })
    .optional(),
  stopSignal: s
    .oneOf(...STOP_SIGNALS)
    .optional()
    .pointer(),
})
export interface ContainerStatus extends Infer<typeof ContainerStatus> {}

// What goes in and out of each call.
import {
  bool,
  bytes,
  type Decoded,
  exactInt64,
  type Given,
  int32,
  int32s,
  int64,
  many,
  map,
  message,
  one,
  oneOf,
  string,
  strings,
} from '../../base/protobuf/message.ts'
import { container, containerConfig, containerFilter, containerStatus } from './container.ts'
import { cgroupDrivers, containerEventTypes } from './enums.ts'
import { authConfig, filesystemUsage, image, imageFilter, imageSpec } from './image.ts'
import { linuxContainerResources } from './resources.ts'
import { podSandbox, podSandboxConfig, podSandboxFilter, podSandboxStatus } from './sandbox.ts'
import {
  containerStats,
  containerStatsFilter,
  podSandboxStats,
  podSandboxStatsFilter,
} from './stats.ts'

const runtimeCondition = message('RuntimeCondition', {
  type: string(1),
  status: bool(2),
  reason: string(3),
  message: string(4),
})
export interface RuntimeCondition extends Decoded<typeof runtimeCondition> {}

const runtimeStatus = message('RuntimeStatus', {
  conditions: many(1, runtimeCondition),
})
export interface RuntimeStatus extends Decoded<typeof runtimeStatus> {}

const runtimeHandlerFeatures = message('RuntimeHandlerFeatures', {
  recursiveReadOnlyMounts: bool(1),
  userNamespaces: bool(2),
})
export interface RuntimeHandlerFeatures extends Decoded<typeof runtimeHandlerFeatures> {}

export const runtimeHandler = message('RuntimeHandler', {
  name: string(1),
  features: one(2, runtimeHandlerFeatures),
})
export interface RuntimeHandler extends Decoded<typeof runtimeHandler> {}

const runtimeFeatures = message('RuntimeFeatures', {
  supplementalGroupsPolicy: bool(1),
  userNamespacesHostNetwork: bool(2),
})
export interface RuntimeFeatures extends Decoded<typeof runtimeFeatures> {}

export const networkConfig = message('NetworkConfig', {
  podCidr: string(1),
})
export interface NetworkConfig extends Given<typeof networkConfig> {}

export const runtimeConfig = message('RuntimeConfig', {
  networkConfig: one(1, networkConfig),
})
export interface RuntimeConfig extends Given<typeof runtimeConfig> {}

const linuxRuntimeConfiguration = message('LinuxRuntimeConfiguration', {
  cgroupDriver: oneOf(1, cgroupDrivers),
})
export interface LinuxRuntimeConfiguration extends Decoded<typeof linuxRuntimeConfiguration> {}

export const versionRequest = message('VersionRequest', {
  version: string(1),
})

export const versionResponse = message('VersionResponse', {
  version: string(1),
  runtimeName: string(2),
  runtimeVersion: string(3),
  runtimeApiVersion: string(4),
})

export const statusRequest = message('StatusRequest', {
  verbose: bool(1),
})

export const statusResponse = message('StatusResponse', {
  status: one(1, runtimeStatus),
  info: map(2),
  runtimeHandlers: many(3, runtimeHandler),
  features: one(4, runtimeFeatures),
})

export const runtimeConfigRequest = message('RuntimeConfigRequest', {})

export const runtimeConfigResponse = message('RuntimeConfigResponse', {
  linux: one(1, linuxRuntimeConfiguration),
})

export const updateRuntimeConfigRequest = message('UpdateRuntimeConfigRequest', {
  runtimeConfig: one(1, runtimeConfig),
})

export const updateRuntimeConfigResponse = message('UpdateRuntimeConfigResponse', {})

export const runPodSandboxRequest = message('RunPodSandboxRequest', {
  config: one(1, podSandboxConfig),
  runtimeHandler: string(2),
})

export const runPodSandboxResponse = message('RunPodSandboxResponse', {
  podSandboxId: string(1),
})

export const stopPodSandboxRequest = message('StopPodSandboxRequest', {
  podSandboxId: string(1),
})

export const stopPodSandboxResponse = message('StopPodSandboxResponse', {})

export const removePodSandboxRequest = message('RemovePodSandboxRequest', {
  podSandboxId: string(1),
})

export const removePodSandboxResponse = message('RemovePodSandboxResponse', {})

export const podSandboxStatusRequest = message('PodSandboxStatusRequest', {
  podSandboxId: string(1),
  verbose: bool(2),
})

export const podSandboxStatusResponse = message('PodSandboxStatusResponse', {
  status: one(1, podSandboxStatus),
  info: map(2),
  containersStatuses: many(3, containerStatus),
  timestamp: exactInt64(4),
})

export const listPodSandboxRequest = message('ListPodSandboxRequest', {
  filter: one(1, podSandboxFilter),
})

export const listPodSandboxResponse = message('ListPodSandboxResponse', {
  items: many(1, podSandbox),
})

export const podSandboxStatsRequest = message('PodSandboxStatsRequest', {
  podSandboxId: string(1),
})

export const podSandboxStatsResponse = message('PodSandboxStatsResponse', {
  stats: one(1, podSandboxStats),
})

export const listPodSandboxStatsRequest = message('ListPodSandboxStatsRequest', {
  filter: one(1, podSandboxStatsFilter),
})

export const listPodSandboxStatsResponse = message('ListPodSandboxStatsResponse', {
  stats: many(1, podSandboxStats),
})

export const updatePodSandboxResourcesRequest = message('UpdatePodSandboxResourcesRequest', {
  podSandboxId: string(1),
  overhead: one(2, linuxContainerResources),
  resources: one(3, linuxContainerResources),
})

export const updatePodSandboxResourcesResponse = message('UpdatePodSandboxResourcesResponse', {})

export const createContainerRequest = message('CreateContainerRequest', {
  podSandboxId: string(1),
  config: one(2, containerConfig),
  sandboxConfig: one(3, podSandboxConfig),
})

export const createContainerResponse = message('CreateContainerResponse', {
  containerId: string(1),
})

export const startContainerRequest = message('StartContainerRequest', {
  containerId: string(1),
})

export const startContainerResponse = message('StartContainerResponse', {})

export const stopContainerRequest = message('StopContainerRequest', {
  containerId: string(1),
  timeout: int64(2),
})

export const stopContainerResponse = message('StopContainerResponse', {})

export const removeContainerRequest = message('RemoveContainerRequest', {
  containerId: string(1),
})

export const removeContainerResponse = message('RemoveContainerResponse', {})

export const listContainersRequest = message('ListContainersRequest', {
  filter: one(1, containerFilter),
})

export const listContainersResponse = message('ListContainersResponse', {
  containers: many(1, container),
})

export const containerStatusRequest = message('ContainerStatusRequest', {
  containerId: string(1),
  verbose: bool(2),
})

export const containerStatusResponse = message('ContainerStatusResponse', {
  status: one(1, containerStatus),
  info: map(2),
})

export const updateContainerResourcesRequest = message('UpdateContainerResourcesRequest', {
  containerId: string(1),
  linux: one(2, linuxContainerResources),
  annotations: map(4),
})

export const updateContainerResourcesResponse = message('UpdateContainerResourcesResponse', {})

export const reopenContainerLogRequest = message('ReopenContainerLogRequest', {
  containerId: string(1),
})

export const reopenContainerLogResponse = message('ReopenContainerLogResponse', {})

export const execSyncRequest = message('ExecSyncRequest', {
  containerId: string(1),
  cmd: strings(2),
  timeout: int64(3),
})

export const execSyncResponse = message('ExecSyncResponse', {
  stdout: bytes(1),
  stderr: bytes(2),
  exitCode: int32(3),
})

export const execRequest = message('ExecRequest', {
  containerId: string(1),
  cmd: strings(2),
  tty: bool(3),
  stdin: bool(4),
  stdout: bool(5),
  stderr: bool(6),
})

export const execResponse = message('ExecResponse', {
  url: string(1),
})

export const attachRequest = message('AttachRequest', {
  containerId: string(1),
  stdin: bool(2),
  tty: bool(3),
  stdout: bool(4),
  stderr: bool(5),
})

export const attachResponse = message('AttachResponse', {
  url: string(1),
})

export const portForwardRequest = message('PortForwardRequest', {
  podSandboxId: string(1),
  port: int32s(2),
})

export const portForwardResponse = message('PortForwardResponse', {
  url: string(1),
})

export const containerStatsRequest = message('ContainerStatsRequest', {
  containerId: string(1),
})

export const containerStatsResponse = message('ContainerStatsResponse', {
  stats: one(1, containerStats),
})

export const listContainerStatsRequest = message('ListContainerStatsRequest', {
  filter: one(1, containerStatsFilter),
})

export const listContainerStatsResponse = message('ListContainerStatsResponse', {
  stats: many(1, containerStats),
})

export const listImagesRequest = message('ListImagesRequest', {
  filter: one(1, imageFilter),
})

export const listImagesResponse = message('ListImagesResponse', {
  images: many(1, image),
})

export const imageStatusRequest = message('ImageStatusRequest', {
  image: one(1, imageSpec),
  verbose: bool(2),
})

export const imageStatusResponse = message('ImageStatusResponse', {
  image: one(1, image),
  info: map(2),
})

export const pullImageRequest = message('PullImageRequest', {
  image: one(1, imageSpec),
  auth: one(2, authConfig),
  sandboxConfig: one(3, podSandboxConfig),
})

export const pullImageResponse = message('PullImageResponse', {
  imageRef: string(1),
})

export const removeImageRequest = message('RemoveImageRequest', {
  image: one(1, imageSpec),
})

export const removeImageResponse = message('RemoveImageResponse', {})

export const imageFsInfoRequest = message('ImageFsInfoRequest', {})

export const imageFsInfoResponse = message('ImageFsInfoResponse', {
  imageFilesystems: many(1, filesystemUsage),
  containerFilesystems: many(2, filesystemUsage),
})

export const getEventsRequest = message('GetEventsRequest', {})

export const containerEventResponse = message('ContainerEventResponse', {
  containerId: string(1),
  containerEventType: oneOf(2, containerEventTypes),
  createdAt: exactInt64(3),
  podSandboxStatus: one(4, podSandboxStatus),
  containersStatuses: many(5, containerStatus),
})

// Every call of CRI v1 that is made here, by service.

import type { MessageType } from '../../base/protobuf/message.ts'
import * as calls from '../messages/calls.ts'
import type { Method } from './connection.ts'

const onService =
  (service: string) =>
  <Q extends MessageType, A extends MessageType>(
    name: string,
    request: Q,
    answer: A,
  ): Method<Q, A> => ({ path: `/runtime.v1.${service}/${name}`, request, answer })

const runtime = onService('RuntimeService')
const image = onService('ImageService')

export const version = runtime('Version', calls.versionRequest, calls.versionResponse)
export const status = runtime('Status', calls.statusRequest, calls.statusResponse)
export const runtimeConfig = runtime(
  'RuntimeConfig',
  calls.runtimeConfigRequest,
  calls.runtimeConfigResponse,
)
export const updateRuntimeConfig = runtime(
  'UpdateRuntimeConfig',
  calls.updateRuntimeConfigRequest,
  calls.updateRuntimeConfigResponse,
)
export const runPodSandbox = runtime(
  'RunPodSandbox',
  calls.runPodSandboxRequest,
  calls.runPodSandboxResponse,
)
export const stopPodSandbox = runtime(
  'StopPodSandbox',
  calls.stopPodSandboxRequest,
  calls.stopPodSandboxResponse,
)
export const removePodSandbox = runtime(
  'RemovePodSandbox',
  calls.removePodSandboxRequest,
  calls.removePodSandboxResponse,
)
export const podSandboxStatus = runtime(
  'PodSandboxStatus',
  calls.podSandboxStatusRequest,
  calls.podSandboxStatusResponse,
)
export const listPodSandbox = runtime(
  'ListPodSandbox',
  calls.listPodSandboxRequest,
  calls.listPodSandboxResponse,
)
export const podSandboxStats = runtime(
  'PodSandboxStats',
  calls.podSandboxStatsRequest,
  calls.podSandboxStatsResponse,
)
export const listPodSandboxStats = runtime(
  'ListPodSandboxStats',
  calls.listPodSandboxStatsRequest,
  calls.listPodSandboxStatsResponse,
)
export const updatePodSandboxResources = runtime(
  'UpdatePodSandboxResources',
  calls.updatePodSandboxResourcesRequest,
  calls.updatePodSandboxResourcesResponse,
)
export const createContainer = runtime(
  'CreateContainer',
  calls.createContainerRequest,
  calls.createContainerResponse,
)
export const startContainer = runtime(
  'StartContainer',
  calls.startContainerRequest,
  calls.startContainerResponse,
)
export const stopContainer = runtime(
  'StopContainer',
  calls.stopContainerRequest,
  calls.stopContainerResponse,
)
export const removeContainer = runtime(
  'RemoveContainer',
  calls.removeContainerRequest,
  calls.removeContainerResponse,
)
export const listContainers = runtime(
  'ListContainers',
  calls.listContainersRequest,
  calls.listContainersResponse,
)
export const containerStatus = runtime(
  'ContainerStatus',
  calls.containerStatusRequest,
  calls.containerStatusResponse,
)
export const updateContainerResources = runtime(
  'UpdateContainerResources',
  calls.updateContainerResourcesRequest,
  calls.updateContainerResourcesResponse,
)
export const reopenContainerLog = runtime(
  'ReopenContainerLog',
  calls.reopenContainerLogRequest,
  calls.reopenContainerLogResponse,
)
export const execSync = runtime('ExecSync', calls.execSyncRequest, calls.execSyncResponse)
export const exec = runtime('Exec', calls.execRequest, calls.execResponse)
export const attach = runtime('Attach', calls.attachRequest, calls.attachResponse)
export const portForward = runtime(
  'PortForward',
  calls.portForwardRequest,
  calls.portForwardResponse,
)
export const containerStats = runtime(
  'ContainerStats',
  calls.containerStatsRequest,
  calls.containerStatsResponse,
)
export const listContainerStats = runtime(
  'ListContainerStats',
  calls.listContainerStatsRequest,
  calls.listContainerStatsResponse,
)
export const getContainerEvents = runtime(
  'GetContainerEvents',
  calls.getEventsRequest,
  calls.containerEventResponse,
)
export const listImages = image('ListImages', calls.listImagesRequest, calls.listImagesResponse)
export const imageStatus = image('ImageStatus', calls.imageStatusRequest, calls.imageStatusResponse)
export const pullImage = image('PullImage', calls.pullImageRequest, calls.pullImageResponse)
export const removeImage = image('RemoveImage', calls.removeImageRequest, calls.removeImageResponse)
export const imageFsInfo = image('ImageFsInfo', calls.imageFsInfoRequest, calls.imageFsInfoResponse)

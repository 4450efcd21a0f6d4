import type { Decoded } from '../base/protobuf/message.ts'
import type {
  containerStatusResponse,
  execSyncResponse,
  imageFsInfoResponse,
  podSandboxStatusResponse,
  runtimeConfigResponse,
  statusResponse,
  versionResponse,
} from './messages/calls.ts'
import type { Container, ContainerConfig, ContainerFilter } from './messages/container.ts'
import type { ContainerEventType } from './messages/enums.ts'
import type { AuthConfig, Image, ImageSpec } from './messages/image.ts'
import type { LinuxContainerResources } from './messages/resources.ts'
import type { PodSandbox, PodSandboxConfig, PodSandboxFilter } from './messages/sandbox.ts'
import type {
  ContainerStats,
  ContainerStatsFilter,
  PodSandboxStats,
  PodSandboxStatsFilter,
} from './messages/stats.ts'

export interface CallOptions {
  /** Ends the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** Something has happened to a container or a sandbox: look at it again. */
export interface ContainerChange {
  readonly type: ContainerEventType
  /** The container; a sandbox's own id where the sandbox itself changed. */
  readonly containerId: string
  /** Empty where neither a container nor a sandbox of that id is left. */
  readonly podSandboxId: string
  /** Nanoseconds since the epoch. */
  readonly createdAt: bigint
}

/** Events may have been lost, or a watch has just begun: look at everything. */
export interface Relist {
  readonly type: 'RELIST'
}

export type ContainerEvent = ContainerChange | Relist

export interface ExecRequest {
  readonly containerId: string
  readonly cmd: readonly string[]
  readonly tty: boolean
  readonly stdin: boolean
  readonly stdout: boolean
  readonly stderr: boolean
}

export type AttachRequest = Omit<ExecRequest, 'cmd'>

/**
 * What runs containers: CRI v1's calls with deadlines, cancellation and errors that keep their code
 * (RuntimeError). Ids are the runtime's own. Stopping and removing what is gone succeeds; a status
 * of what is gone rejects with NotFound.
 */
export interface ContainerRuntime {
  version(options?: CallOptions): Promise<Decoded<typeof versionResponse>>
  status(verbose?: boolean, options?: CallOptions): Promise<Decoded<typeof statusResponse>>
  /** Undefined where the runtime is too old to say. */
  runtimeConfig(options?: CallOptions): Promise<Decoded<typeof runtimeConfigResponse> | undefined>
  updateRuntimeConfig(podCidr: string, options?: CallOptions): Promise<void>

  /** Makes and starts a sandbox with its network: the id. */
  runPodSandbox(
    config: PodSandboxConfig,
    runtimeHandler?: string,
    options?: CallOptions,
  ): Promise<string>
  stopPodSandbox(id: string, options?: CallOptions): Promise<void>
  removePodSandbox(id: string, options?: CallOptions): Promise<void>
  podSandboxStatus(
    id: string,
    verbose?: boolean,
    options?: CallOptions,
  ): Promise<Decoded<typeof podSandboxStatusResponse>>
  listPodSandboxes(filter?: PodSandboxFilter, options?: CallOptions): Promise<readonly PodSandbox[]>

  createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    sandboxConfig: PodSandboxConfig,
    options?: CallOptions,
  ): Promise<string>
  startContainer(id: string, options?: CallOptions): Promise<void>
  /** Sends the stop signal, and SIGKILL once `timeoutSeconds` have passed; 0 kills at once. */
  stopContainer(id: string, timeoutSeconds: number, options?: CallOptions): Promise<void>
  removeContainer(id: string, options?: CallOptions): Promise<void>
  listContainers(filter?: ContainerFilter, options?: CallOptions): Promise<readonly Container[]>
  containerStatus(
    id: string,
    verbose?: boolean,
    options?: CallOptions,
  ): Promise<Decoded<typeof containerStatusResponse>>
  updateContainerResources(
    id: string,
    resources: LinuxContainerResources,
    options?: CallOptions,
  ): Promise<void>
  /** Makes the runtime write to a new file at the log path: after the old one was renamed. */
  reopenContainerLog(id: string, options?: CallOptions): Promise<void>

  /** Rejects with DeadlineExceeded after `timeoutSeconds`; 0 waits for ever. */
  execSync(
    id: string,
    command: readonly string[],
    timeoutSeconds: number,
    options?: CallOptions,
  ): Promise<Decoded<typeof execSyncResponse>>
  /** The address of a stream, for one use. */
  exec(request: ExecRequest, options?: CallOptions): Promise<string>
  attach(request: AttachRequest, options?: CallOptions): Promise<string>
  portForward(
    podSandboxId: string,
    ports: readonly number[],
    options?: CallOptions,
  ): Promise<string>

  containerStats(id: string, options?: CallOptions): Promise<ContainerStats | undefined>
  listContainerStats(
    filter?: ContainerStatsFilter,
    options?: CallOptions,
  ): Promise<readonly ContainerStats[]>
  podSandboxStats(id: string, options?: CallOptions): Promise<PodSandboxStats | undefined>
  listPodSandboxStats(
    filter?: PodSandboxStatsFilter,
    options?: CallOptions,
  ): Promise<readonly PodSandboxStats[]>

  /**
   * What happens to containers until the signal aborts; never ends otherwise. Begins with a
   * RELIST, and gives another whenever the connection was lost in between. When a change arrives,
   * the runtime's own status shows it already.
   */
  containerEvents(signal: AbortSignal): AsyncIterable<ContainerEvent>

  /** Undefined where the image is not there. */
  imageStatus(image: ImageSpec, options?: CallOptions): Promise<Image | undefined>
  listImages(options?: CallOptions): Promise<readonly Image[]>
  /** The pulled image's id. Takes as long as it takes: end it by the signal. */
  pullImage(
    image: ImageSpec,
    auth?: AuthConfig,
    sandboxConfig?: PodSandboxConfig,
    options?: CallOptions,
  ): Promise<string>
  removeImage(image: ImageSpec, options?: CallOptions): Promise<void>
  imageFsInfo(options?: CallOptions): Promise<Decoded<typeof imageFsInfoResponse>>

  /** Lets go of connections; nothing is stopped, and a later call connects again. */
  close(): void
}

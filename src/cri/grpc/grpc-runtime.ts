import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Decoded, Given, MessageType } from '../../base/protobuf/message.ts'
import type {
  AttachRequest,
  CallOptions,
  ContainerEvent,
  ContainerRuntime,
  ExecRequest,
} from '../container-runtime.ts'
import type { ContainerConfig, ContainerFilter } from '../messages/container.ts'
import type { AuthConfig, Image, ImageSpec } from '../messages/image.ts'
import type { LinuxContainerResources } from '../messages/resources.ts'
import type { PodSandboxConfig, PodSandboxFilter } from '../messages/sandbox.ts'
import type { ContainerStatsFilter, PodSandboxStatsFilter } from '../messages/stats.ts'
import { hasRuntimeCode } from '../runtime-error.ts'
import { GrpcConnection, type Method } from './connection.ts'
import { watchContainers } from './container-events.ts'
import { DEFAULT_DEADLINE_MS, deadlineAfter, SANDBOX_DEADLINE_MS } from './deadlines.ts'
import * as methods from './methods.ts'

export interface GrpcRuntimeOptions {
  /** An absolute path. */
  readonly socketPath: string
  readonly clock: Clock
  readonly logger: Logger
  /** References of images that must never be collected, for runtimes that cannot pin. */
  readonly pinnedImages?: readonly string[]
}

/** A runtime behind a CRI v1 socket: containerd, CRI-O or any other. */
export class GrpcRuntime implements ContainerRuntime {
  readonly #connection: GrpcConnection
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #pinnedImages: readonly string[]

  constructor({ socketPath, clock, logger, pinnedImages = [] }: GrpcRuntimeOptions) {
    this.#connection = new GrpcConnection(socketPath, clock)
    this.#clock = clock
    this.#logger = logger
    this.#pinnedImages = pinnedImages
  }

  // The version field says which kubelet API is spoken; runtimes ignore it.
  version = (options?: CallOptions) => this.#call(methods.version, { version: '0.1.0' }, options)

  status = (verbose = false, options?: CallOptions) =>
    this.#call(methods.status, { verbose }, options)

  async runtimeConfig(options?: CallOptions) {
    try {
      return await this.#call(methods.runtimeConfig, {}, options)
    } catch (error) {
      if (hasRuntimeCode(error, 'Unimplemented')) return undefined
      throw error
    }
  }

  async updateRuntimeConfig(podCidr: string, options?: CallOptions) {
    const runtimeConfig = { networkConfig: { podCidr } }
    await this.#call(methods.updateRuntimeConfig, { runtimeConfig }, options)
  }

  async runPodSandbox(config: PodSandboxConfig, runtimeHandler = '', options?: CallOptions) {
    const request = { config, runtimeHandler }
    const answer = await this.#call(methods.runPodSandbox, request, options, SANDBOX_DEADLINE_MS)
    return answer.podSandboxId
  }

  async stopPodSandbox(podSandboxId: string, options?: CallOptions) {
    await this.#call(methods.stopPodSandbox, { podSandboxId }, options)
  }

  async removePodSandbox(podSandboxId: string, options?: CallOptions) {
    await this.#call(methods.removePodSandbox, { podSandboxId }, options)
  }

  podSandboxStatus = (podSandboxId: string, verbose = false, options?: CallOptions) =>
    this.#call(methods.podSandboxStatus, { podSandboxId, verbose }, options)

  async listPodSandboxes(filter?: PodSandboxFilter, options?: CallOptions) {
    return (await this.#call(methods.listPodSandbox, { filter }, options)).items
  }

  async createContainer(
    podSandboxId: string,
    config: ContainerConfig,
    sandboxConfig: PodSandboxConfig,
    options?: CallOptions,
  ) {
    const request = { podSandboxId, config, sandboxConfig }
    return (await this.#call(methods.createContainer, request, options)).containerId
  }

  async startContainer(containerId: string, options?: CallOptions) {
    await this.#call(methods.startContainer, { containerId }, options)
  }

  async stopContainer(containerId: string, timeoutSeconds: number, options?: CallOptions) {
    const request = { containerId, timeout: timeoutSeconds }
    await this.#call(methods.stopContainer, request, options, deadlineAfter(timeoutSeconds))
  }

  async removeContainer(containerId: string, options?: CallOptions) {
    await this.#call(methods.removeContainer, { containerId }, options)
  }

  async listContainers(filter?: ContainerFilter, options?: CallOptions) {
    return (await this.#call(methods.listContainers, { filter }, options)).containers
  }

  containerStatus = (containerId: string, verbose = false, options?: CallOptions) =>
    this.#call(methods.containerStatus, { containerId, verbose }, options)

  async updateContainerResources(
    containerId: string,
    linux: LinuxContainerResources,
    options?: CallOptions,
  ) {
    await this.#call(methods.updateContainerResources, { containerId, linux }, options)
  }

  async reopenContainerLog(containerId: string, options?: CallOptions) {
    await this.#call(methods.reopenContainerLog, { containerId }, options)
  }

  execSync(
    containerId: string,
    cmd: readonly string[],
    timeoutSeconds: number,
    options?: CallOptions,
  ) {
    const request = { containerId, cmd, timeout: timeoutSeconds }
    const deadlineMs = timeoutSeconds === 0 ? undefined : deadlineAfter(timeoutSeconds)
    return this.#connection.unary(methods.execSync, request, { ...options, deadlineMs })
  }

  async exec(request: ExecRequest, options?: CallOptions) {
    return (await this.#call(methods.exec, request, options)).url
  }

  async attach(request: AttachRequest, options?: CallOptions) {
    return (await this.#call(methods.attach, request, options)).url
  }

  async portForward(podSandboxId: string, port: readonly number[], options?: CallOptions) {
    return (await this.#call(methods.portForward, { podSandboxId, port }, options)).url
  }

  async containerStats(containerId: string, options?: CallOptions) {
    return (await this.#call(methods.containerStats, { containerId }, options)).stats
  }

  async listContainerStats(filter?: ContainerStatsFilter, options?: CallOptions) {
    return (await this.#call(methods.listContainerStats, { filter }, options)).stats
  }

  async podSandboxStats(podSandboxId: string, options?: CallOptions) {
    return (await this.#call(methods.podSandboxStats, { podSandboxId }, options)).stats
  }

  async listPodSandboxStats(filter?: PodSandboxStatsFilter, options?: CallOptions) {
    return (await this.#call(methods.listPodSandboxStats, { filter }, options)).stats
  }

  containerEvents(signal: AbortSignal): AsyncIterable<ContainerEvent> {
    const [clock, logger] = [this.#clock, this.#logger]
    return watchContainers(this.#connection, this, { clock, logger }, signal)
  }

  async imageStatus(image: ImageSpec, options?: CallOptions) {
    const answer = await this.#call(methods.imageStatus, { image }, options)
    return answer.image === undefined ? undefined : this.#pin(answer.image)
  }

  async listImages(options?: CallOptions) {
    const { images } = await this.#call(methods.listImages, {}, options)
    return images.map((image) => this.#pin(image))
  }

  async pullImage(
    image: ImageSpec,
    auth?: AuthConfig,
    sandboxConfig?: PodSandboxConfig,
    options?: CallOptions,
  ) {
    const request = { image, auth, sandboxConfig }
    return (await this.#connection.unary(methods.pullImage, request, { ...options })).imageRef
  }

  async removeImage(image: ImageSpec, options?: CallOptions) {
    await this.#call(methods.removeImage, { image }, options)
  }

  imageFsInfo = (options?: CallOptions) => this.#call(methods.imageFsInfo, {}, options)

  close(): void {
    this.#connection.close()
  }

  #call<Q extends MessageType, A extends MessageType>(
    method: Method<Q, A>,
    request: Given<Q>,
    options: CallOptions | undefined,
    deadlineMs = DEFAULT_DEADLINE_MS,
  ): Promise<Decoded<A>> {
    return this.#connection.unary(method, request, { ...options, deadlineMs })
  }

  #pin(image: Image): Image {
    const isPinned = image.repoTags.some((tag) => this.#pinnedImages.includes(tag))
    return isPinned ? { ...image, pinned: true } : image
  }
}

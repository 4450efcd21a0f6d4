import { formatError, type Logger } from '../../base/logger.ts'
import type { Lister } from '../../client/lister.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import type { ContainerConfig } from '../../cri/messages/container.ts'
import type { PodSandboxConfig } from '../../cri/messages/sandbox.ts'
import { RuntimeError } from '../../cri/runtime-error.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import { buildEnvironment } from '../environment/environment.ts'
import type { PresentImage } from '../images/image-puller.ts'
import type { Container, EphemeralContainer } from '../pod-types.ts'
import { EVENT, WAITING } from '../reasons.ts'
import type { PodFiles } from '../volumes/pod-files.ts'
import { type PodObjects, secretTexts } from '../volumes/pod-objects.ts'
import { containerConfig } from './container-config.ts'
import type { HookRunner } from './hook-runner.ts'
import { type NodeFacts, podAddresses } from './node-facts.ts'
import type { PodEvents } from './pod-events.ts'
import { findContainer, type RuntimePod } from './runtime-pod.ts'
import { verifyRunsAsNonRoot } from './security-context.ts'
import { StartError } from './start-error.ts'

export interface ContainerStarterOptions {
  readonly runtime: ContainerRuntime
  readonly files: PodFiles
  readonly objects: PodObjects
  readonly services: Lister<Service>
  readonly hooks: HookRunner
  readonly events: PodEvents
  readonly logger: Logger
  /** Where localhost seccomp profiles are. */
  readonly seccompRoot: string
  nodeFacts(): NodeFacts
}

/** Where a container starts, and with what. */
export interface StartContext {
  readonly sandboxId: string
  readonly sandboxConfig: PodSandboxConfig
  /** Of the sandbox. */
  readonly ips: readonly string[]
  /** What the runtime had before this sync. */
  readonly runtimePod: RuntimePod
  readonly image: PresentImage
  /** Called as soon as the container runs, before its hook. */
  onStarted(): void
  readonly signal: AbortSignal
}

/** Makes and starts containers. */
export class ContainerStarter {
  readonly #options: ContainerStarterOptions

  constructor(options: ContainerStarterOptions) {
    this.#options = options
  }

  /** Throws a StartError; where its hook failed the container runs and must be killed. */
  async start(pod: Pod, container: Container, context: StartContext): Promise<void> {
    const { runtime, events } = this.#options
    const config = await this.#configure(pod, container, context)
    const { sandboxId, sandboxConfig } = context
    let id = ''
    try {
      id = await runtime.createContainer(sandboxId, config, sandboxConfig)
    } catch (error) {
      throw this.#failed(pod, container, WAITING.createContainer, error)
    }
    events.container(pod, container, 'Normal', EVENT.created, 'Container created')
    try {
      await runtime.startContainer(id)
    } catch (error) {
      throw this.#failed(pod, container, WAITING.runContainer, error, id)
    }
    events.container(pod, container, 'Normal', EVENT.started, 'Container started')
    context.onStarted()
    await this.#runPostStart(pod, container, id, context)
  }

  async #configure(
    pod: Pod,
    container: Container,
    { image, ips, runtimePod }: StartContext,
  ): Promise<ContainerConfig> {
    const { files, seccompRoot } = this.#options
    const facts = this.#options.nodeFacts()
    try {
      verifyRunsAsNonRoot(pod, container, image.user)
      const { podIps } = podAddresses(facts, pod.spec.hostNetwork === true, ips)
      const [environment, startsLogged] = await Promise.all([
        this.#environment(pod, container, facts, ips),
        files.makeLogDirectory(pod, container.name),
      ])
      const mounts = await files.containerMounts(pod, container, { podIps, environment })
      const latest = findContainer(runtimePod, container.name)
      return containerConfig(pod, container, {
        restartCount: latest === undefined ? startsLogged : latest.restartCount + 1,
        imageRef: image.ref,
        imageUser: image.user,
        environment,
        mounts,
        nodeMemoryBytes: facts.memoryBytes,
        seccompRoot,
        targetContainerId: targetId(container, runtimePod),
      })
    } catch (error) {
      throw this.#failed(pod, container, WAITING.createContainerConfig, error)
    }
  }

  #environment(pod: Pod, container: Container, facts: NodeFacts, ips: readonly string[]) {
    const { objects, services } = this.#options
    const { namespace } = pod.metadata
    return buildEnvironment(pod, container, {
      services: services.list(),
      addresses: podAddresses(facts, pod.spec.hostNetwork === true, ips),
      nodeAllocatable: facts.allocatable,
      configMap: async (name) => {
        const configMap = await objects.configMap(namespace, name)
        return configMap === undefined ? undefined : (configMap.data ?? {})
      },
      secret: async (name) => {
        const secret = await objects.secret(namespace, name)
        return secret === undefined ? undefined : secretTexts(secret)
      },
    })
  }

  async #runPostStart(
    pod: Pod,
    container: Container,
    id: string,
    { ips, signal }: StartContext,
  ): Promise<void> {
    const { hooks, events, logger } = this.#options
    const postStart = container.lifecycle?.postStart
    if (postStart === undefined) return
    const { hostIps } = this.#options.nodeFacts()
    const [podIp = hostIps[0] ?? ''] = ips
    try {
      await hooks.run(pod, container, id, postStart, podIp, signal)
    } catch (error) {
      logger.info('postStart hook failed', {
        container: container.name,
        error: formatError(error),
      })
      // Not the error itself: it could tell secrets that only the container should know.
      const message = 'PostStartHook failed'
      events.container(pod, container, 'Warning', EVENT.failedPostStartHook, message, id)
      throw new StartError(WAITING.postStartHook, formatError(error))
    }
  }

  #failed(
    pod: Pod,
    container: Container,
    reason: string,
    error: unknown,
    containerId = '',
  ): StartError {
    const message = error instanceof RuntimeError ? error.details : formatError(error)
    const text = `Error: ${message}`
    this.#options.events.container(pod, container, 'Warning', EVENT.failed, text, containerId)
    return new StartError(reason, message)
  }
}

/** The container whose processes an ephemeral container shall see. */
function targetId(
  container: Container | EphemeralContainer,
  runtimePod: RuntimePod,
): string | undefined {
  const name = 'targetContainerName' in container ? container.targetContainerName : undefined
  if (name === undefined || name === '') return undefined
  const target = findContainer(runtimePod, name)
  if (target === undefined) throw new Error(`unable to find target container ${name}`)
  return target.id
}

import { formatError } from '../../base/logger.ts'
import type { PodSandboxConfig } from '../../cri/messages/sandbox.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { Secret } from '../../kinds/core/v1/secret.ts'
import { podDns } from '../dns/pod-dns.ts'
import type { PresentImage } from '../images/image-puller.ts'
import { type Container, formatPod, initContainersOf } from '../pod-types.ts'
import { EVENT, WAITING } from '../reasons.ts'
import { planPodActions } from '../runtime/plan-pod-actions.ts'
import type { PodActions, ProbeVerdicts } from '../runtime/pod-actions.ts'
import { findContainer, type RuntimePod, sandboxIps } from '../runtime/runtime-pod.ts'
import { sandboxConfig } from '../runtime/sandbox-config.ts'
import { StartError } from '../runtime/start-error.ts'
import type { StartFailure } from '../status/container-status.ts'
import { VolumesError } from '../volumes/pod-files.ts'
import { restartDelay } from './crash-back-off.ts'
import type { PodServices } from './pod-services.ts'
import { runtimeHandler } from './runtime-handler.ts'

/** How long to wait after a failure of which it is not known when it may be over. */
export const RETRY_MS = 10_000

/** One look at a pod that shall run. */
export interface PodWork {
  readonly pod: Pod
  readonly runtimePod: RuntimePod
  readonly probes: ProbeVerdicts
  /** The names of running containers whose new resources take a new start. */
  readonly resized: ReadonlySet<string>
  /** Why containers could not be started; kept up to date here. */
  readonly failures: Map<string, StartFailure>
  readonly signal: AbortSignal
  /** Something can be seen that was not there before. */
  onProgress(): void
}

export interface SyncResult {
  /** The runtime holds something else than before: look again. */
  readonly hasChanged: boolean
  readonly retryAfterMs?: number | undefined
}

interface Prepared {
  readonly sandboxId: string
  readonly sandboxConfig: PodSandboxConfig
  readonly ips: readonly string[]
}

/** Does what separates a pod from what the runtime has of it. */
export class PodSyncer {
  readonly #services: PodServices

  constructor(services: PodServices) {
    this.#services = services
  }

  async sync(work: PodWork): Promise<SyncResult> {
    const { pod, runtimePod, probes, resized } = work
    const { events } = this.#services
    const actions = planPodActions(pod, runtimePod, probes, resized)
    if (actions.createsSandbox && actions.sandboxId !== '') {
      const message = 'Pod sandbox changed, it will be killed and re-created.'
      events.pod(pod, 'Normal', EVENT.sandboxChanged, message)
    }
    const hasKilled = await this.#kill(work, actions)
    const wanted = [
      ...(actions.ephemeralContainersToStart as readonly Container[]),
      ...actions.initContainersToStart,
      ...actions.containersToStart,
    ]
    if (!actions.createsSandbox && wanted.length === 0) return { hasChanged: hasKilled }
    const started = await this.#start(work, actions, wanted)
    return { ...started, hasChanged: started.hasChanged || hasKilled }
  }

  async #kill(work: PodWork, actions: PodActions): Promise<boolean> {
    const { pod, runtimePod, signal } = work
    const { killer, runtime } = this.#services
    if (actions.killsPod) {
      if (runtimePod.sandboxes.length === 0 && runtimePod.containers.length === 0) return false
      await killer.killPod(pod, runtimePod, undefined, signal)
      if (actions.createsSandbox) await this.#removeInitContainers(work)
      return true
    }
    const [podIp = ''] = runtimePod.ips
    for (const { container, message, reason } of actions.containersToKill) {
      await killer.killContainer(pod, container, { message, reason, podIp, signal })
      if (container.state === 'unknown') await runtime.removeContainer(container.id)
    }
    return actions.containersToKill.length > 0
  }

  /** In a new sandbox they all run again: what they did before must not count. */
  async #removeInitContainers({ pod, runtimePod }: PodWork): Promise<void> {
    const names = new Set(initContainersOf(pod).map(({ name }) => name))
    const old = runtimePod.containers.filter(({ name }) => names.has(name))
    await Promise.all(old.map(({ id }) => this.#services.runtime.removeContainer(id)))
  }

  async #start(
    work: PodWork,
    actions: PodActions,
    wanted: readonly Container[],
  ): Promise<SyncResult> {
    const { pod, runtimePod, failures } = work
    const { crashBackOff, events } = this.#services
    const config = this.#sandboxConfig(pod, actions.attempt)
    const retries: number[] = []
    const ready = wanted.filter((container) => {
      const delay = restartDelay(pod, container, runtimePod, crashBackOff)
      if (delay === undefined) return true
      const what = `${container.name} in pod ${formatPod(pod)}`
      const message = `Back-off restarting failed container ${what}`
      events.container(pod, container, 'Warning', EVENT.backOff, message)
      failures.set(container.name, { reason: WAITING.crashLoopBackOff, message: delay.message })
      retries.push(delay.retryAfterMs)
      return false
    })
    if (ready.length === 0 && !actions.createsSandbox) {
      return { hasChanged: false, retryAfterMs: Math.min(...retries) }
    }
    const images = this.#ensureImages(work, ready, config)
    const prepared = await this.#prepare(work, actions, config, images)
    const isInit = new Set(initContainersOf(pod))
    let hasStarted = false
    for (const container of ready) {
      const error = await this.#startOne(work, container, prepared, images)
      if (error === undefined) hasStarted = true
      else retries.push(error.retryAfterMs ?? RETRY_MS)
      // Whatever comes after an init container waits for it.
      const isSidecar = container.restartPolicy === 'Always'
      if (error !== undefined && isInit.has(container) && !isSidecar) break
    }
    const hasChanged = hasStarted || actions.createsSandbox
    const retryAfterMs = retries.length === 0 ? undefined : Math.min(...retries)
    return { hasChanged, retryAfterMs }
  }

  #sandboxConfig(pod: Pod, attempt: number): PodSandboxConfig {
    const { clusterDns, logRoot, events } = this.#services
    const { settings, warnings } = podDns(pod, clusterDns, this.#services.hostResolver())
    for (const { reason, message } of warnings) events.pod(pod, 'Warning', reason, message)
    const { domain: clusterDomain } = clusterDns
    return sandboxConfig(pod, attempt, { logRoot, clusterDomain, dns: settings, cgroupParent: '' })
  }

  /** Pulls begin while the sandbox is made. Each outcome is awaited by whom it concerns. */
  #ensureImages(
    { pod, signal }: PodWork,
    containers: readonly Container[],
    config: PodSandboxConfig,
  ): ReadonlyMap<string, Promise<PresentImage | StartError>> {
    const { images } = this.#services
    const secrets = this.#pullSecrets(pod)
    const ensure = async (container: Container): Promise<PresentImage | StartError> => {
      try {
        const context = { sandboxConfig: config, pullSecrets: await secrets, signal }
        return await images.ensure(pod, container, context)
      } catch (error) {
        if (error instanceof StartError) return error
        return new StartError(WAITING.imagePull, formatError(error))
      }
    }
    return new Map(containers.map((container) => [container.name, ensure(container)]))
  }

  async #pullSecrets(pod: Pod): Promise<readonly Secret[]> {
    const { objects, events } = this.#services
    const found: Secret[] = []
    const missing: string[] = []
    for (const { name = '' } of pod.spec.imagePullSecrets ?? []) {
      if (name === '') continue
      const secret = await objects.secret(pod.metadata.namespace, name)
      if (secret === undefined) missing.push(name)
      else found.push(secret)
    }
    if (missing.length > 0) {
      const message =
        `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull ` +
        'the image may not succeed.'
      events.pod(pod, 'Warning', EVENT.pullSecretsMissing, message)
    }
    return found
  }

  /** Volumes and the sandbox, at the same time. */
  async #prepare(
    work: PodWork,
    actions: PodActions,
    config: PodSandboxConfig,
    images: ReadonlyMap<string, Promise<unknown>>,
  ): Promise<Prepared> {
    const { pod, runtimePod } = work
    const { files } = this.#services
    const sandbox = actions.createsSandbox
      ? this.#createSandbox(work, config, images)
      : Promise.resolve({ sandboxId: actions.sandboxId, ips: runtimePod.ips })
    const [made, volumes] = await Promise.allSettled([sandbox, files.setUp(pod)])
    if (made.status === 'rejected') throw made.reason
    if (volumes.status === 'rejected') {
      this.#reportVolumes(pod, volumes.reason)
      throw volumes.reason
    }
    return { ...made.value, sandboxConfig: config }
  }

  async #createSandbox(
    { pod, onProgress }: PodWork,
    config: PodSandboxConfig,
    images: ReadonlyMap<string, Promise<unknown>>,
  ): Promise<{ readonly sandboxId: string; readonly ips: readonly string[] }> {
    const { runtime, events, client } = this.#services
    let arePresent = false
    void Promise.all(images.values()).then(() => {
      arePresent = true
    })
    try {
      const handler = await runtimeHandler(client, pod.spec.runtimeClassName)
      const sandboxId = await runtime.runPodSandbox(config, handler)
      const { status } = await runtime.podSandboxStatus(sandboxId)
      // A pull takes long: meanwhile the pod's address can be seen already.
      if (!arePresent) onProgress()
      return { sandboxId, ips: sandboxIps(status) }
    } catch (error) {
      const message = `Failed to create pod sandbox: ${formatError(error)}`
      events.pod(pod, 'Warning', EVENT.failedCreatePodSandbox, message)
      throw error
    }
  }

  #reportVolumes(pod: Pod, error: unknown): void {
    const { events } = this.#services
    const failures = error instanceof VolumesError ? error.failures : []
    for (const { volume, message } of failures) {
      const text = `MountVolume.SetUp failed for volume "${volume}" : ${message}`
      events.pod(pod, 'Warning', EVENT.failedMount, text)
    }
  }

  async #startOne(
    work: PodWork,
    container: Container,
    prepared: Prepared,
    images: ReadonlyMap<string, Promise<PresentImage | StartError>>,
  ): Promise<StartError | undefined> {
    const { pod, runtimePod, failures, signal, onProgress } = work
    const { starter, events, killer, reader, images: puller } = this.#services
    const { name } = container
    const image = await images.get(name)
    if (image === undefined || image instanceof StartError) {
      const { reason, message } = image ?? new StartError(WAITING.imagePull, 'no image')
      failures.set(name, { reason, message })
      if (!signal.aborted) {
        events.container(pod, container, 'Warning', EVENT.failed, `Error: ${reason}`)
      }
      return image
    }
    puller.announce(pod, container, image)
    try {
      await starter.start(pod, container, {
        ...prepared,
        runtimePod,
        image,
        signal,
        onStarted: () => {
          failures.delete(name)
          onProgress()
        },
      })
      return undefined
    } catch (error) {
      if (!(error instanceof StartError)) throw error
      failures.set(name, { reason: error.reason, message: error.message })
      if (error.reason === WAITING.postStartHook) {
        const running = findContainer(await reader.read(runtimePod, runtimePod), name)
        const [podIp = ''] = prepared.ips
        const kill = {
          message: 'FailedPostStartHook',
          reason: 'postStartHook',
          podIp,
          signal,
        } as const
        if (running !== undefined) await killer.killContainer(pod, running, kill)
      }
      return error
    }
  }
}

import { type Clock, deadline } from '../../base/clock.ts'
import { childAbort } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import {
  allContainersOf,
  type Container,
  initContainersOf,
  isRestartableInit,
} from '../pod-types.ts'
import { EVENT } from '../reasons.ts'
import { containerGraceSeconds, SHORTEST_GRACE_SECONDS } from './grace-period.ts'
import type { HookRunner } from './hook-runner.ts'
import { readContainerAnnotations } from './labels.ts'
import type { KillReason } from './pod-actions.ts'
import type { PodEvents } from './pod-events.ts'
import { type RuntimeContainer, type RuntimePod, runningContainers } from './runtime-pod.ts'
import { TerminationOrder } from './termination-order.ts'

export interface PodKillerOptions {
  readonly runtime: ContainerRuntime
  readonly clock: Clock
  readonly logger: Logger
  readonly hooks: HookRunner
  readonly events: PodEvents
}

const TOO_LATE = 'PreStop hook not completed in grace period'

interface Kill {
  readonly message?: string
  readonly reason: KillReason
  readonly graceSeconds?: number | undefined
  readonly order?: TerminationOrder | undefined
  readonly podIp: string
  readonly signal: AbortSignal
}

/** Ends containers and pods with all that belongs to it: hooks, grace, order. */
export class PodKiller {
  readonly #options: PodKillerOptions
  /** Containers whose preStop hook has begun: it runs once, however often they are told to end. */
  readonly #hooked = new Set<string>()

  constructor(options: PodKillerOptions) {
    this.#options = options
  }

  /**
   * Stops all running containers and then the sandboxes. `pod` is undefined where nobody knows it
   * any more: what is needed stands in the containers' annotations.
   */
  async killPod(
    pod: Pod | undefined,
    runtimePod: RuntimePod,
    graceSeconds: number | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, runtime } = this.#options
    const running = runningContainers(runtimePod)
    const hasSidecars = pod !== undefined && initContainersOf(pod).some(isRestartableInit)
    const names = running.map(({ name }) => name)
    const order = hasSidecars ? new TerminationOrder(clock, pod, names) : undefined
    const [podIp = ''] = runtimePod.ips
    const kill = { reason: 'other', graceSeconds, order, podIp, signal } as const
    const results = await Promise.allSettled(
      running.map((container) => this.killContainer(pod, container, kill)),
    )
    signal.throwIfAborted()
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
    await Promise.all(runtimePod.sandboxes.map(({ id }) => runtime.stopPodSandbox(id)))
  }

  async killContainer(
    pod: Pod | undefined,
    container: RuntimeContainer,
    kill: Kill,
  ): Promise<void> {
    const { runtime, clock, logger, events } = this.#options
    const spec = pod === undefined ? undefined : specOf(pod, container.name)
    const annotated = readContainerAnnotations(container.status.annotations)
    const allowed =
      pod === undefined
        ? (annotated.gracePeriodSeconds ?? SHORTEST_GRACE_SECONDS)
        : containerGraceSeconds(pod, spec, kill.reason)
    let graceMs = (kill.graceSeconds ?? allowed) * 1000
    if (pod !== undefined) {
      const message = kill.message ?? `Stopping container ${container.name}`
      events.container(pod, container, 'Normal', EVENT.killing, message, container.id)
    }
    const startedMs = clock.monotonic()
    const leftMs = () => graceMs - Math.floor((clock.monotonic() - startedMs) / 1000) * 1000
    if (graceMs > 0) await this.#runPreStop(pod, spec, container, graceMs, kill)
    if (kill.order !== undefined) {
      await kill.order.waitForTurn(container.name, leftMs(), kill.signal)
    }
    kill.signal.throwIfAborted()
    graceMs = leftMs()
    const seconds = Math.max(SHORTEST_GRACE_SECONDS, Math.floor(graceMs / 1000))
    logger.debug('stopping container', { container: container.name, graceSeconds: seconds })
    await runtime.stopContainer(container.id, seconds, { signal: kill.signal })
    this.#hooked.delete(container.id)
    kill.order?.ended(container.name)
  }

  async #runPreStop(
    pod: Pod | undefined,
    spec: Container | undefined,
    container: RuntimeContainer,
    graceMs: number,
    { podIp, signal }: Kill,
  ): Promise<void> {
    const { clock, hooks, events, logger } = this.#options
    const preStop = spec?.lifecycle?.preStop
    if (pod === undefined || spec === undefined || preStop === undefined) return
    if (this.#hooked.has(container.id)) return
    this.#hooked.add(container.id)
    const stop = childAbort(signal)
    try {
      const hook = hooks.run(pod, spec, container.id, preStop, podIp, stop.signal)
      await deadline(clock, graceMs, TOO_LATE, hook)
    } catch (error) {
      if (signal.aborted) return
      logger.info('preStop hook failed', { container: spec.name, error: formatError(error) })
      if (error instanceof Error && error.message === TOO_LATE) return
      // Not the error itself: it could tell secrets that only the container should know.
      const message = 'PreStopHook failed'
      events.container(pod, spec, 'Warning', EVENT.failedPreStopHook, message, container.id)
    } finally {
      stop.abort()
      stop[Symbol.dispose]()
    }
  }
}

function specOf(pod: Pod, containerName: string): Container | undefined {
  const spec = allContainersOf(pod).find(({ name }) => name === containerName)
  return spec as Container | undefined
}

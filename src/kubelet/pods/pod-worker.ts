import { formatTime } from '../../base/clock.ts'
import { childAbort } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { isTerminalPhase, type PodStatus } from '../pod-types.ts'
import { PodProbes } from '../probes/pod-probes.ts'
import { EVENT } from '../reasons.ts'
import { PodResize, type ResizeProblem } from '../resize/pod-resize.ts'
import { podGraceSeconds, SHORTEST_POD_GRACE_SECONDS } from '../runtime/grace-period.ts'
import { emptyRuntimePod, type RuntimePod, runningContainers } from '../runtime/runtime-pod.ts'
import type { PodIdentity } from '../runtime/runtime-reader.ts'
import type { StartFailure } from '../status/container-status.ts'
import { podStatus } from '../status/pod-status.ts'
import { terminatedStatus } from '../status/terminated-status.ts'
import { deadlineExceeded, type PodFailure } from './active-deadline.ts'
import { removeAll, removeDeadParts } from './clean-up.ts'
import type { PodServices } from './pod-services.ts'
import { PodSyncer, RETRY_MS } from './pod-syncer.ts'
import { VolumeRefresh } from './volume-refresh.ts'

const NETWORK_RETRY_MS = 1000
/** A failed step is tried again after this, then twice as long, up to RETRY_MS. */
const FIRST_RETRY_MS = 500

/**
 * `running`: the pod shall run. `ending`: its containers are being stopped. `ended`: nothing of it
 * runs and its end has been told. `gone`: it is not in the API and nothing of it is left.
 */
export type WorkerState = 'running' | 'ending' | 'ended' | 'gone'

/**
 * Takes one pod from its start to its end, one step at a time. Everything that happens to the pod
 * only wakes it; what it does follows from what is there.
 */
export class PodWorker {
  readonly identity: PodIdentity
  readonly #services: PodServices
  readonly #syncer: PodSyncer
  readonly #logger: Logger
  readonly #signal: AbortSignal
  readonly #onGone: () => void
  readonly #newResize: (pod: Pod) => PodResize
  readonly #failures = new Map<string, StartFailure>()
  #state: WorkerState = 'running'
  /** With the resources that the node has granted. */
  #pod: Pod | undefined
  #resize: PodResize | undefined
  #isInApi: boolean
  #probes: PodProbes | undefined
  #runtimePod: RuntimePod
  #isStale: boolean
  readonly #volumes: VolumeRefresh
  #graceSeconds: number | undefined
  #failure: PodFailure | undefined
  /** Ends what the present state has begun, when another one is wanted. */
  #attempt: AbortController & Disposable
  #failedSteps = 0
  #isDirty = false
  #isWorking = false
  #timer: Disposable | undefined
  #publishing: Promise<void> = Promise.resolve()
  readonly #idle: (() => void)[] = []

  /** `pod` is undefined for what the runtime has of a pod that the API does not know. */
  constructor(
    identity: PodIdentity,
    pod: Pod | undefined,
    services: PodServices,
    options: {
      readonly signal: AbortSignal
      /** The runtime may have something of it already. */
      readonly isKnown: boolean
      /** Why the node does not take it. */
      readonly failure?: PodFailure | undefined
      /** Why the node cannot give it the resources that it asks for now. */
      readonly resizeProblem: (pod: Pod) => ResizeProblem | undefined
      readonly onGone: () => void
    },
  ) {
    this.identity = identity
    this.#newResize = (first) => new PodResize(first, services, options.resizeProblem)
    this.#resize = pod === undefined ? undefined : this.#newResize(pod)
    this.#pod = this.#resize?.pod
    this.#isInApi = pod !== undefined
    this.#services = services
    this.#syncer = new PodSyncer(services)
    this.#volumes = new VolumeRefresh(services)
    this.#logger = services.logger.with({ pod: `${identity.namespace}/${identity.name}` })
    this.#signal = options.signal
    this.#onGone = options.onGone
    this.#runtimePod = emptyRuntimePod(identity.uid, identity.namespace, identity.name)
    this.#isStale = options.isKnown
    this.#failure = options.failure
    this.#attempt = childAbort(options.signal)
    if (pod !== undefined) services.objects.register(pod)
  }

  get state(): WorkerState {
    return this.#state
  }

  get pod(): Pod | undefined {
    return this.#pod
  }

  /** The kubelet itself has failed it. */
  get hasFailed(): boolean {
    return this.#failure !== undefined
  }

  get runtimePod(): RuntimePod {
    return this.#runtimePod
  }

  /** The newest status, whether it has been written or not. */
  get status(): PodStatus | undefined {
    return this.#pod === undefined ? undefined : this.#previousStatus(this.#pod)
  }

  /** The pod as it now stands in the API. */
  update(pod: Pod): void {
    const before = this.#pod
    this.#resize ??= this.#newResize(pod)
    this.#resize.want(pod)
    this.#pod = this.#resize.pod
    this.#services.objects.register(pod)
    const hasNewLabels =
      before?.metadata.labels !== pod.metadata.labels ||
      before?.metadata.annotations !== pod.metadata.annotations
    if (hasNewLabels) this.#volumes.request()
    if (pod.metadata.deletionTimestamp !== undefined) this.#interrupt(before)
    this.wake()
  }

  /** The pod is not in the API any more. */
  removed(): void {
    this.#isInApi = false
    if (this.#state === 'running') this.#attempt.abort()
    this.wake()
  }

  /** The runtime has something new of it. */
  runtimeChanged(): void {
    this.#isStale = true
    this.wake()
  }

  /** Ends it at once, for it harms the node. */
  evict(failure: PodFailure): void {
    if (this.#state !== 'running' || this.#pod === undefined) return
    this.#services.events.pod(this.#pod, 'Warning', failure.reason, failure.message)
    this.#failure ??= failure
    this.#graceSeconds = SHORTEST_POD_GRACE_SECONDS
    this.#attempt.abort()
    this.wake()
  }

  /** An object that the pod refers to has changed. */
  objectsChanged(): void {
    this.#volumes.request()
    this.wake()
  }

  wake(): void {
    this.#isDirty = true
    if (this.#isWorking || this.#signal.aborted || this.#state === 'gone') return
    this.#isWorking = true
    void this.#work()
  }

  /** Resolves when nothing is under way. The kubelet's signal must have aborted. */
  async stopped(): Promise<void> {
    this.#timer?.[Symbol.dispose]()
    this.#probes?.[Symbol.dispose]()
    if (this.#isWorking) await new Promise<void>((resolve) => this.#idle.push(resolve))
    await this.#publishing
    this.#attempt[Symbol.dispose]()
  }

  /** A deletion, or one with less grace than before, ends what is being waited for. */
  #interrupt(before: Pod | undefined): void {
    const wasEnding = before?.metadata.deletionTimestamp !== undefined
    const isSooner =
      this.#pod !== undefined &&
      podGraceSeconds(this.#pod, this.#graceSeconds) < (this.#graceSeconds ?? 0)
    if ((this.#state === 'running' && !wasEnding) || (this.#state === 'ending' && isSooner)) {
      this.#attempt.abort()
    }
  }

  async #work(): Promise<void> {
    while (this.#isDirty && !this.#signal.aborted && this.#state !== 'gone') {
      this.#isDirty = false
      this.#timer?.[Symbol.dispose]()
      this.#timer = undefined
      if (this.#attempt.signal.aborted) {
        this.#attempt[Symbol.dispose]()
        this.#attempt = childAbort(this.#signal)
      }
      try {
        const delayMs = await this.#step()
        this.#failedSteps = 0
        if (delayMs !== undefined) this.#wakeAfter(delayMs)
      } catch (error) {
        this.#isStale = true
        if (this.#attempt.signal.aborted) this.#isDirty = true
        else {
          this.#logger.info('syncing pod failed', { error: formatError(error) })
          this.#wakeAfter(Math.min(FIRST_RETRY_MS * 2 ** this.#failedSteps++, RETRY_MS))
        }
      }
    }
    this.#isWorking = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  #wakeAfter(delayMs: number): void {
    if (this.#isDirty || this.#signal.aborted) return
    this.#timer = this.#services.clock.after(Math.max(0, delayMs), () => this.wake())
  }

  /** How long until there is something to do without being told. */
  async #step(): Promise<number | undefined> {
    if (this.#isStale) {
      this.#isStale = false
      await this.#publishing // Its older view must not come after ours.
      this.#runtimePod = await this.#services.reader.read(this.identity, this.#runtimePod)
    }
    switch (this.#state) {
      case 'running':
        return this.#run()
      case 'ending':
        return this.#end()
      case 'ended':
        return this.#finish()
      case 'gone':
        return undefined
    }
  }

  async #run(): Promise<number | undefined> {
    await this.#advanceResize()
    const pod = this.#pod
    if (pod === undefined || !this.#isInApi || pod.metadata.deletionTimestamp !== undefined) {
      return this.#enter('ending')
    }
    const { clock, events, networkProblem } = this.#services
    const deadline = deadlineExceeded(pod, this.#previousStatus(pod), clock.now())
    this.#failure ??= deadline.failure
    const status = this.#publish(pod, false)
    if (isTerminalPhase(status.phase)) return this.#enter('ending')
    const problem = pod.spec.hostNetwork === true ? undefined : networkProblem()
    if (problem !== undefined) {
      events.pod(pod, 'Warning', EVENT.networkNotReady, `network is not ready: ${problem}`)
      return NETWORK_RETRY_MS
    }
    const probes = this.#podProbes(pod)
    probes.start(pod)
    const { signal } = this.#attempt
    const result = await this.#syncer.sync({
      pod,
      runtimePod: this.#runtimePod,
      probes: probes.results,
      resized: this.#resize?.restarts ?? new Set(),
      failures: this.#failures,
      signal,
      onProgress: () => this.#publishSoon(),
    })
    if (result.hasChanged) this.runtimeChanged()
    else this.#publish(this.#pod ?? pod, false)
    if (!result.hasChanged && this.#runtimePod.containers.length > 0) {
      await this.#volumes.run(this.#pod ?? pod)
      if (await removeDeadParts(this.#services, this.#runtimePod)) this.#isStale = true
    }
    return shortest(result.retryAfterMs, deadline.remainingMs, this.#volumes.delayMs)
  }

  async #advanceResize(): Promise<void> {
    if ((await this.#resize?.advance(this.#runtimePod)) !== true) return
    this.#pod = this.#resize?.pod
    this.#volumes.request()
  }

  async #end(): Promise<number | undefined> {
    const pod = this.#pod
    const { killer, events } = this.#services
    if (pod !== undefined) {
      this.#graceSeconds = podGraceSeconds(pod, this.#graceSeconds)
      this.#publish(pod, false)
    }
    const { signal } = this.#attempt
    try {
      await killer.killPod(pod, this.#runtimePod, this.#graceSeconds, signal)
    } catch (error) {
      if (signal.aborted || pod === undefined) throw error
      const message = `error killing pod: ${formatError(error)}`
      events.pod(pod, 'Warning', EVENT.failedKillPod, message)
      throw error
    }
    this.#runtimePod = await this.#services.reader.read(this.identity, this.#runtimePod)
    const running = runningContainers(this.#runtimePod)
    if (running.length > 0) {
      throw new Error(`still running: ${running.map(({ name }) => name).join(', ')}`)
    }
    this.#probes?.[Symbol.dispose]()
    if (pod !== undefined) this.#publish(pod, true)
    return this.#enter('ended')
  }

  /** Nothing runs: the files go, the end is told, and once the pod is gone so is the rest. */
  async #finish(): Promise<number | undefined> {
    const { files, objects, tokens, statuses } = this.#services
    const { uid } = this.identity
    await files.tearDown(uid)
    objects.unregister(uid)
    tokens.forget(uid)
    if (this.#isInApi && this.#pod !== undefined) {
      const status = terminatedStatus(this.#pod, this.#publish(this.#pod, true))
      statuses.set(this.#pod, status, true)
      return undefined
    }
    await removeAll(this.#services, this.identity, this.#runtimePod)
    this.#state = 'gone'
    this.#probes?.[Symbol.dispose]()
    this.#attempt[Symbol.dispose]()
    this.#onGone()
    return undefined
  }

  #enter(state: WorkerState): undefined {
    this.#logger.debug('pod state', { state })
    this.#state = state
    this.#isDirty = true
    return undefined
  }

  #podProbes(pod: Pod): PodProbes {
    this.#probes ??= new PodProbes(pod, this.#previousStatus(pod), this.#services.probes, () =>
      this.wake(),
    )
    return this.#probes
  }

  #previousStatus(pod: Pod): PodStatus {
    return this.#services.statuses.get(this.identity.uid) ?? pod.status
  }

  /** Sets the status that follows from what is known. */
  #publish(pod: Pod, isTerminated: boolean): PodStatus {
    const { statuses, clock, runtimeName } = this.#services
    const probes = this.#podProbes(pod)
    const previous = this.#previousStatus(pod)
    const computed = podStatus({
      pod,
      runtimePod: this.#runtimePod,
      previous,
      runtimeName,
      failures: this.#failures,
      resizeConditions: this.#resize?.conditions,
      actualResources: (container) => this.#resize?.actual(container),
      readiness: probes,
      hostIps: this.#services.nodeFacts().hostIps,
      isTerminated,
      failure: this.#failure,
      now: formatTime(clock.now()),
    })
    // A pod ends in the API only when nothing of it runs any more.
    const isHeld = !isTerminated && isTerminalPhase(computed.phase)
    const shown = isHeld ? { ...computed, phase: heldPhase(previous) } : computed
    statuses.set(pod, shown)
    probes.observe(pod, shown)
    return computed
  }

  /** Shows what has just happened while the sync that caused it goes on. */
  #publishSoon(): void {
    const read = async () => {
      const pod = this.#pod
      if (pod === undefined || this.#state !== 'running' || this.#signal.aborted) return
      try {
        this.#runtimePod = await this.#services.reader.read(this.identity, this.#runtimePod)
        if (this.#state === 'running') this.#publish(pod, false)
      } catch (error) {
        this.#logger.debug('reading pod failed', { error: formatError(error) })
      }
    }
    this.#publishing = this.#publishing.then(read)
  }
}

function heldPhase({ phase }: PodStatus): PodStatus['phase'] {
  return phase ?? 'Pending'
}

function shortest(...delaysMs: readonly (number | undefined)[]): number | undefined {
  const delayMs = Math.min(...delaysMs.filter((delay) => delay !== undefined))
  return Number.isFinite(delayMs) ? delayMs : undefined
}

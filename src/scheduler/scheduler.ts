import { type Clock, pause } from '../base/clock.ts'
import { type Component, childAbort, inBackground } from '../base/lifetime.ts'
import { formatError, type Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import { type Client, keyOf } from '../client/client.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { Informers } from '../client/lister.ts'
import { Node } from '../kinds/core/v1/node.ts'
import { Pod } from '../kinds/core/v1/pod.ts'
import { Binder } from './binder.ts'
import { SchedulerCache } from './cache/scheduler-cache.ts'
import { anyNode, NodeChooser } from './choose-node.ts'
import { ClusterEvents } from './cluster-events.ts'
import { assignedPodEvent } from './framework/cluster-event.ts'
import type { CycleState } from './framework/cycle-state.ts'
import { Framework, type WeightedPlugin } from './framework/framework.ts'
import type { PluginContext } from './framework/plugin.ts'
import { type PodInfo, podInfoOf } from './framework/pod-info.ts'
import { defaultPlugins } from './plugins/index.ts'
import { type NotScheduledReason, PodStatusWriter, type StatusChange } from './pod-status-writer.ts'
import { Nominator } from './queue/nominator.ts'
import type { QueuedPod } from './queue/queued-pod.ts'
import { SchedulingQueue } from './queue/scheduling-queue.ts'

export interface SchedulerOptions {
  readonly client: Client
  readonly informers: Informers
  readonly recorder: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Pods name it in `spec.schedulerName`. */
  readonly schedulerName?: string
  readonly plugins?: (context: PluginContext) => readonly WeightedPlugin[]
}

/** After so long without a pause other work of the process gets its turn. */
const TURN_MS = 5

const BINDING_FAILED = 'running Bind plugin "DefaultBinder"'

/** Events are no longer than this (upstream's NoteLengthLimit). */
const LONGEST_NOTE = 1024

/** Finds a node for every pod that has none. */
export class Scheduler implements Component {
  readonly name = 'kube-scheduler'
  readonly #options: SchedulerOptions
  readonly #cache = new SchedulerCache()
  readonly #nominator = new Nominator()
  readonly #framework = new Framework(this.#nominator)
  readonly #queue: SchedulingQueue
  readonly #chooser: NodeChooser
  readonly #statuses: PodStatusWriter
  readonly #binder: Binder
  readonly #events: ClusterEvents
  readonly #listening: readonly Disposable[]
  readonly #bindings = new Set<Promise<void>>()
  #wake: () => void = () => {}

  constructor(options: SchedulerOptions) {
    const { clock, random, client, logger, informers } = options
    const { schedulerName = 'default-scheduler', plugins = defaultPlugins } = options
    this.#options = options
    this.#framework.plugins = plugins({
      ...options,
      schedulerName,
      cluster: this.#cache,
      nominations: this.#nominator,
      moveOn: (event) => this.#queue.moveOn(event),
      activate: (uid) => this.#queue.activate(uid),
      release: (uid) => this.#queue.release(uid),
      filters: this.#framework,
    })
    const all = this.#framework.plugins.map(({ plugin }) => plugin)
    this.#queue = new SchedulingQueue(clock, [...all, anyNode])
    this.#queue.onActive = () => this.#wake()
    this.#chooser = new NodeChooser(this.#framework, random)
    this.#statuses = new PodStatusWriter(client, clock, logger)
    this.#binder = new Binder(client, clock, logger)
    this.#events = new ClusterEvents({
      schedulerName,
      cache: this.#cache,
      queue: this.#queue,
      nominator: this.#nominator,
    })
    // Nodes first: who asks for the two in this order hears of nodes before their pods.
    this.#listening = [
      informers.for(Node).onEvent((event) => this.#events.nodeChanged(event)),
      informers.for(Pod).onEvent((event) => this.#events.podChanged(event)),
    ]
  }

  async run(until: AbortSignal): Promise<void> {
    const { informers, clock } = this.#options
    using stop = childAbort(until) // Each binding that waits listens to it.
    const { signal } = stop
    signal.addEventListener('abort', () => this.#wake(), { once: true })
    try {
      await informers.synced(signal)
    } catch (error) {
      if (!signal.aborted) throw error
    }
    let turnEnds = clock.monotonic() + TURN_MS
    while (!signal.aborted) {
      const queued = this.#queue.pop()
      if (queued === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      } else {
        this.#schedule(queued, signal)
        if (clock.monotonic() < turnEnds) continue
        await pause(clock, 0, signal)
      }
      turnEnds = clock.monotonic() + TURN_MS
    }
    for (const one of this.#listening) one[Symbol.dispose]()
    await Promise.allSettled(this.#bindings)
    await this.#statuses.close()
    this.#queue.close()
  }

  /** One cycle. Nothing is awaited before the pod is assumed, so no two cycles can overlap. */
  #schedule(queued: QueuedPod, signal: AbortSignal): void {
    const { recorder, logger } = this.#options
    if (queued.pod.metadata.deletionTimestamp !== undefined) {
      const message = `skip schedule deleting pod: ${keyOf(queued.pod)}`
      recorder.event(queued.pod, 'Warning', 'FailedScheduling', message)
      this.#queue.done(queued)
      return
    }
    try {
      const info = podInfoOf(queued.pod)
      const choice = this.#chooser.choose(info, this.#cache)
      if (choice.code === 'Unfit') {
        this.#reject(queued, choice.message, choice.rejectedBy, choice.nominatedNodeName)
        return
      }
      const { nodeName, state } = choice
      const refusal = this.#framework.reserve(state, info, nodeName)
      if (refusal !== undefined) {
        const message = `0/1 nodes are available: 1 ${refusal.reasons.join(', 1 ')}.`
        this.#reject(queued, message, new Set([refusal.plugin]), '')
        return
      }
      this.#cache.assume(info, nodeName)
      this.#nominator.withdraw(info.uid)
      const binding = this.#bind(queued, info, nodeName, state, signal)
      this.#bindings.add(binding)
      inBackground(
        logger,
        'binding a pod',
        binding.finally(() => this.#bindings.delete(binding)),
      )
    } catch (error) {
      this.#fail(queued, error)
    }
  }

  async #bind(
    queued: QueuedPod,
    info: PodInfo,
    nodeName: string,
    state: CycleState,
    signal: AbortSignal,
  ): Promise<void> {
    const { recorder, logger } = this.#options
    const { uid, key, pod } = info
    const giveUp = () => {
      this.#framework.unreserve(state, info, nodeName)
      if (!this.#cache.forget(uid)) return
      // The room that it had taken is free again: others may want it.
      this.#queue.moveOn(assignedPodEvent('Deleted', pod, this.#cache.at(nodeName)))
    }
    try {
      await this.#framework.preBind(state, info, nodeName, signal)
      await this.#statuses.cancel(uid)
    } catch (error) {
      giveUp()
      if (!signal.aborted) this.#fail(queued, error)
      return
    }
    const outcome = await this.#binder.bind(pod, nodeName, signal)
    switch (outcome.code) {
      case 'Bound':
        this.#queue.done(queued)
        logger.debug('bound', { pod: key, node: nodeName })
        recorder.event(pod, 'Normal', 'Scheduled', `Successfully assigned ${key} to ${nodeName}`)
        return
      case 'Elsewhere':
        giveUp()
        // The informer will tell; until it does, the room over there is taken.
        if (this.#cache.nodeOf(uid) === undefined) this.#cache.assume(info, outcome.nodeName)
        this.#queue.done(queued)
        return
      case 'Gone':
        giveUp()
        this.#queue.done(queued)
        return
      case 'Refused':
        giveUp()
        this.#fail(queued, new Error(BINDING_FAILED, { cause: outcome.error }))
        return
      case 'Unknown':
    }
  }

  #reject(
    queued: QueuedPod,
    message: string,
    rejectedBy: ReadonlySet<string>,
    nominatedNodeName: string | undefined,
  ): void {
    this.#options.logger.debug('no node fits', { pod: keyOf(queued.pod), message })
    this.#queue.reject(queued, rejectedBy)
    this.#tell(queued.pod, 'Unschedulable', message, nominatedNodeName)
  }

  #fail(queued: QueuedPod, error: unknown): void {
    const message = formatError(error)
    const fields = { pod: keyOf(queued.pod), error: message }
    this.#options.logger.error('scheduling failed', fields)
    if (!this.#queue.has(queued.uid)) return // Deleted meanwhile.
    this.#queue.fail(queued)
    this.#tell(queued.pod, 'SchedulerError', message, '')
  }

  #tell(
    pod: Pod,
    reason: NotScheduledReason,
    message: string,
    nominatedNodeName: string | undefined,
  ): void {
    const change: StatusChange = {
      condition: { reason, message },
      ...(nominatedNodeName !== undefined && { nominatedNodeName }),
    }
    if (nominatedNodeName === undefined) this.#nominator.update(pod, pod)
    else if (nominatedNodeName === '') this.#nominator.withdraw(pod.metadata.uid)
    else this.#nominator.nominate(podInfoOf(pod), nominatedNodeName)
    const note = message.length <= LONGEST_NOTE ? message : `${message.slice(0, 1020)} ...`
    this.#options.recorder.event(pod, 'Warning', 'FailedScheduling', note)
    this.#statuses.write(pod, change)
  }
}

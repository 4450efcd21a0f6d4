import { type Clock, sleep } from '../base/clock.ts'
import { type Component, inBackground } from '../base/lifetime.ts'
import { formatError, type Logger } from '../base/logger.ts'
import type { Random } from '../base/random.ts'
import { type Client, keyOf } from '../client/client.ts'
import type { EventRecorder } from '../client/event-recorder.ts'
import type { InformerEvent, Informers } from '../client/lister.ts'
import { Node } from '../kinds/core/v1/node.ts'
import { Pod } from '../kinds/core/v1/pod.ts'
import { isReason } from '../machinery/status-error.ts'
import { SchedulerCache } from './cache/scheduler-cache.ts'
import { NodeChooser } from './choose-node.ts'
import type { CycleState } from './framework/plugin.ts'
import { type PodInfo, podInfoOf } from './framework/pod-info.ts'
import { defaultPlugins, type WeightedPlugin } from './plugins/index.ts'
import { PodConditions } from './pod-conditions.ts'
import { type QueuedPod, SchedulingQueue } from './queue/scheduling-queue.ts'

export interface SchedulerOptions {
  readonly client: Client
  readonly informers: Informers
  readonly recorder: EventRecorder
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Pods name it in `spec.schedulerName`. */
  readonly schedulerName?: string
  readonly plugins?: readonly WeightedPlugin[]
}

/** Cycles in a row before other work of the process gets its turn. */
const CYCLES_AT_ONCE = 20

/** Finds a node for every pod that has none. */
export class Scheduler implements Component {
  readonly name = 'kube-scheduler'
  readonly #options: SchedulerOptions
  readonly #plugins: readonly WeightedPlugin[]
  readonly #cache = new SchedulerCache()
  readonly #queue: SchedulingQueue
  readonly #chooser: NodeChooser
  readonly #conditions: PodConditions
  readonly #bindings = new Set<Promise<void>>()
  #wake: () => void = () => {}

  constructor(options: SchedulerOptions) {
    const { clock, random, client, plugins = defaultPlugins } = options
    this.#options = options
    this.#plugins = plugins
    const all = plugins.map(({ plugin }) => plugin)
    this.#queue = new SchedulingQueue(clock, all)
    this.#queue.onActive = () => this.#wake()
    this.#chooser = new NodeChooser(plugins, random)
    this.#conditions = new PodConditions(client, clock)
    options.informers.for(Node).onEvent((event) => this.#nodeChanged(event))
    options.informers.for(Pod).onEvent((event) => this.#podChanged(event))
  }

  async run(signal: AbortSignal): Promise<void> {
    const { informers } = this.#options
    signal.addEventListener('abort', () => this.#wake(), { once: true })
    await informers.synced(signal)
    let cycles = 0
    while (!signal.aborted) {
      const queued = this.#queue.pop()
      if (queued !== undefined) this.#schedule(queued)
      if (queued === undefined) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      } else if (++cycles % CYCLES_AT_ONCE === 0) {
        await sleep(this.#options.clock, 0)
      }
    }
    await Promise.allSettled(this.#bindings)
    this.#queue.close()
  }

  /** One cycle. Nothing is awaited before the pod is assumed, so no two cycles can overlap. */
  #schedule(queued: QueuedPod): void {
    const info = podInfoOf(queued.pod)
    if (queued.pod.metadata.deletionTimestamp !== undefined || this.#cache.isPlaced(queued.key)) {
      this.#queue.done(queued)
      return
    }
    try {
      const choice = this.#chooser.choose(info, this.#cache.nodes)
      if (choice.code === 'Unfit') {
        this.#reject(queued, choice.message, choice.rejectedBy)
        return
      }
      const { nodeName, state } = choice
      for (const { plugin } of this.#plugins) {
        const rejection = plugin.reserve?.(state, info, nodeName)
        if (rejection === undefined) continue
        this.#unreserve(state, info, nodeName)
        this.#reject(queued, rejection.reasons.join(', '), new Set([plugin.name]))
        return
      }
      this.#cache.assume(info, nodeName)
      const binding = this.#bind(queued, info, nodeName, state)
      this.#bindings.add(binding)
      inBackground(
        this.#options.logger,
        'binding',
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
  ): Promise<void> {
    const { client, recorder, logger } = this.#options
    const { pod } = info
    const { name, namespace, uid } = pod.metadata
    try {
      for (const { plugin } of this.#plugins) await plugin.preBind?.(state, info, nodeName)
      await client.createSubresource(Pod, { name, namespace }, 'binding', {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name, namespace, uid },
        target: { kind: 'Node', name: nodeName },
      })
      this.#queue.done(queued)
      logger.debug('bound', { pod: info.key, node: nodeName })
      const message = `Successfully assigned ${info.key} to ${nodeName}`
      recorder.event(pod, 'Normal', 'Scheduled', message)
    } catch (error) {
      this.#unreserve(state, info, nodeName)
      this.#cache.forget(info.key)
      if (isReason(error, 'NotFound')) return this.#queue.done(queued)
      // The room that it had taken is free again: others may want it.
      this.#queue.moveOn({ resource: 'AssignedPod', type: 'Deleted', object: pod })
      this.#fail(queued, error)
    }
  }

  #unreserve(state: CycleState, info: PodInfo, nodeName: string): void {
    for (const { plugin } of this.#plugins.toReversed()) {
      plugin.unreserve?.(state, info, nodeName)
    }
  }

  #reject(queued: QueuedPod, message: string, rejectedBy: ReadonlySet<string>): void {
    const { recorder, logger } = this.#options
    this.#queue.reject(queued, rejectedBy)
    logger.debug('no node fits', { pod: queued.key, message })
    recorder.event(queued.pod, 'Warning', 'FailedScheduling', message)
    inBackground(
      logger,
      'writing a condition',
      this.#conditions.notScheduled(queued.pod, 'Unschedulable', message),
    )
  }

  #fail(queued: QueuedPod, error: unknown): void {
    const { recorder, logger } = this.#options
    const message = formatError(error)
    logger.error('scheduling failed', { pod: queued.key, error: message })
    this.#queue.reject(queued, new Set())
    recorder.event(queued.pod, 'Warning', 'FailedScheduling', message)
    inBackground(
      logger,
      'writing a condition',
      this.#conditions.notScheduled(queued.pod, 'SchedulerError', message),
    )
  }

  #nodeChanged({ type, object, old }: InformerEvent<Node>): void {
    if (type === 'DELETED') {
      this.#cache.removeNode(object.metadata.name)
      return
    }
    this.#cache.setNode(object)
    this.#queue.moveOn({ resource: 'Node', object, old })
  }

  #podChanged({ type, object, old }: InformerEvent<Pod>): void {
    const key = keyOf(object)
    const isGone = type === 'DELETED' || isTerminal(object)
    const isAssigned = (object.spec.nodeName ?? '') !== ''
    if (isGone) {
      this.#queue.remove(key)
      this.#cache.removePod(key)
      if (isAssigned) this.#queue.moveOn({ resource: 'AssignedPod', type: 'Deleted', object, old })
      return
    }
    if (isAssigned) {
      const wasAssigned = old !== undefined && (old.spec.nodeName ?? '') !== ''
      this.#queue.remove(key)
      this.#cache.setPod(object)
      const change = wasAssigned ? 'Updated' : 'Added'
      this.#queue.moveOn({ resource: 'AssignedPod', type: change, object, old })
      return
    }
    if (object.spec.schedulerName !== (this.#options.schedulerName ?? 'default-scheduler')) return
    if (this.#cache.isPlaced(key) && old?.metadata.uid === object.metadata.uid) return
    this.#queue.add(key, object)
    const gate = this.#plugins
      .map(({ plugin }) => plugin.preEnqueue?.(object))
      .find((rejection) => rejection !== undefined)
    if (gate !== undefined && type === 'ADDED') {
      const work = this.#conditions.notScheduled(object, 'SchedulingGated', gate.reasons.join(', '))
      inBackground(this.#options.logger, 'writing a condition', work)
    }
  }
}

function isTerminal({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed'
}

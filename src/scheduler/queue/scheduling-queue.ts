import type { Clock } from '../../base/clock.ts'
import { Heap } from '../../base/heap.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type { ClusterEvent, Plugin } from '../framework/plugin.ts'

/** A pod that waits for a node. */
export interface QueuedPod {
  pod: Pod
  readonly key: string
  /** When it came into the queue for the first time, monotonic. */
  readonly since: number
  readonly sequence: number
  attempts: number
  /** The plugins that rejected it last; empty after an error. */
  rejectedBy: ReadonlySet<string>
  state: 'active' | 'backoff' | 'unschedulable' | 'gated' | 'in-flight' | 'removed'
  timer: Disposable | undefined
}

const INITIAL_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 10_000
/** A pod that no event has helped for so long is tried again anyway. */
const FLUSH_MS = 5 * 60_000

/**
 * Where pods wait for the scheduler:
 *
 *     add ──> active ──pop──> in flight ──> bound: gone
 *                ^                └──rejected──> unschedulable ──event that helps──┐
 *                └──────────── backoff <────────────(too early)──────────────────┤
 *                ^──────────────────────────────────(backed off long enough)─────┘
 *
 * An event that comes while a pod is in flight is kept and asked about when the pod comes back, so
 * that nothing which could help is ever missed.
 */
export class SchedulingQueue {
  readonly #clock: Clock
  readonly #plugins: ReadonlyMap<string, Plugin>
  readonly #pods = new Map<string, QueuedPod>()
  readonly #active: Heap<QueuedPod>
  readonly #inFlight = new Map<string, ClusterEvent[]>()
  #sequence = 0
  /** Called when `pop` has something to give. */
  onActive: () => void = () => {}

  constructor(clock: Clock, plugins: readonly Plugin[]) {
    this.#clock = clock
    this.#plugins = new Map(plugins.map((plugin) => [plugin.name, plugin]))
    this.#active = new Heap(comesFirst)
  }

  get size(): number {
    return this.#pods.size
  }

  add(key: string, pod: Pod): void {
    if (this.#pods.has(key)) {
      this.update(key, pod)
      return
    }
    const queued: QueuedPod = {
      pod,
      key,
      since: this.#clock.monotonic(),
      sequence: this.#sequence++,
      attempts: 0,
      rejectedBy: new Set(),
      state: 'gated',
      timer: undefined,
    }
    this.#pods.set(key, queued)
    this.#enqueue(queued)
  }

  /** The waiting pod itself has changed. */
  update(key: string, pod: Pod): void {
    const queued = this.#pods.get(key)
    if (queued === undefined) {
      this.add(key, pod)
      return
    }
    const old = queued.pod
    queued.pod = pod
    if (queued.state === 'gated') {
      this.#enqueue(queued)
      return
    }
    const event: ClusterEvent = { resource: 'Pod', object: pod, old }
    if (queued.state === 'in-flight') this.#inFlight.get(key)?.push(event)
    else if (queued.state === 'unschedulable') this.#tryMove(queued, event)
  }

  remove(key: string): void {
    const queued = this.#pods.get(key)
    if (queued === undefined) return
    queued.timer?.[Symbol.dispose]()
    queued.state = 'removed' // The heap forgets it when it comes up.
    this.#pods.delete(key)
    this.#inFlight.delete(key)
  }

  /** The most urgent pod; it is in flight until `done` or `reject`. */
  pop(): QueuedPod | undefined {
    for (;;) {
      const queued = this.#active.pop()
      if (queued === undefined) return undefined
      if (queued.state !== 'active') continue
      queued.state = 'in-flight'
      queued.attempts++
      this.#inFlight.set(queued.key, [])
      return queued
    }
  }

  /** The pod is bound, or is no concern of the scheduler any more. */
  done(queued: QueuedPod): void {
    if (this.#pods.get(queued.key) === queued) this.remove(queued.key)
  }

  /** No node took the pod. With no plugins named (an error) it is tried again after its back-off. */
  reject(queued: QueuedPod, rejectedBy: ReadonlySet<string>): void {
    if (this.#pods.get(queued.key) !== queued) return
    const missed = this.#inFlight.get(queued.key) ?? []
    this.#inFlight.delete(queued.key)
    queued.rejectedBy = rejectedBy
    queued.state = 'unschedulable'
    if (rejectedBy.size === 0 || missed.some((event) => this.#isHelpful(queued, event))) {
      this.#backOff(queued)
      return
    }
    queued.timer = this.#clock.after(FLUSH_MS, () => this.#enqueue(queued))
  }

  /** Something has changed: the pods that it could help are tried again. */
  moveOn(event: ClusterEvent): void {
    for (const missed of this.#inFlight.values()) missed.push(event)
    for (const queued of this.#pods.values()) {
      if (queued.state === 'unschedulable') this.#tryMove(queued, event)
    }
  }

  close(): void {
    for (const key of [...this.#pods.keys()]) this.remove(key)
  }

  #tryMove(queued: QueuedPod, event: ClusterEvent): void {
    if (this.#isHelpful(queued, event)) this.#backOff(queued)
  }

  #isHelpful({ rejectedBy, pod }: QueuedPod, event: ClusterEvent): boolean {
    for (const name of rejectedBy) {
      if (this.#plugins.get(name)?.isHelpful?.(event, pod) ?? true) return true
    }
    return false
  }

  #backOff(queued: QueuedPod): void {
    const delay = Math.min(INITIAL_BACKOFF_MS * 2 ** (queued.attempts - 1), MAX_BACKOFF_MS)
    queued.timer?.[Symbol.dispose]()
    queued.state = 'backoff'
    queued.timer = this.#clock.after(delay, () => this.#enqueue(queued))
  }

  #enqueue(queued: QueuedPod): void {
    queued.timer?.[Symbol.dispose]()
    queued.timer = undefined
    const isGated = [...this.#plugins.values()].some(
      (plugin) => plugin.preEnqueue?.(queued.pod) !== undefined,
    )
    queued.state = isGated ? 'gated' : 'active'
    if (isGated) return
    this.#active.push(queued)
    this.onActive()
  }
}

/** Upstream's PrioritySort: higher priority first, then who came first. */
function comesFirst(a: QueuedPod, b: QueuedPod): boolean {
  const difference = (b.pod.spec.priority ?? 0) - (a.pod.spec.priority ?? 0)
  return difference === 0 ? a.sequence < b.sequence : difference < 0
}

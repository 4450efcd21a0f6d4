import type { Clock } from '../../base/clock.ts'
import { Heap } from '../../base/heap.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { type ClusterEvent, pendingPodEvent } from '../framework/cluster-event.ts'
import type { Plugin } from '../framework/plugin.ts'
import { BackoffQueue } from './backoff-queue.ts'
import { backoffMs, comesFirst, type QueuedPod } from './queued-pod.ts'
import { UnschedulablePods } from './unschedulable-pods.ts'

/** A pod that no event has helped for so long is tried again anyway. */
const FLUSH_MS = 5 * 60_000

/**
 * Where pods wait for the scheduler:
 *
 *     add ──> active ──pop──> in flight ──> bound: gone
 *                ^                 ├──failed────> backoff ─────────────(its time is up)──┐
 *                │                 └──rejected──> unschedulable ──event that helps──┐    │
 *                ├───────────────────────────────────(backed off long enough)───────┤    │
 *                └──(time is up, or nothing else to do)── backoff <──(too early)────┘    │
 *                └───────────────────────────────────────────────────────────────────────┘
 *
 * A pod with gates is `gated` instead of active until its gates are gone. Nothing is awaited
 * between `pop` and `reject`, so no event can come in between and be missed; what fails later, at
 * the binding, is tried again after its back-off whatever has happened.
 */
export class SchedulingQueue {
  readonly #clock: Clock
  readonly #isGated: (pod: Pod) => boolean
  readonly #pods = new Map<string, QueuedPod>()
  readonly #active = new Heap<QueuedPod>(comesFirst)
  readonly #backoff = new BackoffQueue()
  /** After errors: these wait for their time even when there is nothing else to do. */
  readonly #errors = new BackoffQueue()
  readonly #unschedulable: UnschedulablePods
  #sequence = 0
  #timer: { readonly due: number; readonly handle: Disposable } | undefined
  /** Called when `pop` has something to give. */
  onActive: () => void = () => {}

  constructor(clock: Clock, plugins: readonly Plugin[]) {
    this.#clock = clock
    this.#isGated = (pod) => plugins.some((plugin) => plugin.preEnqueue?.(pod) !== undefined)
    this.#unschedulable = new UnschedulablePods(plugins)
  }

  get size(): number {
    return this.#pods.size
  }

  has(uid: string): boolean {
    return this.#pods.has(uid)
  }

  /** A new pod, or news of one that waits. */
  add(pod: Pod): void {
    const { uid } = pod.metadata
    const known = this.#pods.get(uid)
    if (known !== undefined) {
      this.#update(known, pod)
      return
    }
    const now = this.#clock.monotonic()
    const queued: QueuedPod = {
      pod,
      uid,
      timestamp: now,
      sequence: this.#sequence++,
      unschedulableCount: 0,
      errorCount: 0,
      rejectedBy: new Set(),
      backoffUntil: now,
      state: 'gated',
    }
    this.#pods.set(uid, queued)
    this.#requeue(queued)
  }

  remove(uid: string): void {
    const queued = this.#pods.get(uid)
    if (queued === undefined) return
    this.#unschedulable.delete(queued)
    queued.state = 'removed' // A heap forgets it when it comes up.
    this.#pods.delete(uid)
    this.#arm()
  }

  /** The most urgent pod; it is in flight until `done`, `reject` or `fail`. */
  pop(): QueuedPod | undefined {
    for (;;) {
      const queued = this.#active.pop() ?? this.#backoff.pop()
      if (queued === undefined) return undefined
      if (queued.state !== 'active' && queued.state !== 'backoff') continue
      queued.state = 'in-flight'
      this.#arm()
      return queued
    }
  }

  /** The pod is bound, or is no concern of the scheduler any more. */
  done(queued: QueuedPod): void {
    if (this.#pods.get(queued.uid) === queued) this.remove(queued.uid)
  }

  /** No node took the pod: it waits for an event that helps with one of these plugins. */
  reject(queued: QueuedPod, rejectedBy: ReadonlySet<string>): void {
    if (this.#pods.get(queued.uid) !== queued) return
    queued.errorCount = 0
    queued.unschedulableCount++
    this.#returned(queued, rejectedBy)
    queued.state = 'unschedulable'
    this.#unschedulable.add(queued)
    this.#arm()
  }

  /** Something went wrong that has nothing to do with the cluster's state. */
  fail(queued: QueuedPod): void {
    if (this.#pods.get(queued.uid) !== queued) return
    queued.errorCount++
    this.#returned(queued, new Set())
    queued.state = 'backoff'
    this.#errors.push(queued)
    this.#arm()
  }

  /** Something has changed: the pods that it could help are tried again. */
  moveOn(event: ClusterEvent, isConcerned: (pod: Pod) => boolean = () => true): void {
    if (event.topics.length === 0) return
    for (const queued of this.#unschedulable.helpedBy(event)) {
      if (isConcerned(queued.pod)) this.#requeue(queued)
    }
  }

  /** A plugin has reason to try a pod again. */
  activate(uid: string): void {
    const queued = this.#pods.get(uid)
    if (queued?.state === 'unschedulable') this.#requeue(queued)
    else this.release(uid)
  }

  /** What a plugin held a pod back for has ended. */
  release(uid: string): void {
    const queued = this.#pods.get(uid)
    if (queued?.state === 'gated') this.#requeue(queued)
  }

  close(): void {
    for (const uid of [...this.#pods.keys()]) this.remove(uid)
  }

  /** The order of the heaps stands: a pod's priority cannot change. */
  #update(queued: QueuedPod, pod: Pod): void {
    const old = queued.pod
    queued.pod = pod
    if (queued.state === 'gated') this.#requeue(queued)
    if (queued.state !== 'unschedulable') return
    if (this.#unschedulable.isHelped(queued, pendingPodEvent(pod, old))) this.#requeue(queued)
  }

  #returned(queued: QueuedPod, rejectedBy: ReadonlySet<string>): void {
    queued.timestamp = this.#clock.monotonic()
    queued.sequence = this.#sequence++
    queued.rejectedBy = rejectedBy
    queued.backoffUntil = queued.timestamp + backoffMs(queued)
  }

  #requeue(queued: QueuedPod): void {
    this.#unschedulable.delete(queued)
    if (this.#isGated(queued.pod)) {
      queued.state = 'gated'
    } else if (queued.backoffUntil > this.#clock.monotonic()) {
      queued.state = 'backoff'
      this.#backoff.push(queued)
      this.onActive()
    } else this.#activate(queued)
    this.#arm()
  }

  #activate(queued: QueuedPod): void {
    queued.state = 'active'
    this.#active.push(queued)
    this.onActive()
  }

  /** One timer for whatever is due first. */
  #arm(): void {
    const flush = this.#unschedulable.oldest
    const dues = [this.#backoff.due, this.#errors.due, flush && flush.timestamp + FLUSH_MS]
    const due = dues.reduce<number>((least, one) => Math.min(least, one ?? Infinity), Infinity)
    if (due === this.#timer?.due) return
    this.#timer?.handle[Symbol.dispose]()
    this.#timer = undefined
    if (due === Infinity) return
    const delayMs = due - this.#clock.monotonic()
    this.#timer = { due, handle: this.#clock.after(delayMs, () => this.#onTimer()) }
  }

  #onTimer(): void {
    this.#timer = undefined
    const now = this.#clock.monotonic()
    for (const queue of [this.#backoff, this.#errors]) {
      while ((queue.due ?? Infinity) <= now) {
        const queued = queue.pop()
        if (queued !== undefined) this.#activate(queued)
      }
    }
    for (;;) {
      const oldest = this.#unschedulable.oldest
      if (oldest === undefined || oldest.timestamp + FLUSH_MS > now) break
      this.#requeue(oldest)
    }
    this.#arm()
  }
}

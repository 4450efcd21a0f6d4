import type { Clock } from '../base/clock.ts'
import { exponentialDelay, TokenBucket } from './rate-limit.ts'

/** Upstream's default controller rate limiter: the worse of a back-off per key and one bucket. */
const BASE_DELAY_MS = 5
const MAX_DELAY_MS = 1_000_000
const RETRIES_PER_SECOND = 10
const RETRY_BURST = 100

export interface RetryDelays {
  readonly baseDelayMs: number
  readonly maxDelayMs: number
}

/** Of queues that say nothing else. */
export const DEFAULT_DELAYS: RetryDelays = {
  baseDelayMs: BASE_DELAY_MS,
  maxDelayMs: MAX_DELAY_MS,
}

/** Is told what a queue does, for metrics. */
export interface QueueMeter {
  /** A key needs work that did not before. */
  added(key: string): void
  /** A worker has it. */
  started(key: string): void
  /** The worker has finished with it. */
  finished(key: string): void
  /** It comes later: it failed, or asked for it. */
  delayed(): void
}

/** Where the queues of a component are measured, each under its name. */
export interface QueueMeters {
  meterOf(name: string): QueueMeter
}

/**
 * Hands out each key to one worker at a time, and remembers keys that were added meanwhile.
 *
 * A key is in `dirty` when it needs work and in `processing` when a worker has it:
 *
 *     add(k)          get() = k        add(k)           done(k)          get() = k
 *     dirty {k}       dirty {}         dirty {k}        dirty {k}        dirty {}
 *     order [k]       order []         order []         order [k]        order []
 *     processing {}   processing {k}   processing {k}   processing {}    processing {k}
 *
 * so a key is never worked on twice at once and no change is ever missed.
 */
export class WorkQueue {
  readonly #clock: Clock
  readonly #delays: RetryDelays
  readonly #bucket: TokenBucket
  readonly #meter: QueueMeter | undefined
  #order: string[] = []
  #next = 0
  readonly #dirty = new Set<string>()
  readonly #processing = new Set<string>()
  readonly #failures = new Map<string, number>()
  readonly #waiters: ((key: string | undefined) => void)[] = []
  readonly #delayed = new Map<string, { readonly due: number; readonly timer: Disposable }>()
  readonly #resting = new Set<Disposable>()
  #isShutDown = false

  constructor(
    clock: Clock,
    delays: RetryDelays = DEFAULT_DELAYS,
    /** Nobody measures when absent. */
    meter?: QueueMeter,
  ) {
    this.#clock = clock
    this.#meter = meter
    this.#delays = delays
    this.#bucket = new TokenBucket(clock, RETRIES_PER_SECOND, RETRY_BURST)
  }

  /** Keys that wait for a worker. */
  get size(): number {
    return this.#order.length - this.#next
  }

  add(key: string): void {
    if (this.#isShutDown || this.#dirty.has(key)) return
    this.#dirty.add(key)
    this.#meter?.added(key)
    if (this.#processing.has(key)) return
    this.#order.push(key)
    this.#handOut()
  }

  /** Adds a key after a delay; of several delays of one key the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#isShutDown) return
    this.#meter?.delayed()
    if (delayMs <= 0) {
      this.add(key)
      return
    }
    const due = this.#clock.monotonic() + delayMs
    const waiting = this.#delayed.get(key)
    if (waiting !== undefined) {
      if (waiting.due <= due) return
      waiting.timer[Symbol.dispose]()
    }
    const timer = this.#clock.after(delayMs, () => {
      this.#delayed.delete(key)
      this.add(key)
    })
    this.#delayed.set(key, { due, timer })
  }

  /** Adds a key that failed, later each time it fails again. */
  addRateLimited(key: string): void {
    const failures = this.#failures.get(key) ?? 0
    this.#failures.set(key, failures + 1)
    const { baseDelayMs, maxDelayMs } = this.#delays
    const backOffMs = exponentialDelay(failures, baseDelayMs, maxDelayMs)
    this.addAfter(key, Math.max(backOffMs, this.#bucket.reserve()))
  }

  /** How often a key has failed since it last succeeded. */
  failuresOf(key: string): number {
    return this.#failures.get(key) ?? 0
  }

  /** Ends the back-off of a key that succeeded. */
  forget(key: string): void {
    this.#failures.delete(key)
  }

  /** Waits for the next key; undefined once the queue is shut down. */
  get(): Promise<string | undefined> {
    return new Promise((resolve) => {
      this.#waiters.push(resolve)
      this.#handOut()
    })
  }

  /**
   * Tells that a worker has finished with a key that `get` gave it. The key may rest before it is
   * handed out again: what is added meanwhile is not lost, it waits and becomes one.
   */
  done(key: string, restMs = 0): void {
    if (restMs > 0 && !this.#isShutDown) {
      const timer = this.#clock.after(restMs, () => {
        this.#resting.delete(timer)
        this.done(key)
      })
      this.#resting.add(timer)
      return
    }
    this.#processing.delete(key)
    this.#meter?.finished(key)
    if (!this.#dirty.has(key)) return
    this.#order.push(key)
    this.#handOut()
  }

  /** Drops what waits; workers that ask get undefined. */
  shutDown(): void {
    this.#isShutDown = true
    for (const { timer } of this.#delayed.values()) timer[Symbol.dispose]()
    this.#delayed.clear()
    for (const timer of this.#resting) timer[Symbol.dispose]()
    this.#resting.clear()
    this.#order = []
    this.#next = 0
    for (const give of this.#waiters.splice(0)) give(undefined)
  }

  #handOut(): void {
    while (this.#waiters.length > 0 && this.#next < this.#order.length) {
      const key = this.#order[this.#next++] as string
      this.#dirty.delete(key)
      this.#processing.add(key)
      this.#meter?.started(key)
      this.#waiters.shift()?.(key)
    }
    if (this.#isShutDown) for (const give of this.#waiters.splice(0)) give(undefined)
    if (this.#next > 1024 && this.#next * 2 > this.#order.length) this.#compact()
  }

  /** Drops the part of the array that has been handed out, now and then rather than each time. */
  #compact(): void {
    this.#order = this.#order.slice(this.#next)
    this.#next = 0
  }
}

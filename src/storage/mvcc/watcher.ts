import type { Watch, WatchEvent, WatchHandler } from '../storage.ts'

/** What a watch asks of its hub. */
interface Hub {
  /** Live watches have had everything up to this revision. */
  deliveredRevision(): number
  onEnd(watcher: Watcher): void
  onThrow(error: unknown): void
}

interface Waiter {
  readonly revision: number
  resolve(): void
  reject(error: unknown): void
}

/** One watch: how far it is, and the way to its handler. */
export class Watcher implements Watch {
  readonly prefixOrKey: string
  isLive = false
  isEnded = false
  readonly #handler: WatchHandler
  readonly #hub: Hub
  #position: number
  #waiters: Waiter[] = []

  constructor(prefixOrKey: string, afterRevision: number, handler: WatchHandler, hub: Hub) {
    this.prefixOrKey = prefixOrKey
    this.#position = afterRevision
    this.#handler = handler
    this.#hub = hub
  }

  get revision(): number {
    if (!this.isLive || this.isEnded) return this.#position
    return Math.max(this.#position, this.#hub.deliveredRevision())
  }

  get isAwaited(): boolean {
    return this.#waiters.length > 0
  }

  reached(revision: number): Promise<void> {
    if (this.revision >= revision) return Promise.resolve()
    if (this.isEnded) return Promise.reject(new Error('the watch has ended'))
    return new Promise((resolve, reject) => this.#waiters.push({ revision, resolve, reject }))
  }

  [Symbol.dispose](): void {
    this.#finish(new Error('the watch was disposed'))
  }

  /** Fresh events: the hub makes a watch live only when it has had all before them. */
  deliver(events: readonly WatchEvent[]): void {
    this.#call(events, events.at(-1)?.modRevision ?? this.#position)
  }

  /** The events of a step of history that ends at `revision`. */
  deliverHistory(events: readonly WatchEvent[], revision: number): void {
    this.#call(events, revision)
    this.settle()
  }

  /** Tells those who wait for a revision that it is reached. */
  settle(): void {
    const { revision } = this
    for (const waiter of this.#waiters) if (waiter.revision <= revision) waiter.resolve()
    this.#waiters = this.#waiters.filter((waiter) => waiter.revision > revision)
  }

  end(error: unknown): void {
    if (this.isEnded) return
    this.#finish(error)
    try {
      this.#handler.onError(error)
    } catch (thrown) {
      this.#hub.onThrow(thrown)
    }
  }

  #call(events: readonly WatchEvent[], revision: number): void {
    if (this.isEnded) return
    try {
      if (events.length > 0) this.#handler.onEvents(events)
      this.#position = Math.max(this.#position, revision)
    } catch (error) {
      this.#hub.onThrow(error)
      this.end(error)
    }
  }

  #finish(error: unknown): void {
    if (this.isEnded) return
    this.#position = this.revision
    this.isEnded = true
    this.#hub.onEnd(this)
    for (const waiter of this.#waiters.splice(0)) waiter.reject(error)
  }
}

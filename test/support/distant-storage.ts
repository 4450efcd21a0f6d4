import { type Clock, sleep } from '../../src/base/clock.ts'
import { type Random, randomInt } from '../../src/base/random.ts'
import {
  type DeleteResult,
  type KeyValue,
  type ListOptions,
  type ListResult,
  type PutResult,
  type ReadOptions,
  type Storage,
  StorageUnavailableError,
  UnknownOutcomeError,
  type Watch,
  type WatchEvent,
  type WatchHandler,
  type WriteOptions,
} from '../../src/storage/storage.ts'

/** What may go wrong on the way to a storage; chances between 0 and 1. */
export interface Distance {
  readonly maxLatencyMs: number
  readonly maxWatchLagMs: number
  /** The write is made, at once or later, but nobody hears of it. */
  readonly lostAnswers: number
}

/** How long a write may still be on its way whose answer was lost. */
const LATEST_WRITE_MS = 3000

/** One server's way to a storage that others write to as well: slow, stale, and cut by a crash. */
export class DistantStorage implements Storage {
  readonly isShared = true
  readonly #inner: Storage
  readonly #clock: Clock
  readonly #random: Random
  readonly #watches = new Set<Watch>()
  /** May be changed at any time. */
  distance: Distance
  #isCut = false

  constructor(inner: Storage, clock: Clock, random: Random, distance: Distance) {
    this.#inner = inner
    this.#clock = clock
    this.#random = random
    this.distance = distance
  }

  /** The server is gone: what has not reached the storage never does. */
  cut(): void {
    this.#isCut = true
    for (const watch of this.#watches) watch[Symbol.dispose]()
  }

  revision(): number {
    return this.#inner.revision()
  }

  compactedRevision(): number {
    return this.#inner.compactedRevision()
  }

  currentRevision(): Promise<number> {
    return this.#read(() => this.#inner.currentRevision())
  }

  get(key: string, options?: ReadOptions): Promise<KeyValue | undefined> {
    return this.#read(() => this.#inner.get(key, options))
  }

  list(prefix: string, options?: ListOptions): Promise<ListResult> {
    return this.#read(() => this.#inner.list(prefix, options))
  }

  count(prefix: string, options?: ReadOptions): Promise<number> {
    return this.#read(() => this.#inner.count(prefix, options))
  }

  put(key: string, value: Uint8Array, options: WriteOptions = {}): Promise<PutResult> {
    // Attachments stay in the process that made them.
    const { attachment: _, ...rest } = options
    return this.#write(key, () => this.#inner.put(key, value, rest))
  }

  delete(key: string, options?: WriteOptions): Promise<DeleteResult> {
    return this.#write(key, () => this.#inner.delete(key, options))
  }

  compact(revision: number): Promise<void> {
    return this.#inner.compact(revision)
  }

  async close(): Promise<void> {
    this.cut()
  }

  watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler): Watch {
    const watch = new LateWatch(this.#inner, prefixOrKey, afterRevision, handler, (deliver) => {
      const { maxWatchLagMs } = this.distance
      if (maxWatchLagMs === 0) deliver()
      else this.#clock.after(randomInt(this.#random, maxWatchLagMs + 1), deliver)
    })
    this.#watches.add(watch)
    return watch
  }

  async #read<T>(read: () => Promise<T>): Promise<T> {
    await this.#travel()
    const result = await read()
    await this.#travel()
    return result
  }

  async #write<T>(key: string, write: () => Promise<T>): Promise<T> {
    await this.#travel()
    if (this.#random.next() < this.distance.lostAnswers) {
      const late = randomInt(this.#random, LATEST_WRITE_MS)
      this.#clock.after(this.#random.next() < 0.5 ? 0 : late, () => void write())
      throw new UnknownOutcomeError(key, new Error('the connection was lost'))
    }
    const result = await write()
    await this.#travel()
    return result
  }

  async #travel(): Promise<void> {
    const { maxLatencyMs } = this.distance
    if (maxLatencyMs > 0) await sleep(this.#clock, randomInt(this.#random, maxLatencyMs + 1))
    if (this.#isCut) throw new StorageUnavailableError(new Error('the server has crashed'))
  }
}

/** A watch whose events arrive later, in their order. */
class LateWatch implements Watch {
  readonly #inner: Watch
  readonly #waiting: { readonly revision: number; readonly resolve: () => void }[] = []
  #undelivered: WatchEvent[][] = []
  #isEnded = false

  constructor(
    storage: Storage,
    prefixOrKey: string,
    afterRevision: number,
    handler: WatchHandler,
    later: (deliver: () => void) => void,
  ) {
    const deliver = () => {
      const events = this.#undelivered.shift()
      if (this.#isEnded || events === undefined) return
      handler.onEvents(events)
      for (const one of this.#waiting.splice(0)) this.#settle(one)
    }
    this.#inner = storage.watch(prefixOrKey, afterRevision, {
      onEvents: (events) => {
        // `previous` must be read now: it is not kept.
        this.#undelivered.push(events.map((event) => ({ ...event, previous: event.previous })))
        later(deliver)
      },
      onError: (error) => handler.onError(error),
    })
  }

  get revision(): number {
    const next = this.#undelivered[0]?.[0]
    return next === undefined ? this.#inner.revision : next.modRevision - 1
  }

  async reached(revision: number): Promise<void> {
    await this.#inner.reached(revision)
    await new Promise<void>((resolve) => this.#settle({ revision, resolve }))
  }

  [Symbol.dispose](): void {
    this.#isEnded = true
    this.#undelivered = []
    this.#inner[Symbol.dispose]()
    for (const { resolve } of this.#waiting.splice(0)) resolve()
  }

  #settle(one: { readonly revision: number; readonly resolve: () => void }): void {
    if (this.revision >= one.revision) one.resolve()
    else this.#waiting.push(one)
  }
}

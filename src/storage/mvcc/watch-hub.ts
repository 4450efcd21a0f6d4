import { formatError, type Logger } from '../../base/logger.ts'
import type { Watch, WatchEvent, WatchHandler } from '../storage.ts'
import type { KeyIndex } from './key-index.ts'
import type { Version } from './version.ts'
import { Watcher } from './watcher.ts'

/** How many revisions of history a watch looks at before it lets others run. */
const REPLAY_REVISIONS = 500
/** So many events it hands on in one turn at most, and no more once they have so many bytes. */
const REPLAY_EVENTS = 50
const REPLAY_BYTES = 128 * 1024

/**
 * Brings events to watches. Live watches are called by `deliver`, in the turn of the commit; one
 * that starts in the past reads history in steps and becomes live in the same turn in which it
 * reaches the newest revision, so that nothing fits between.
 *
 * 1. `deliver` is called once for each revision, in order, after the index has it.
 * 2. A live watch has had all events up to the last delivered revision.
 * 3. What a handler does (write, watch, dispose, throw) never changes what others see or when.
 */
export class WatchHub {
  readonly #index: KeyIndex
  readonly #eventOf: (version: Version) => WatchEvent
  readonly #logger: Logger
  /** Live watches by their prefix or key. */
  readonly #live = new Map<string, Set<Watcher>>()
  readonly #watchers = new Set<Watcher>()
  readonly #queue: (readonly WatchEvent[])[] = []
  #isDelivering = false
  #deliveredRevision: number

  constructor(index: KeyIndex, eventOf: (version: Version) => WatchEvent, logger: Logger) {
    this.#index = index
    this.#eventOf = eventOf
    this.#logger = logger
    this.#deliveredRevision = index.revision
  }

  /** How many watches there are: for metrics and tests. */
  get size(): number {
    return this.#watchers.size
  }

  watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler): Watch {
    const watcher = new Watcher(prefixOrKey, afterRevision, handler, {
      deliveredRevision: () => this.#deliveredRevision,
      onEnd: (ended) => this.#forget(ended),
      onThrow: (error) => {
        const fields = { watch: prefixOrKey, error: formatError(error) }
        this.#logger.error('a watch handler failed', fields)
      },
    })
    this.#watchers.add(watcher)
    const isNewest = afterRevision === this.#index.revision && !this.#isDelivering
    if (isNewest) this.#makeLive(watcher)
    else queueMicrotask(() => this.#replay(watcher))
    return watcher
  }

  /** Events of one or more revisions. Called from a handler, it returns before they arrive. */
  deliver(events: readonly WatchEvent[]): void {
    this.#queue.push(events)
    if (this.#isDelivering) return
    this.#isDelivering = true
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#dispatch(next)
    }
    this.#isDelivering = false
  }

  /** Ends all watches with an error. */
  close(error: unknown): void {
    for (const watcher of [...this.#watchers]) watcher.end(error)
  }

  #dispatch(events: readonly WatchEvent[]): void {
    const batches = new Map<Watcher, WatchEvent[]>()
    for (const event of events) {
      this.#collect(event.key, event, batches)
      this.#collect('', event, batches)
      for (let at = event.key.indexOf('/'); at !== -1; at = event.key.indexOf('/', at + 1)) {
        this.#collect(event.key.slice(0, at + 1), event, batches)
      }
    }
    this.#deliveredRevision = events.at(-1)?.modRevision ?? this.#deliveredRevision
    for (const [watcher, batch] of batches) watcher.deliver(batch)
    for (const watcher of this.#watchers) if (watcher.isAwaited) watcher.settle()
  }

  #collect(path: string, event: WatchEvent, batches: Map<Watcher, WatchEvent[]>): void {
    const watchers = this.#live.get(path)
    if (watchers === undefined) return
    for (const watcher of watchers) {
      const batch = batches.get(watcher)
      if (batch === undefined) batches.set(watcher, [event])
      else batch.push(event)
    }
  }

  #replay(watcher: Watcher): void {
    if (watcher.isEnded) return
    const from = watcher.revision + 1
    const to = Math.min(this.#index.revision, watcher.revision + REPLAY_REVISIONS)
    try {
      this.#index.check(watcher.revision)
      const versions = this.#index.changes(watcher.prefixOrKey, from, to)
      const events = this.#firstOf(versions)
      const isAll = events.length === versions.length
      watcher.deliverHistory(events, isAll ? to : (events.at(-1)?.modRevision ?? to))
    } catch (error) {
      watcher.end(error)
      return
    }
    if (watcher.isEnded) return
    if (watcher.revision === this.#index.revision) this.#makeLive(watcher)
    else setImmediate(() => this.#replay(watcher))
  }

  /** Others get their turn after these: to read values takes, and what a handler does with them. */
  #firstOf(versions: readonly Version[]): WatchEvent[] {
    const events: WatchEvent[] = []
    let bytes = 0
    for (const version of versions) {
      if (events.length >= REPLAY_EVENTS || bytes >= REPLAY_BYTES) break
      const event = this.#eventOf(version)
      bytes += event.value.length
      events.push(event)
    }
    return events
  }

  #makeLive(watcher: Watcher): void {
    watcher.isLive = true
    const watchers = this.#live.get(watcher.prefixOrKey)
    if (watchers === undefined) this.#live.set(watcher.prefixOrKey, new Set([watcher]))
    else watchers.add(watcher)
  }

  #forget(watcher: Watcher): void {
    this.#watchers.delete(watcher)
    const watchers = this.#live.get(watcher.prefixOrKey)
    watchers?.delete(watcher)
    if (watchers?.size === 0) this.#live.delete(watcher.prefixOrKey)
  }
}

import { formatError } from '../../base/logger.ts'
import { isPrefix } from '../mvcc/key-order.ts'
import { Watcher } from '../mvcc/watcher.ts'
import {
  CompactedError,
  FutureRevisionError,
  type Watch,
  type WatchEvent,
  type WatchHandler,
} from '../storage.ts'
import { EventStream, type EventStreamPorts } from './event-stream.ts'
import { RecentEvents } from './recent-events.ts'

export interface RemoteWatchHubPorts extends EventStreamPorts {
  /** The newest revision that any answer has named. */
  readonly seenRevision: () => number
  /** Up to which revision the store is known to be compacted. */
  readonly compactedRevision: () => number
  readonly onCompacted: (revision: number) => void
  /** The store has lost what came after this revision. */
  readonly onRegressed: (currentRevision: number) => void
  /** The store has this revision, whose events are about to be delivered. */
  readonly onSeen: (revision: number) => void
  /** Fresh events, before they are delivered: their writers may be here. */
  readonly attach: (events: readonly WatchEvent[]) => void
}

const RECENT = { events: 1000, bytes: 8 * 1024 * 1024 }
const REGAIN_MS = 1000

/**
 * All watches of this process on one stream of events from etcd. A watch that begins where the
 * stream is joins it; one a little behind is given the recent events first; one further behind gets
 * a stream of its own until it has caught up, and joins in the same turn.
 *
 * A live watch has had all events up to the stream's position, so that `reached` needs nothing from
 * the server, whichever prefix is watched and whoever wrote.
 */
export class RemoteWatchHub {
  readonly #ports: RemoteWatchHubPorts
  readonly #live = new Map<string, Set<Watcher>>()
  readonly #watchers = new Set<Watcher>()
  /** The streams of watches that are behind. */
  readonly #catchingUp = new Map<Watcher, EventStream>()
  #stream: EventStream
  #position: number
  #recent: RecentEvents
  #closedWith: { readonly error: unknown } | undefined
  #retry: Disposable | undefined

  constructor(revision: number, ports: RemoteWatchHubPorts) {
    this.#ports = ports
    this.#position = revision
    this.#recent = new RecentEvents(revision, RECENT)
    this.#stream = this.#follow()
  }

  /** All live watches have had the events up to this revision. */
  get position(): number {
    return this.#position
  }

  /** The store is known to have this revision. */
  expect(revision: number): void {
    this.#stream.expect(revision)
    for (const stream of this.#catchingUp.values()) stream.expect(revision)
  }

  watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler): Watch {
    const watcher = new Watcher(prefixOrKey, afterRevision, handler, {
      deliveredRevision: () => this.#position,
      onEnd: (ended) => this.#forget(ended),
      onThrow: (error) => {
        const fields = { watch: prefixOrKey, error: formatError(error) }
        this.#ports.logger.error('a watch handler failed', fields)
      },
    })
    this.#watchers.add(watcher)
    queueMicrotask(() => this.#begin(watcher))
    return watcher
  }

  /** Ends all watches, and those that begin later. */
  close(error: unknown): void {
    this.#closedWith = { error }
    this.#stream[Symbol.dispose]()
    this.#retry?.[Symbol.dispose]()
    for (const watcher of [...this.#watchers]) watcher.end(error)
  }

  #begin(watcher: Watcher): void {
    if (watcher.isEnded) return
    const after = watcher.revision
    const compacted = this.#ports.compactedRevision()
    if (this.#closedWith !== undefined) watcher.end(this.#closedWith.error)
    else if (after < compacted) watcher.end(new CompactedError(compacted))
    else if (after > this.#ports.seenRevision()) void this.#checkFuture(watcher)
    else if (after >= this.#recent.startRevision) this.#join(watcher)
    else this.#catchUp(watcher)
  }

  async #checkFuture(watcher: Watcher): Promise<void> {
    try {
      const current = await this.#ports.currentRevision()
      if (watcher.isEnded) return
      if (watcher.revision > current) {
        watcher.end(new FutureRevisionError(watcher.revision, current))
      } else this.#begin(watcher)
    } catch (error) {
      watcher.end(error)
    }
  }

  /** From the recent events to the stream, in one turn: nothing fits between. */
  #join(watcher: Watcher): void {
    if (watcher.revision < this.#position) {
      const missed = this.#recent.after(watcher.revision)
      watcher.deliverHistory(eventsFor(watcher.prefixOrKey, missed), this.#position)
    }
    if (watcher.isEnded) return
    watcher.isLive = true
    const watchers = this.#live.get(watcher.prefixOrKey)
    if (watchers === undefined) this.#live.set(watcher.prefixOrKey, new Set([watcher]))
    else watchers.add(watcher)
    watcher.settle()
  }

  #catchUp(watcher: Watcher): void {
    const leave = () => {
      this.#catchingUp.get(watcher)?.[Symbol.dispose]()
      this.#catchingUp.delete(watcher)
    }
    const stream = new EventStream(watcher.revision, this.#ports, {
      onEvents: (events) => {
        const revision = events.at(-1)?.modRevision ?? watcher.revision
        this.#ports.onSeen(revision)
        watcher.deliverHistory(eventsFor(watcher.prefixOrKey, events), revision)
        if (watcher.isEnded || watcher.revision < this.#recent.startRevision) return
        leave()
        this.#join(watcher)
      },
      onCompacted: (revision) => {
        this.#ports.onCompacted(revision)
        watcher.end(new CompactedError(revision))
      },
      onRegressed: (current) => watcher.end(new FutureRevisionError(watcher.revision, current)),
    })
    this.#catchingUp.set(watcher, stream)
    stream.expect(this.#position)
  }

  #follow(): EventStream {
    return new EventStream(this.#position, this.#ports, {
      onEvents: (events) => this.#dispatch(events),
      onCompacted: (revision) => {
        this.#ports.onCompacted(revision)
        void this.#startOver((current) => new CompactedError(Math.max(current, revision)))
      },
      onRegressed: (current) => {
        const seen = this.#position
        this.#ports.logger.error('etcd is older than it was', { seen, current })
        this.#ports.onRegressed(current)
        void this.#startOver(() => new FutureRevisionError(seen, current), true)
      },
    })
  }

  #dispatch(events: readonly WatchEvent[]): void {
    const revision = events.at(-1)?.modRevision ?? this.#position
    this.#ports.onSeen(revision)
    this.#ports.attach(events)
    const batches = new Map<Watcher, WatchEvent[]>()
    for (const event of events) {
      for (const path of pathsOf(event.key)) this.#collect(path, event, batches)
    }
    this.#recent.push(events)
    this.#position = revision
    for (const [watcher, batch] of batches) watcher.deliver(batch)
    for (const watcher of this.#watchers) if (watcher.isAwaited) watcher.settle()
  }

  /** A watch that began ahead of the stream is left out until the stream is there. */
  #collect(path: string, event: WatchEvent, batches: Map<Watcher, WatchEvent[]>): void {
    for (const watcher of this.#live.get(path) ?? []) {
      if (event.modRevision <= watcher.revision) continue
      const batch = batches.get(watcher)
      if (batch === undefined) batches.set(watcher, [event])
      else batch.push(event)
    }
  }

  /**
   * Nobody knows what the live watches have missed: they end, and the stream begins at the newest
   * revision. A watch that began at or after that has missed nothing.
   */
  async #startOver(reason: (current: number) => Error, isAll = false): Promise<void> {
    try {
      const current = await this.#ports.currentRevision()
      if (this.#closedWith !== undefined) return
      for (const watcher of [...this.#watchers]) {
        if (isAll || (watcher.isLive && watcher.revision < current)) watcher.end(reason(current))
      }
      this.#position = current
      this.#recent = new RecentEvents(current, RECENT)
      this.#stream = this.#follow()
    } catch {
      if (this.#closedWith !== undefined) return
      this.#retry = this.#ports.clock.after(REGAIN_MS, () => void this.#startOver(reason, isAll))
    }
  }

  #forget(watcher: Watcher): void {
    this.#watchers.delete(watcher)
    this.#catchingUp.get(watcher)?.[Symbol.dispose]()
    this.#catchingUp.delete(watcher)
    const watchers = this.#live.get(watcher.prefixOrKey)
    watchers?.delete(watcher)
    if (watchers?.size === 0) this.#live.delete(watcher.prefixOrKey)
  }
}

/** What a watch of a key may be named by: the key, and every path above it. */
function* pathsOf(key: string): Generator<string> {
  yield key
  yield ''
  for (let at = key.indexOf('/'); at !== -1; at = key.indexOf('/', at + 1)) {
    yield key.slice(0, at + 1)
  }
}

function eventsFor(prefixOrKey: string, events: readonly WatchEvent[]): readonly WatchEvent[] {
  return isPrefix(prefixOrKey)
    ? events.filter(({ key }) => key.startsWith(prefixOrKey))
    : events.filter(({ key }) => key === prefixOrKey)
}

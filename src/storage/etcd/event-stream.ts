import { type Clock, pause } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import { jitter, type Random } from '../../base/random.ts'
import type { WatchEvent } from '../storage.ts'
import type { EtcdClient, OpenWatch } from './etcd-client.ts'
import type { EtcdEvent, EtcdWatchResponse } from './messages.ts'
import { toWatchEvent } from './watch-event.ts'

export interface EventStreamPorts {
  readonly client: Pick<EtcdClient, 'watchAll' | 'leaveMember'>
  /** The newest revision of the store, from a majority of its members. */
  readonly currentRevision: () => Promise<number>
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

export interface EventListener {
  /** All events of one or more whole revisions, each one more than the last. */
  onEvents(events: readonly WatchEvent[]): void
  /** History that is still needed is gone up to this revision; the stream has ended. */
  onCompacted(compactedRevision: number): void
  /** The store is older than what was seen of it: restored from a backup. The stream has ended. */
  onRegressed(currentRevision: number): void
}

const RETRY_MS = { first: 50, longest: 2000 }
/** How long a revision that is known to exist may take to come before the member is asked. */
const STALL_MS = 1000

/**
 * All changes of all keys after a revision, over one watch of etcd's that is begun again wherever
 * it breaks off.
 *
 * 1. Every revision of etcd changes some key, so that the revisions of a watch of *all* keys have
 *    no gap. A gap is a lost event (etcd 18089, 19179 and others), and ends the stream as a
 *    compaction would. No watch of a single prefix could tell.
 * 2. For the same reason a position needs no progress notification, which etcd before 3.4.31 and
 *    3.5.13 may send ahead of the events (etcd 15220): an event is its own. Progress is asked for
 *    as a sign of life only.
 * 3. A stream that was broken goes on after the last whole revision that was delivered.
 */
export class EventStream implements Disposable {
  readonly #ports: EventStreamPorts
  readonly #listener: EventListener
  readonly #stop = new AbortController()
  #position: number
  #watch: OpenWatch | undefined
  #fragments: EtcdEvent[] = []
  #delayMs = RETRY_MS.first
  #isBroken = false
  #expected = 0
  #stallTimer: Disposable | undefined
  #heardMs = 0

  constructor(afterRevision: number, ports: EventStreamPorts, listener: EventListener) {
    this.#position = afterRevision
    this.#ports = ports
    this.#listener = listener
    this.#open()
  }

  /** All events up to this revision have been delivered. */
  get position(): number {
    return this.#position
  }

  /** The store is known to have this revision: where it does not come, another member is asked. */
  expect(revision: number): void {
    this.#expected = Math.max(this.#expected, revision)
    if (this.#position < this.#expected) this.#armStallTimer()
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
    this.#watch?.[Symbol.dispose]()
    this.#watch = undefined
    this.#stallTimer?.[Symbol.dispose]()
    this.#stallTimer = undefined
  }

  #open(): void {
    this.#fragments = []
    this.#heardMs = this.#ports.clock.monotonic()
    this.#watch = this.#ports.client.watchAll(this.#position + 1, {
      onResponse: (response) => this.#onResponse(response),
      onEnd: (error) => void this.#reopen(error),
    })
  }

  #onResponse(response: EtcdWatchResponse): void {
    this.#heardMs = this.#ports.clock.monotonic()
    if (response.canceled) {
      if (response.compactRevision > 0) this.#end().onCompacted(response.compactRevision)
      else void this.#reopen(new Error(`etcd canceled the watch: ${response.cancelReason}`))
      return
    }
    if (response.created) this.#onCreated()
    if (response.events.length === 0) return
    const events = [...this.#fragments, ...response.events]
    this.#fragments = response.fragment ? events : []
    if (!response.fragment) this.#deliver(events.map(toWatchEvent))
  }

  #onCreated(): void {
    if (this.#isBroken) this.#ports.logger.info('the watch of etcd goes on')
    this.#isBroken = false
  }

  #deliver(found: readonly WatchEvent[]): void {
    const start = this.#position
    const events = found.filter(({ modRevision }) => modRevision > start)
    if (events.length < found.length) {
      this.#ports.logger.error('etcd sent events again', { after: start })
    }
    let last = start
    for (const { modRevision } of events) {
      if (modRevision !== last && modRevision !== last + 1) {
        this.#ports.logger.error('etcd left out events', { after: last, next: modRevision })
        this.#end().onCompacted(modRevision - 1)
        return
      }
      last = modRevision
    }
    this.#delayMs = RETRY_MS.first
    this.#position = last
    if (events.length > 0) this.#listener.onEvents(events)
  }

  async #reopen(error: Error): Promise<void> {
    this.#watch?.[Symbol.dispose]()
    this.#watch = undefined
    if (this.#stop.signal.aborted) return
    const { clock, random, logger, currentRevision } = this.#ports
    if (!this.#isBroken) {
      logger.error('the watch of etcd broke off and will be resumed', {
        after: this.#position,
        error: formatError(error),
      })
    }
    this.#isBroken = true
    const delayMs = this.#delayMs
    this.#delayMs = Math.min(delayMs * 2, RETRY_MS.longest)
    if (!(await pause(clock, jitter(random, delayMs, 0.5), this.#stop.signal))) return
    try {
      const current = await currentRevision()
      if (this.#stop.signal.aborted) return
      if (current < this.#position) this.#end().onRegressed(current)
      else this.#open()
    } catch (failure) {
      await this.#reopen(failure as Error)
    }
  }

  #armStallTimer(): void {
    if (this.#stallTimer !== undefined || this.#stop.signal.aborted) return
    const awaited = this.#expected
    this.#stallTimer = this.#ports.clock.after(STALL_MS, () => {
      this.#stallTimer = undefined
      if (this.#position < awaited) this.#onStall()
      if (this.#position < this.#expected) this.#armStallTimer()
    })
  }

  /** First the member is asked for a sign of life; a second later it is left. */
  #onStall(): void {
    if (this.#watch === undefined) return
    const silentMs = this.#ports.clock.monotonic() - this.#heardMs
    if (silentMs < STALL_MS) return
    if (silentMs < 3 * STALL_MS) {
      this.#watch.requestProgress()
      return
    }
    this.#ports.client.leaveMember()
    void this.#reopen(new Error('the member has stopped to answer'))
  }

  #end(): EventListener {
    this[Symbol.dispose]()
    return this.#listener
  }
}

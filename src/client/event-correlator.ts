import type { Clock } from '../base/clock.ts'
import { LeastRecentlyUsed } from './least-recently-used.ts'
import { TokenBucket } from './rate-limit.ts'

/** Client-go's numbers: how many events a source may send about one object, and how they merge. */
const SPAM_BURST = 25
const SPAM_PER_SECOND = 1 / 300
const MAX_SIMILAR = 10
const SIMILAR_WITHIN_MS = 600_000
const CACHE_SIZE = 4096

/** What makes two events the same, similar, or of one source about one object. */
export interface EventFacts {
  /** Source, regarded object and type. */
  readonly spamKey: string
  /** Source, regarded object, type and reason. */
  readonly aggregateKey: string
  /** `aggregateKey` with the part of the object that is meant. */
  readonly eventKey: string
  readonly message: string
  /** The name that a new Event object would get. */
  readonly name: string
  readonly timestamp: string
}

/** What has been sent for a series of equal events. */
export interface EventRecord {
  readonly name: string
  readonly count: number
  readonly firstTimestamp: string
  readonly message: string
}

interface Similar {
  readonly messages: Set<string>
  seenAt: number
}

/**
 * Decides what becomes of an event: equal ones are counted on one object, more than ten similar
 * ones within ten minutes are combined, and a source that floods one object is silenced.
 */
export class EventCorrelator {
  readonly #clock: Clock
  readonly #buckets = new LeastRecentlyUsed<TokenBucket>(CACHE_SIZE)
  readonly #similar = new LeastRecentlyUsed<Similar>(CACHE_SIZE)
  readonly #sent = new LeastRecentlyUsed<EventRecord>(CACHE_SIZE)

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** What to write, counted on an object that exists when `count` is over 1; undefined: nothing. */
  correlate(facts: EventFacts): (EventRecord & { readonly seriesKey: string }) | undefined {
    const isCombined = this.#isOneTooMany(facts)
    const seriesKey = isCombined ? facts.aggregateKey : `${facts.eventKey}\n${facts.message}`
    const message = isCombined ? `(combined from similar events): ${facts.message}` : facts.message
    const last = this.#sent.get(seriesKey)
    const record: EventRecord = {
      name: last?.name ?? facts.name,
      count: (last?.count ?? 0) + 1,
      firstTimestamp: last?.firstTimestamp ?? facts.timestamp,
      message,
    }
    this.#sent.set(seriesKey, record)
    return this.#mayPass(facts.spamKey) ? { ...record, seriesKey } : undefined
  }

  /** Corrects what is remembered once the server has answered. */
  remember(seriesKey: string, record: EventRecord): void {
    this.#sent.set(seriesKey, record)
  }

  #isOneTooMany({ aggregateKey, message }: EventFacts): boolean {
    const now = this.#clock.monotonic()
    let similar = this.#similar.get(aggregateKey)
    if (similar === undefined || now - similar.seenAt > SIMILAR_WITHIN_MS) {
      similar = { messages: new Set(), seenAt: now }
      this.#similar.set(aggregateKey, similar)
    }
    similar.messages.add(message)
    similar.seenAt = now
    if (similar.messages.size < MAX_SIMILAR) return false
    const [oldest] = similar.messages
    if (oldest !== undefined) similar.messages.delete(oldest)
    return true
  }

  #mayPass(spamKey: string): boolean {
    let bucket = this.#buckets.get(spamKey)
    if (bucket === undefined) {
      bucket = new TokenBucket(this.#clock, SPAM_PER_SECOND, SPAM_BURST)
      this.#buckets.set(spamKey, bucket)
    }
    return bucket.tryTake()
  }
}

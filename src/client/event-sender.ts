import { type Clock, formatTime, pause } from '../base/clock.ts'
import { inBackground } from '../base/lifetime.ts'
import { formatError, type Logger } from '../base/logger.ts'
import { Event } from '../kinds/core/v1/event.ts'
import type { DraftOf, KubeObject } from '../machinery/kind.ts'
import { isReason, StatusError } from '../machinery/status-error.ts'
import type { Client } from './client.ts'
import { EventCorrelator, type EventFacts, type EventRecord } from './event-correlator.ts'
import type { EventRecorder } from './event-recorder.ts'

/** As client-go: a queue that is full loses events rather than holding anybody up. */
const MAX_QUEUED = 1000
const MAX_TRIES = 12
const RETRY_DELAY_MS = 10_000

export interface EventRecorderOptions {
  readonly client: Client
  readonly clock: Clock
  readonly logger: Logger
  /** Who reports, such as `deployment-controller`. */
  readonly component: string
  /** The node that reports, for kubelets. */
  readonly host?: string
}

type EventDraft = DraftOf<typeof Event> & { readonly metadata: { name: string; namespace: string } }

interface Queued {
  readonly draft: EventDraft
  readonly facts: EventFacts
}

/** Sends events one after the other, in the background, for as long as it is not disposed. */
export class ClientEventRecorder implements EventRecorder, Disposable {
  readonly #options: EventRecorderOptions
  readonly #correlator: EventCorrelator
  readonly #queue: Queued[] = []
  readonly #stop = new AbortController()
  #isSending = false
  #sequence = 0

  constructor(options: EventRecorderOptions) {
    this.#options = options
    this.#correlator = new EventCorrelator(options.clock)
  }

  event(
    regarding: KubeObject,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    { fieldPath }: { readonly fieldPath?: string } = {},
  ): void {
    if (this.#stop.signal.aborted || this.#queue.length >= MAX_QUEUED) return
    const draft = this.#draft(regarding, type, reason, message, fieldPath)
    this.#queue.push({ draft, facts: factsOf(draft) })
    if (this.#isSending) return
    this.#isSending = true
    inBackground(this.#options.logger, 'sending events', this.#sendAll())
  }

  [Symbol.dispose](): void {
    this.#stop.abort()
    this.#queue.length = 0
  }

  #draft(
    { apiVersion, kind, metadata }: KubeObject,
    type: string,
    reason: string,
    message: string,
    fieldPath: string | undefined,
  ): EventDraft {
    const { clock, component, host } = this.#options
    const { name, namespace, uid, resourceVersion } = metadata
    const now = formatTime(clock.now())
    return {
      metadata: { name: `${name}.${this.#suffix()}`, namespace: namespace || 'default' },
      involvedObject: {
        apiVersion,
        kind,
        name,
        uid,
        resourceVersion,
        ...(namespace !== undefined && { namespace }),
        ...(fieldPath !== undefined && { fieldPath }),
      },
      reason,
      message,
      type,
      source: { component, ...(host !== undefined && { host }) },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
      reportingComponent: component,
      reportingInstance: host ?? '',
    }
  }

  /** Nanoseconds since the epoch in hexadecimal, the last digits counted so that none repeats. */
  #suffix(): string {
    this.#sequence = (this.#sequence + 1) % 1_000_000
    const nanoseconds = BigInt(Math.floor(this.#options.clock.now())) * 1_000_000n
    return (nanoseconds + BigInt(this.#sequence)).toString(16)
  }

  async #sendAll(): Promise<void> {
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        await this.#send(next)
      }
    } finally {
      this.#isSending = false
    }
  }

  async #send({ draft, facts }: Queued): Promise<void> {
    const record = this.#correlator.correlate(facts)
    if (record === undefined) return
    const { clock, logger } = this.#options
    for (let tries = 1; !this.#stop.signal.aborted; tries++) {
      try {
        return await this.#write(draft, record)
      } catch (error) {
        if (!canRetry(error) || tries >= MAX_TRIES) {
          logger.debug('event not written', { reason: draft.reason, error: formatError(error) })
          return
        }
        await pause(clock, RETRY_DELAY_MS, this.#stop.signal)
      }
    }
  }

  async #write(
    draft: EventDraft,
    { seriesKey, ...record }: EventRecord & { readonly seriesKey: string },
  ): Promise<void> {
    const { client } = this.#options
    const { namespace } = draft.metadata
    const { name, count, message, firstTimestamp } = record
    if (count > 1) {
      try {
        const patch = { count, message, lastTimestamp: draft.lastTimestamp }
        const type = 'application/strategic-merge-patch+json'
        await client.patch(Event, { namespace, name }, type, patch)
        return
      } catch (error) {
        if (!isReason(error, 'NotFound')) throw error // Events live an hour: count on a new one.
      }
    }
    const metadata = { name: draft.metadata.name, namespace }
    await client.create(Event, { ...draft, metadata, count, message, firstTimestamp })
    this.#correlator.remember(seriesKey, { ...record, name: metadata.name })
  }
}

function factsOf({ metadata, involvedObject, source, ...draft }: EventDraft): EventFacts {
  const { kind, namespace, name, uid, apiVersion, fieldPath } = involvedObject
  const { component, host } = source ?? {}
  const { type, reason, message = '', firstTimestamp } = draft
  const join = (...parts: readonly (string | undefined)[]) => parts.join('\n')
  const spamKey = join(component, host, kind, namespace, name, uid, apiVersion, type)
  const aggregateKey = join(spamKey, reason)
  return {
    spamKey,
    aggregateKey,
    eventKey: join(aggregateKey, fieldPath),
    message,
    name: metadata.name,
    timestamp: firstTimestamp ?? '',
  }
}

/** The server could not be reached or could not answer; what it refuses stays refused. */
function canRetry(error: unknown): boolean {
  if (!(error instanceof StatusError)) return true
  return isReason(error, 'ServiceUnavailable', 'Timeout', 'ServerTimeout', 'TooManyRequests')
}

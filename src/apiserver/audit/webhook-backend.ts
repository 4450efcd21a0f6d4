import { type Clock, pause } from '../../base/clock.ts'
import { stringifyJson } from '../../base/json.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import { jitter, type Random } from '../../base/random.ts'
import type { AuditEvent } from './audit-event.ts'
import type { AuditBackend, AuditLosses, AuditMode } from './audit-filter.ts'

/** Upstream's `--audit-webhook-batch-*` and `--audit-webhook-initial-backoff`. */
export interface WebhookLimits {
  /** Events that wait at most; what comes then is lost, and that is logged. */
  readonly bufferSize: number
  readonly maxBatchSize: number
  readonly maxBatchWaitMs: number
  /** Batches a second, and how many of them may go at once after a pause. */
  readonly throttleQps: number
  readonly throttleBurst: number
  readonly initialBackoffMs: number
  /** Larger batches are sent in parts; no limit when absent. */
  readonly maxBatchBytes?: number | undefined
}

export const DEFAULT_WEBHOOK_LIMITS: WebhookLimits = {
  bufferSize: 10_000,
  maxBatchSize: 400,
  maxBatchWaitMs: 30_000,
  throttleQps: 10,
  throttleBurst: 15,
  initialBackoffMs: 10_000,
}

/** A batch is tried so often before it is given up, each wait half as long again. */
const ATTEMPTS = 5
const BACKOFF_FACTOR = 1.5
const BACKOFF_JITTER = 0.2

export interface WebhookBackendOptions {
  /** Posts a JSON body; resolves to the HTTP code, or rejects where there is no answer. */
  post(body: string): Promise<number>
  readonly limits: WebhookLimits
  /** `batch` when absent: requests do not wait. */
  readonly mode?: AuditMode | undefined
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** Sends events in batches, as EventLists, to an HTTP server that keeps them. */
export class WebhookBackend implements AuditBackend {
  readonly #options: WebhookBackendOptions
  readonly #stop = new AbortController()
  readonly #sending = new Set<Promise<void>>()
  #waiting: AuditEvent[] = []
  readonly losses: [AuditLosses] = [{ plugin: 'webhook', events: 0 }]
  #dropped = 0
  #timer: Disposable | undefined
  /** Batches that may go now, and when that was so. */
  #tokens: number
  #tokensAtMs: number

  constructor(options: WebhookBackendOptions) {
    this.#options = options
    this.#tokens = options.limits.throttleBurst
    this.#tokensAtMs = options.clock.monotonic()
  }

  process(event: AuditEvent): Promise<boolean> | undefined {
    const { mode = 'batch' } = this.#options
    if (mode === 'batch') {
      this.#enqueue(event)
      return undefined
    }
    const sending = this.#send([event])
    const settled = sending.then(() => {}).finally(() => this.#sending.delete(settled))
    this.#sending.add(settled)
    return mode === 'blocking' ? sending.then(() => true) : sending
  }

  #enqueue(event: AuditEvent): void {
    const { bufferSize, maxBatchSize, maxBatchWaitMs } = this.#options.limits
    if (this.#waiting.length >= bufferSize) {
      this.#dropped++
      this.losses[0].events++
      return
    }
    this.#waiting.push(event)
    if (this.#waiting.length === maxBatchSize) this.#schedule(0)
    else if (this.#timer === undefined) this.#schedule(maxBatchWaitMs)
  }

  /** What waits is sent, once and without the throttle; what is being retried is given up. */
  async close(): Promise<void> {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    this.#stop.abort()
    while (this.#waiting.length > 0) this.#sendBatch()
    await Promise.all(this.#sending)
  }

  #schedule(ms: number): void {
    const { clock } = this.#options
    this.#timer?.[Symbol.dispose]()
    this.#timer = clock.after(Math.max(ms, this.#throttleMs()), () => {
      this.#timer = undefined
      this.#tokens--
      this.#sendBatch()
      if (this.#waiting.length === 0) return
      const { maxBatchSize, maxBatchWaitMs } = this.#options.limits
      this.#schedule(this.#waiting.length >= maxBatchSize ? 0 : maxBatchWaitMs)
    })
  }

  /** How long until another batch may go. */
  #throttleMs(): number {
    const { clock, limits } = this.#options
    const now = clock.monotonic()
    const gained = ((now - this.#tokensAtMs) / 1000) * limits.throttleQps
    this.#tokens = Math.min(limits.throttleBurst, this.#tokens + gained)
    this.#tokensAtMs = now
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) / limits.throttleQps) * 1000
  }

  #sendBatch(): void {
    const { limits, logger } = this.#options
    if (this.#dropped > 0) {
      logger.error('audit events were lost: the buffer is full', { dropped: this.#dropped })
      this.#dropped = 0
    }
    const items = this.#waiting.slice(0, limits.maxBatchSize)
    this.#waiting = this.#waiting.slice(limits.maxBatchSize)
    for (const part of partsOf(items, limits.maxBatchBytes)) {
      const sending = this.#send(part)
        .then(() => {})
        .finally(() => this.#sending.delete(sending))
      this.#sending.add(sending)
    }
  }

  /** Whether the events were taken. */
  async #send(items: readonly AuditEvent[]): Promise<boolean> {
    const { clock, random, limits, logger } = this.#options
    // Kind and version are the list's, as of all lists.
    const bare = items.map(({ kind: _, apiVersion: __, ...event }) => event)
    const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', metadata: {}, items: bare }
    const body = stringifyJson(list)
    let backoffMs = limits.initialBackoffMs
    for (let attempt = 1; ; attempt++) {
      const failure = await this.#tryOnce(body)
      if (failure === undefined) return true
      const waited =
        attempt < ATTEMPTS &&
        (await pause(clock, jitter(random, backoffMs, BACKOFF_JITTER), this.#stop.signal))
      if (!waited) {
        const error = formatError(failure)
        logger.error('audit events were lost', { events: items.length, error })
        this.losses[0].events += items.length
        return false
      }
      backoffMs *= BACKOFF_FACTOR
    }
  }

  async #tryOnce(body: string): Promise<unknown> {
    try {
      const code = await this.#options.post(body)
      if (code >= 200 && code < 300) return undefined
      return new Error(`the audit webhook answered ${code}`)
    } catch (error) {
      return error
    }
  }
}

/** In their order; one event may be larger than the limit all by itself. */
function partsOf(
  items: readonly AuditEvent[],
  maxBytes: number | undefined,
): readonly (readonly AuditEvent[])[] {
  if (maxBytes === undefined) return [items]
  const parts: AuditEvent[][] = []
  let bytes = 0
  for (const item of items) {
    const size = Buffer.byteLength(stringifyJson(item))
    const last = parts.at(-1)
    if (last === undefined || bytes + size > maxBytes) {
      parts.push([item])
      bytes = size
    } else {
      last.push(item)
      bytes += size
    }
  }
  return parts
}

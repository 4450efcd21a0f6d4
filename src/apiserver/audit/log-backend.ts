import type { Clock } from '../../base/clock.ts'
import { inBackground } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { AuditEvent } from './audit-event.ts'
import type { AuditBackend, AuditLosses, AuditMode } from './audit-filter.ts'
import { EVENT_FORMATS, type FormatEvent } from './event-line.ts'

/** How long events are gathered, so that one write takes many. */
const GATHERING_MS = 100
/** What may wait for a slow disk; what comes then is lost, and that is logged. */
const MOST_WAITING_CHARACTERS = 16 * 1024 * 1024
/** Upstream's `--audit-log-batch-buffer-size`. */
const MOST_WAITING_EVENTS = 10_000

export interface LogBackendOptions {
  /** Where lines go: a `LogFile`. */
  readonly file: { append(text: string): Promise<void> }
  readonly clock: Clock
  readonly logger: Logger
  /** `batch` when absent: requests do not wait. */
  readonly mode?: AuditMode | undefined
  /** JSON when absent. */
  readonly format?: FormatEvent | undefined
  /** In mode `batch`: how many events may wait, and for how long. */
  readonly bufferSize?: number | undefined
  readonly maxWaitMs?: number | undefined
}

/**
 * Writes each event as a line. In mode `batch` requests do not wait for the disk: what was gathered
 * in the last moments is lost when the machine fails, and nothing when the process is stopped. In
 * the other modes a request waits until its events are in the file, all of a moment in one write;
 * `blocking-strict` also fails a request whose first event is lost.
 */
export class LogBackend implements AuditBackend {
  readonly #options: LogBackendOptions
  readonly #format: FormatEvent
  readonly #isBlocking: boolean
  #waiting = ''
  readonly losses: [AuditLosses] = [{ plugin: 'log', events: 0 }]
  #events = 0
  #dropped = 0
  #timer: Disposable | undefined
  #writing: Promise<boolean> | undefined
  /** The write after the one under way, for those who wait for it. */
  #next: Promise<boolean> | undefined

  constructor(options: LogBackendOptions) {
    const { mode = 'batch', format = EVENT_FORMATS['json'] as FormatEvent } = options
    this.#options = options
    this.#format = format
    this.#isBlocking = mode !== 'batch'
  }

  process(event: AuditEvent): Promise<boolean> | undefined {
    const { bufferSize = MOST_WAITING_EVENTS, mode } = this.#options
    const isFull =
      this.#waiting.length > MOST_WAITING_CHARACTERS ||
      (!this.#isBlocking && this.#events >= bufferSize)
    if (isFull) {
      this.#dropped++
      this.losses[0].events++
      return this.#isBlocking ? Promise.resolve(mode === 'blocking') : undefined
    }
    this.#waiting += `${this.#format(event)}\n`
    this.#events++
    if (this.#isBlocking) {
      const kept = this.#writeNow()
      return mode === 'blocking' ? kept.then(() => true) : kept
    }
    if (this.#timer === undefined && this.#writing === undefined) this.#writeSoon()
    return undefined
  }

  async close(): Promise<void> {
    this.#cancelTimer()
    await this.#next
    await this.#writing
    this.#cancelTimer()
    await this.#write()
  }

  #cancelTimer(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  /** What comes while a write is under way goes with the next one, all together. */
  #writeNow(): Promise<boolean> {
    if (this.#writing === undefined) {
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined
      })
      return this.#writing
    }
    this.#next ??= this.#writing.then(() => {
      this.#next = undefined
      return this.#writeNow()
    })
    return this.#next
  }

  #writeSoon(): void {
    const { clock, logger, maxWaitMs = GATHERING_MS } = this.#options
    this.#timer = clock.after(maxWaitMs, () => {
      this.#timer = undefined
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined
        if (this.#waiting !== '') this.#writeSoon()
      })
      inBackground(logger, 'writing the audit log', this.#writing)
    })
  }

  /** Whether all that was waiting is in the file. */
  async #write(): Promise<boolean> {
    const { file, logger } = this.#options
    const text = this.#waiting
    const dropped = this.#dropped
    const events = this.#events
    this.#waiting = ''
    this.#events = 0
    this.#dropped = 0
    if (dropped > 0) logger.error('audit events were lost: the disk is too slow', { dropped })
    if (text === '') return true
    try {
      await file.append(text)
      return true
    } catch (error) {
      const bytes = text.length
      this.losses[0].events += events
      logger.error('audit events were lost', { bytes, error: formatError(error) })
      return false
    }
  }
}

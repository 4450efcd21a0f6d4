import type { Clock } from '../../base/clock.ts'
import { stringifyJson } from '../../base/json.ts'
import { inBackground } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { AuditEvent } from './audit-event.ts'
import type { AuditBackend } from './audit-filter.ts'

/** How long events are gathered, so that one write takes many. */
const GATHERING_MS = 100
/** What may wait for a slow disk; what comes then is lost, and that is logged. */
const MOST_WAITING_CHARACTERS = 16 * 1024 * 1024

export interface LogBackendOptions {
  /** Where lines go: a `LogFile`. */
  readonly file: { append(text: string): Promise<void> }
  readonly clock: Clock
  readonly logger: Logger
}

/**
 * Writes each event as a line of JSON. Requests do not wait for the disk: what was gathered in the
 * last moments is lost when the machine fails, and nothing when the process is stopped.
 */
export class LogBackend implements AuditBackend {
  readonly #options: LogBackendOptions
  #waiting = ''
  #dropped = 0
  #timer: Disposable | undefined
  #writing: Promise<void> | undefined

  constructor(options: LogBackendOptions) {
    this.#options = options
  }

  process(event: AuditEvent): void {
    if (this.#waiting.length > MOST_WAITING_CHARACTERS) {
      this.#dropped++
      return
    }
    this.#waiting += `${stringifyJson(event)}\n`
    if (this.#timer === undefined && this.#writing === undefined) this.#writeSoon()
  }

  async close(): Promise<void> {
    this.#cancelTimer()
    await this.#writing
    this.#cancelTimer()
    await this.#write()
  }

  #cancelTimer(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
  }

  #writeSoon(): void {
    const { clock, logger } = this.#options
    this.#timer = clock.after(GATHERING_MS, () => {
      this.#timer = undefined
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined
        if (this.#waiting !== '') this.#writeSoon()
      })
      inBackground(logger, 'writing the audit log', this.#writing)
    })
  }

  async #write(): Promise<void> {
    const { file, logger } = this.#options
    const text = this.#waiting
    const dropped = this.#dropped
    this.#waiting = ''
    this.#dropped = 0
    if (dropped > 0) logger.error('audit events were lost: the disk is too slow', { dropped })
    if (text === '') return
    try {
      await file.append(text)
    } catch (error) {
      const bytes = text.length
      logger.error('audit events were lost', { bytes, error: formatError(error) })
    }
  }
}

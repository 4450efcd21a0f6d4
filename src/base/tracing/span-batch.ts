import type { Clock } from '../clock.ts'
import { formatError, type Logger } from '../logger.ts'
import type { EndedSpan } from './span.ts'

export interface SpanBatchOptions {
  /** Sends spans away; rejects where that cannot be done. */
  readonly send: (spans: readonly EndedSpan[]) => Promise<void>
  readonly clock: Clock
  readonly logger: Logger
}

/** OpenTelemetry's defaults for every language. */
const MOST_WAITING = 2048
const MOST_AT_ONCE = 512
const DELAY_MS = 5000

/**
 * Gathers spans that have ended and sends them together: five seconds after the first, or as soon
 * as there are many. Nobody waits for that; where they cannot be sent, or come too fast, they are
 * lost, and the log says so.
 */
export class SpanBatch {
  readonly #options: SpanBatchOptions
  #waiting: EndedSpan[] = []
  #timer: Disposable | undefined
  #sending: Promise<void> | undefined
  #dropped = 0

  constructor(options: SpanBatchOptions) {
    this.#options = options
  }

  add(span: EndedSpan): void {
    if (this.#waiting.length >= MOST_WAITING) {
      this.#dropped++
      return
    }
    this.#waiting.push(span)
    if (this.#waiting.length >= MOST_AT_ONCE) this.#flush()
    else this.#timer ??= this.#options.clock.after(DELAY_MS, () => this.#flush())
  }

  /** Sends what there is. */
  async close(): Promise<void> {
    this.#flush()
    while (this.#sending !== undefined) await this.#sending
  }

  #flush(): void {
    this.#timer?.[Symbol.dispose]()
    this.#timer = undefined
    if (this.#waiting.length === 0) return
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = undefined
    })
  }

  async #sendAll(): Promise<void> {
    const { send, logger } = this.#options
    while (this.#waiting.length > 0) {
      const spans = this.#waiting.splice(0, MOST_AT_ONCE)
      try {
        await send(spans)
      } catch (error) {
        const fields = { spans: spans.length, error: formatError(error) }
        logger.error('spans could not be sent', fields)
      }
      if (this.#dropped > 0) logger.error('spans were lost', { spans: this.#dropped })
      this.#dropped = 0
    }
  }
}

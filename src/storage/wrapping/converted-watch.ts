import type { Storage, Watch, WatchEvent, WatchHandler } from '../storage.ts'

/** In their order; a promise where somebody else has to be asked, who is asked for all at once. */
export type ConvertEvents = (
  events: readonly WatchEvent[],
) => readonly WatchEvent[] | Promise<readonly WatchEvent[]>

/** What a webhook is asked for together: as many objects as a page of a list has. */
const MOST_AT_ONCE = 500

/**
 * A watch whose events are converted on the way. Where that is done at once, they come when the
 * storage sends them; where a webhook must be asked, they wait for each other, in their order: what
 * comes meanwhile gathers, and is converted together.
 */
export class ConvertedWatch implements Watch {
  readonly #handler: WatchHandler
  readonly #convert: ConvertEvents
  /** What came while others were converted. */
  readonly #waiting: WatchEvent[] = []
  /** Why the source has ended, once all that it sent is delivered. */
  #ended: { readonly error: unknown } | undefined
  #source: Watch | undefined
  /** Ends when what is being converted has been delivered; undefined when all is. */
  #pending: Promise<void> | undefined
  /** Up to here, while events are pending. */
  #delivered = 0
  #isDisposed = false

  constructor(handler: WatchHandler, convert: ConvertEvents) {
    this.#handler = handler
    this.#convert = convert
  }

  follow(storage: Storage, prefixOrKey: string, afterRevision: number): Watch {
    this.#delivered = afterRevision
    this.#source = storage.watch(prefixOrKey, afterRevision, {
      ...(this.#handler.wantsPrevious && { wantsPrevious: true }),
      onEvents: (events) => this.#onEvents(events),
      onError: (error) => this.#onError(error),
    })
    return this
  }

  get revision(): number {
    if (this.#pending !== undefined) return this.#delivered
    return this.#source?.revision ?? this.#delivered
  }

  async reached(revision: number): Promise<void> {
    await this.#source?.reached(revision)
    while (this.#pending !== undefined && this.#delivered < revision) await this.#pending
    if (this.#isDisposed) throw new Error('the watch has ended')
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#source?.[Symbol.dispose]()
  }

  #onEvents(events: readonly WatchEvent[]): void {
    if (this.#pending !== undefined) {
      this.#waiting.push(...events)
      return
    }
    const converted = this.#convert(events)
    if (!(converted instanceof Promise)) {
      this.#handler.onEvents(converted)
      return
    }
    this.#delivered = (events[0]?.modRevision ?? 1) - 1
    this.#begin(converted)
  }

  #onError(error: unknown): void {
    if (this.#pending === undefined) this.#fail(error)
    else this.#ended = { error }
  }

  /** Delivers what is being converted, then goes on with what has gathered meanwhile. */
  #begin(converted: Promise<readonly WatchEvent[]>): void {
    this.#pending = this.#deliver(converted).then(() => {
      this.#pending = undefined
      if (this.#isDisposed) return
      const next = this.#waiting.splice(0, MOST_AT_ONCE)
      if (next.length > 0) this.#begin(this.#convertLater(next))
      else if (this.#ended !== undefined) this.#fail(this.#ended.error)
    })
  }

  async #convertLater(events: readonly WatchEvent[]): Promise<readonly WatchEvent[]> {
    return this.#convert(events)
  }

  async #deliver(converted: Promise<readonly WatchEvent[]>): Promise<void> {
    try {
      const ready = await converted
      if (this.#isDisposed) return
      this.#handler.onEvents(ready)
      this.#delivered = ready.at(-1)?.modRevision ?? this.#delivered
    } catch (error) {
      this.#fail(error)
    }
  }

  #fail(error: unknown): void {
    if (this.#isDisposed) return
    this[Symbol.dispose]()
    this.#handler.onError(error)
  }
}

/** Converts events each for itself, all at the same time. */
export function eachAlone(
  convert: (event: WatchEvent) => WatchEvent | Promise<WatchEvent>,
): ConvertEvents {
  return (events) => {
    const converted = events.map(convert)
    return converted.every(isThere) ? converted : Promise.all(converted)
  }
}

function isThere(event: WatchEvent | Promise<WatchEvent>): event is WatchEvent {
  return !(event instanceof Promise)
}

import type { Storage, Watch, WatchEvent, WatchHandler } from '../storage.ts'

/**
 * A watch whose events are converted on the way. Where that is done at once, they come when the
 * storage sends them; where a webhook must be asked, they wait for each other, in their order.
 */
export class ConvertedWatch implements Watch {
  readonly #handler: WatchHandler
  readonly #convert: (event: WatchEvent) => WatchEvent | Promise<WatchEvent>
  #source: Watch | undefined
  /** Ends when all that was sent so far has been delivered; undefined when it has. */
  #pending: Promise<void> | undefined
  /** Up to here, while events are pending. */
  #delivered = 0
  #isDisposed = false

  constructor(
    handler: WatchHandler,
    convert: (event: WatchEvent) => WatchEvent | Promise<WatchEvent>,
  ) {
    this.#handler = handler
    this.#convert = convert
  }

  follow(storage: Storage, prefixOrKey: string, afterRevision: number): Watch {
    this.#delivered = afterRevision
    this.#source = storage.watch(prefixOrKey, afterRevision, {
      ...(this.#handler.wantsPrevious && { wantsPrevious: true }),
      onEvents: (events) => this.#onEvents(events),
      onError: (error) => this.#afterPending(() => this.#fail(error)),
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
    const converted = events.map((event) => this.#convert(event))
    if (this.#pending === undefined && converted.every(isThere)) {
      this.#handler.onEvents(converted)
      return
    }
    if (this.#pending === undefined) this.#delivered = (events[0]?.modRevision ?? 1) - 1
    const all = Promise.all(converted)
    // Its turn may come later than its failure.
    all.catch(() => undefined)
    this.#afterPending(async () => {
      const ready = await all
      if (this.#isDisposed) return
      this.#handler.onEvents(ready)
      this.#delivered = ready.at(-1)?.modRevision ?? this.#delivered
    })
  }

  /** Work in its turn; what fails ends the watch. */
  #afterPending(work: () => void | Promise<void>): void {
    const before = this.#pending
    const turn = this.#inTurn(before, work).finally(() => {
      if (this.#pending === turn) this.#pending = undefined
    })
    this.#pending = turn
  }

  async #inTurn(before: Promise<void> | undefined, work: () => void | Promise<void>) {
    await before
    if (this.#isDisposed) return
    try {
      await work()
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

function isThere(event: WatchEvent | Promise<WatchEvent>): event is WatchEvent {
  return !(event instanceof Promise)
}

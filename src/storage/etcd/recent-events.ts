import type { WatchEvent } from '../storage.ts'

/**
 * The newest events of all keys, so that a watch that begins a little behind (after its list was
 * answered, others have written) needs no history from the server.
 *
 *     start = 7   [8] [9 9] [10] [11]      complete: every revision after `start` up to the newest
 */
export class RecentEvents {
  readonly #mostEvents: number
  readonly #mostBytes: number
  #events: WatchEvent[] = []
  /** Index of the oldest event that counts; the array is cut when half of it is stale. */
  #first = 0
  #bytes = 0
  #startRevision: number

  constructor(startRevision: number, limits: { readonly events: number; readonly bytes: number }) {
    this.#startRevision = startRevision
    this.#mostEvents = limits.events
    this.#mostBytes = limits.bytes
  }

  /** All events after this revision are here. */
  get startRevision(): number {
    return this.#startRevision
  }

  push(events: readonly WatchEvent[]): void {
    for (const event of events) {
      // What a writer attached is for fresh events: it must not live as long as history.
      const kept = event.attachment === undefined ? event : { ...event, attachment: undefined }
      this.#events.push(kept)
      this.#bytes += bytesOf(event)
    }
    while (this.#isTooLarge()) this.#dropOldestRevision()
    if (this.#first > this.#events.length / 2) {
      this.#events = this.#events.slice(this.#first)
      this.#first = 0
    }
  }

  /** The events after a revision that is not before `startRevision`. */
  after(revision: number): readonly WatchEvent[] {
    let low = this.#first
    let high = this.#events.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#events[middle] as WatchEvent).modRevision > revision) high = middle
      else low = middle + 1
    }
    return this.#events.slice(low)
  }

  #isTooLarge(): boolean {
    const count = this.#events.length - this.#first
    return count > this.#mostEvents || (this.#bytes > this.#mostBytes && count > 0)
  }

  /** Whole revisions: one may have several events, of keys whose lease has ended. */
  #dropOldestRevision(): void {
    const revision = this.#events[this.#first]?.modRevision ?? 0
    let event = this.#events[this.#first]
    while (event !== undefined && event.modRevision === revision) {
      this.#bytes -= bytesOf(event)
      event = this.#events[++this.#first]
    }
    this.#startRevision = revision
  }
}

function bytesOf({ value, previous }: WatchEvent): number {
  return value.length + (previous?.value.length ?? 0)
}

import type { CacheEvent } from './cache-event.ts'

/** How much a window holds once it has dropped what is too much; at most twice that. */
export interface WindowCapacity {
  readonly events: number
  readonly bytes: number
}

/**
 * The newest changes of one resource, in order, for watches that begin in the near past. Twice its
 * capacity is held at most, so that dropping the oldest half costs little per event.
 */
export class EventWindow {
  readonly #capacity: WindowCapacity
  #events: CacheEvent[] = []
  #bytes = 0
  #startRevision: number

  /** The window knows every change after `startRevision`. */
  constructor(capacity: WindowCapacity, startRevision: number) {
    this.#capacity = capacity
    this.#startRevision = startRevision
  }

  /** Changes up to this revision may have been dropped. */
  get startRevision(): number {
    return this.#startRevision
  }

  push(event: CacheEvent): void {
    this.#events.push(event)
    this.#bytes += event.weight
    const { events, bytes } = this.#capacity
    if (this.#events.length >= 2 * events || this.#bytes > 2 * bytes) this.#drop()
  }

  /** The changes after a revision that is at least `startRevision`. */
  after(revision: number): readonly CacheEvent[] {
    const events = this.#events
    let low = 0
    let high = events.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((events[middle] as CacheEvent).revision > revision) high = middle
      else low = middle + 1
    }
    return events.slice(low)
  }

  #drop(): void {
    const { events, bytes } = this.#capacity
    let dropped = 0
    for (const event of this.#events) {
      if (this.#events.length - dropped <= events && this.#bytes <= bytes) break
      this.#bytes -= event.weight
      this.#startRevision = event.revision
      dropped++
    }
    this.#events = this.#events.slice(dropped)
  }
}

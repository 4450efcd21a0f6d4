import type { CacheEvent } from './cache-event.ts'

/**
 * The newest changes of one resource, in order, for watches that begin in the near past. At most
 * twice `capacity` are held, so that dropping the oldest half costs little per event.
 */
export class EventWindow {
  readonly #capacity: number
  #events: CacheEvent[] = []
  #startRevision: number

  /** The window knows every change after `startRevision`. */
  constructor(capacity: number, startRevision: number) {
    this.#capacity = capacity
    this.#startRevision = startRevision
  }

  /** Changes up to this revision may have been dropped. */
  get startRevision(): number {
    return this.#startRevision
  }

  push(event: CacheEvent): void {
    this.#events.push(event)
    if (this.#events.length < 2 * this.#capacity) return
    this.#startRevision = this.#events[this.#capacity - 1]?.revision ?? this.#startRevision
    this.#events = this.#events.slice(this.#capacity)
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
}

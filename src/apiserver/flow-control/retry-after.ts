import type { Clock } from '../../base/clock.ts'

const MOST_SECONDS = 32

interface Second {
  readonly second: number
  requests: number
}

/**
 * How long clients of one priority level are told to wait: twice as long whenever that did not
 * help (three rejections for each second of it), and less again as rejections become rare.
 */
export class RetryAfter {
  readonly #clock: Clock
  #history: Second[] = []
  #current: Second | undefined
  #raisedAt = 0
  seconds = 1

  constructor(clock: Clock) {
    this.#clock = clock
  }

  noteRejection(): void {
    const second = Math.floor(this.#clock.now() / 1000)
    if (this.#current?.second === second) {
      this.#current.requests++
      return
    }
    if (this.#current !== undefined) this.#history.push(this.#current)
    this.#current = { second, requests: 1 }
    const kept = Math.min(2 * this.seconds, MOST_SECONDS)
    this.#history = this.#history.filter((one) => second - one.second <= kept)
    this.#adjust(second)
  }

  #adjust(second: number): void {
    const recent = this.#history.filter((one) => second - one.second <= this.seconds)
    const rejected = recent.reduce((sum, { requests }) => sum + requests, 0)
    if (second - this.#raisedAt >= this.seconds && rejected >= 3 * this.seconds) {
      this.seconds = Math.min(2 * this.seconds, MOST_SECONDS)
      this.#raisedAt = second
    } else if (rejected < this.seconds && this.seconds > 1) {
      this.seconds--
    }
  }
}

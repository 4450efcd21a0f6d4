import type { Clock } from '../base/clock.ts'

/**
 * A bucket of tokens that fills at `perSecond` up to `burst`. Taking more than it holds runs it
 * into debt: whoever takes waits until the debt is paid, in the order of asking.
 */
export class TokenBucket {
  readonly #clock: Clock
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #filledAt: number

  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#filledAt = clock.monotonic()
  }

  /** Takes a token and says after how many milliseconds it may be used. */
  reserve(): number {
    this.#fill()
    this.#tokens--
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.#perSecond) * 1000
  }

  /** Takes a token if there is one now. */
  tryTake(): boolean {
    this.#fill()
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  #fill(): void {
    const now = this.#clock.monotonic()
    const earned = ((now - this.#filledAt) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#burst, this.#tokens + earned)
    this.#filledAt = now
  }
}

/** Delays that double with each failure from `baseMs` to at most `maxMs`. */
export function exponentialDelay(failures: number, baseMs: number, maxMs: number): number {
  return Math.min(baseMs * 2 ** failures, maxMs)
}

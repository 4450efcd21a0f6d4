import type { Clock } from '../../base/clock.ts'

/** Of what the demand was before, so much stays in each period: half of it after five minutes. */
const SMOOTHING = 0.977

/** How many seats a priority level wanted in the last periods: what it may keep or lend. */
export class SeatDemand {
  readonly #clock: Clock
  #seats = 0
  #sinceMs: number
  #periodMs = 0
  #sum = 0
  #sumOfSquares = 0
  #most = 0
  /** The most that were wanted at once in the last period. */
  highWatermark = 0
  /** Of the last period, weighed by time. */
  average = 0
  deviation = 0
  /** Follows a rise at once, and a fall slowly. */
  smoothed = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.#sinceMs = clock.monotonic()
  }

  /** Seats in use or waited for, from now on. */
  set(seats: number, nowMs: number): void {
    this.#advance(nowMs)
    this.#seats = seats
    if (seats > this.#most) this.#most = seats
  }

  /** Ends a period. */
  turn(): void {
    this.#advance(this.#clock.monotonic())
    this.highWatermark = this.#most
    if (this.#periodMs > 0) {
      const average = this.#sum / this.#periodMs
      const variance = Math.max(0, this.#sumOfSquares / this.#periodMs - average * average)
      this.average = average
      this.deviation = Math.sqrt(variance)
      const envelope = average + this.deviation
      this.smoothed = Math.max(envelope, SMOOTHING * this.smoothed + (1 - SMOOTHING) * envelope)
    }
    this.#periodMs = 0
    this.#sum = 0
    this.#sumOfSquares = 0
    this.#most = this.#seats
  }

  #advance(nowMs: number): void {
    const passedMs = nowMs - this.#sinceMs
    this.#sinceMs = nowMs
    this.#periodMs += passedMs
    this.#sum += this.#seats * passedMs
    this.#sumOfSquares += this.#seats * this.#seats * passedMs
  }
}

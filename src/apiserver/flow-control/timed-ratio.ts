import type { Clock } from '../../base/clock.ts'
import { Distribution, type Labels } from '../endpoints/metric-series.ts'

const NANOSECONDS = 1e6

/**
 * For how long a number was at which part of its limit: as if it were looked at after each
 * nanosecond, like upstream's histograms of utilization. To follow it costs a few additions.
 */
export class TimedRatio {
  readonly #clock: Clock
  readonly #times: Distribution
  #sinceMs: number
  #numerator = 0
  #denominator = 1
  #ratio = 0
  #bucket: number

  constructor(clock: Clock, bounds: readonly number[], labels: Labels) {
    this.#clock = clock
    this.#times = new Distribution(labels, bounds)
    this.#sinceMs = clock.monotonic()
    this.#bucket = this.#times.bucketOf(0)
  }

  /** The number from now on; `nowMs` is monotonic. */
  set(numerator: number, nowMs: number): void {
    this.#note(nowMs)
    this.#numerator = numerator
    this.#divide()
  }

  /** The limit from now on; more than 0. */
  limit(denominator: number): void {
    this.#note(this.#clock.monotonic())
    this.#denominator = denominator
    this.#divide()
  }

  /** All times until now, in nanoseconds. */
  get times(): Distribution {
    this.#note(this.#clock.monotonic())
    return this.#times
  }

  #note(nowMs: number): void {
    const nanoseconds = Math.round((nowMs - this.#sinceMs) * NANOSECONDS)
    this.#sinceMs = nowMs
    this.#times.add(this.#bucket, nanoseconds, this.#ratio * nanoseconds)
  }

  #divide(): void {
    this.#ratio = this.#numerator / this.#denominator
    this.#bucket = this.#times.bucketOf(this.#ratio)
  }
}

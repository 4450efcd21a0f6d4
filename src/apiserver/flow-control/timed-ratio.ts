import type { Clock } from '../../base/clock.ts'
import { Distribution, type Labels } from '../endpoints/metric-series.ts'

const NANOSECONDS = 1e6

/**
 * For how long a number was at which part of its limit: as if it were looked at after each
 * nanosecond, like upstream's histograms of utilization. To follow it costs an addition: ratios are
 * computed when somebody asks for them, or the limit changes.
 */
export class TimedRatio {
  readonly #clock: Clock
  readonly #times: Distribution
  /** Milliseconds since they were added to the times, by number. */
  readonly #held: number[] = [0]
  #sinceMs: number
  #number = 0
  #limit = 1

  constructor(clock: Clock, bounds: readonly number[], labels: Labels) {
    this.#clock = clock
    this.#times = new Distribution(labels, bounds)
    this.#sinceMs = clock.monotonic()
  }

  /** The number, a whole one, from now on; `nowMs` is monotonic. */
  set(number: number, nowMs: number): void {
    const held = this.#held
    ;(held[this.#number] as number) += nowMs - this.#sinceMs
    this.#sinceMs = nowMs
    this.#number = number
    while (held.length <= number) held.push(0)
  }

  /** The limit from now on; more than 0. */
  limit(limit: number): void {
    this.#addUp()
    this.#limit = limit
  }

  /** All times until now, in nanoseconds. */
  get times(): Distribution {
    this.#addUp()
    return this.#times
  }

  #addUp(): void {
    this.set(this.#number, this.#clock.monotonic())
    for (const [number, ms] of this.#held.entries()) {
      const nanoseconds = Math.round(ms * NANOSECONDS)
      const ratio = number / this.#limit
      this.#times.add(this.#times.bucketOf(ratio), nanoseconds, ratio * nanoseconds)
    }
    this.#held.length = this.#number + 1
    this.#held.fill(0)
  }
}

import type { Clock } from '../../base/clock.ts'
import { exponentialDelay } from '../../client/rate-limit.ts'

interface Failure {
  readonly count: number
  readonly at: number
}

/** How long to wait before something that failed is tried again, longer with each failure. */
export class FailureBackOff {
  readonly #clock: Clock
  readonly #baseMs: number
  readonly #maxMs: number
  readonly #failures = new Map<string, Failure>()

  constructor(clock: Clock, baseMs: number, maxMs: number) {
    this.#clock = clock
    this.#baseMs = baseMs
    this.#maxMs = maxMs
  }

  /** Counts a failure and gives 0, or the milliseconds that are left since the last one. */
  tryAgain(key: string): number {
    const now = this.#clock.monotonic()
    const last = this.#failures.get(key)
    if (last !== undefined) {
      const leftMs = last.at + exponentialDelay(last.count, this.#baseMs, this.#maxMs) - now
      if (leftMs > 0) return leftMs
    }
    // What has been quiet for twice the longest delay starts anew.
    const isQuiet = last !== undefined && now - last.at > 2 * this.#maxMs
    const count = last === undefined || isQuiet ? 0 : last.count + 1
    this.#failures.set(key, { count, at: now })
    if (this.#failures.size > 1024) this.#forgetQuiet(now)
    return 0
  }

  #forgetQuiet(now: number): void {
    for (const [key, { at }] of this.#failures) {
      if (now - at > 2 * this.#maxMs) this.#failures.delete(key)
    }
  }
}

import type { Clock } from '../../../base/clock.ts'
import type { ServerRequest } from '../../request.ts'

/** What a write may take, whatever its webhooks are granted; upstream's bound of its handlers. */
const LIMIT_MS = 34_000

/** How much of its time a write has left, counted from the first webhook that it waits for. */
export class RequestBudget {
  readonly #clock: Clock
  readonly #started = new WeakMap<ServerRequest, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds, never negative. */
  leftMs(request: ServerRequest): number {
    const now = this.#clock.monotonic()
    let started = this.#started.get(request)
    if (started === undefined) {
      started = now
      this.#started.set(request, started)
    }
    return Math.max(0, started + LIMIT_MS - now)
  }
}

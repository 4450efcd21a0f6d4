import type { Clock } from '../../../base/clock.ts'
import { requestTimeoutMs } from '../../listener/request-deadline.ts'
import type { ServerRequest } from '../../request.ts'

/** What a write may take, whatever its webhooks are granted; upstream's bound of its handlers. */
const LIMIT_MS = 34_000

/**
 * How much of its time a write has left, counted from the first webhook that it waits for: of what
 * its client grants it, too.
 */
export class RequestBudget {
  readonly #clock: Clock
  readonly #ends = new WeakMap<ServerRequest, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds, never negative. */
  leftMs(request: ServerRequest): number {
    const now = this.#clock.monotonic()
    let end = this.#ends.get(request)
    if (end === undefined) {
      end = now + requestTimeoutMs(request.query, LIMIT_MS)
      this.#ends.set(request, end)
    }
    return Math.max(0, end - now)
  }
}

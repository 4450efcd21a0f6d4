import type { Clock } from '../../base/clock.ts'

/** As upstream: a watch that has lost an event must not stop a controller for longer. */
const TIMEOUT_MS = 5 * 60_000

interface Expected {
  creations: number
  readonly deletions: Set<string>
  readonly since: number
}

/**
 * What a controller has done and not yet seen in its cache.
 *
 * The cache lags behind the API server. A controller that acted on it at once would create the
 * same pod twice, so it waits until it has seen the effects of its own last writes. Creations are
 * counted, since their names are not known before; deletions are told by the object's identity.
 */
export class Expectations {
  readonly #clock: Clock
  readonly #byKey = new Map<string, Expected>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  areSatisfied(key: string): boolean {
    const expected = this.#byKey.get(key)
    if (expected === undefined) return true
    if (expected.creations <= 0 && expected.deletions.size === 0) return true
    return this.#clock.monotonic() - expected.since > TIMEOUT_MS
  }

  /** `deletions` are identities, such as uids, that `deletionSeen` will name. */
  expect(key: string, creations: number, deletions: Iterable<string>): void {
    const since = this.#clock.monotonic()
    this.#byKey.set(key, { creations, deletions: new Set(deletions), since })
  }

  /** Also for a creation that has failed: it will never be seen. */
  creationSeen(key: string): void {
    const expected = this.#byKey.get(key)
    if (expected !== undefined) expected.creations--
  }

  deletionSeen(key: string, identity: string): void {
    this.#byKey.get(key)?.deletions.delete(identity)
  }

  forget(key: string): void {
    this.#byKey.delete(key)
  }
}

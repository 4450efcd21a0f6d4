import type { Clock } from '../../base/clock.ts'
import { keyOf } from '../../client/client.ts'
import { isVersionReached } from '../../client/informer-store.ts'
import type { Informer } from '../../client/lister.ts'
import type { KubeObject } from '../../machinery/kind.ts'

/** As upstream: whatever goes wrong, a controller is never held up for longer. */
const TIMEOUT_MS = 5 * 60_000

interface Written<T> {
  readonly created: readonly T[]
  readonly deleted: readonly T[]
  readonly since: number
}

/**
 * What a controller has written and not yet seen in its cache.
 *
 * The cache lags behind the API server. A controller that acted on it at once would create the
 * same pod twice, so it waits until the cache shows the effects of its own last writes:
 *
 *     created   the cache holds it, or is at a later version (it came and went unseen)
 *     deleted   the cache no longer holds it, or shows it as being deleted
 *
 * This looks at the cache alone, never at events, so a lost event cannot hold a controller up.
 */
export class Expectations<T extends KubeObject> {
  readonly #clock: Clock
  readonly #cache: Informer<T>
  readonly #byKey = new Map<string, Written<T>>()

  constructor(clock: Clock, cache: Informer<T>) {
    this.#clock = clock
    this.#cache = cache
  }

  /** Replaces what was expected for a key: only who was satisfied may write again. */
  expect(
    key: string,
    written: { readonly created?: readonly T[]; readonly deleted?: readonly T[] },
  ) {
    const { created = [], deleted = [] } = written
    this.#byKey.set(key, { created, deleted, since: this.#clock.monotonic() })
  }

  areSatisfied(key: string): boolean {
    const written = this.#byKey.get(key)
    if (written === undefined) return true
    const { created, deleted, since } = written
    const isSeen =
      created.every((object) => this.#showsCreated(object)) &&
      deleted.every((object) => this.#showsDeleted(object))
    if (!isSeen && this.#clock.monotonic() - since < TIMEOUT_MS) return false
    this.#byKey.delete(key)
    return true
  }

  /** Calls back when the cache has caught up with the creations of a key that is not satisfied. */
  whenCaughtUp(key: string, callback: () => void): void {
    const waiting = this.#byKey.get(key)?.created.find((object) => !this.#showsCreated(object))
    if (waiting === undefined) return
    this.#cache.whenReached(waiting.metadata.resourceVersion, callback)
  }

  forget(key: string): void {
    this.#byKey.delete(key)
  }

  #showsCreated(object: T): boolean {
    if (this.#cache.get(keyOf(object))?.metadata.uid === object.metadata.uid) return true
    return isVersionReached(this.#cache.resourceVersion, object.metadata.resourceVersion)
  }

  #showsDeleted(object: T): boolean {
    const cached = this.#cache.get(keyOf(object))
    if (cached?.metadata.uid !== object.metadata.uid) return true
    return cached.metadata.deletionTimestamp !== undefined
  }
}

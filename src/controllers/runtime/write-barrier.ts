import { compareResourceVersions, isVersionReached } from '../../client/informer-store.ts'
import type { Informer } from '../../client/lister.ts'
import type { KubeObject } from '../../machinery/kind.ts'

/**
 * Holds a key back until a cache shows the controller's own last write for it, so that no decision
 * rests on a state that the controller itself has already changed.
 */
export class WriteBarrier {
  readonly #cache: Informer<KubeObject>
  readonly #versions = new Map<string, string>()

  constructor(cache: Informer<KubeObject>) {
    this.#cache = cache
  }

  /** Remembers what a write for the key returned. */
  wrote(key: string, { metadata: { resourceVersion } }: KubeObject): void {
    const last = this.#versions.get(key)
    if (last !== undefined && compareResourceVersions(resourceVersion, last) < 0) return
    this.#versions.set(key, resourceVersion)
  }

  /** Whether the cache shows all writes; if not, calls back once it does. */
  isPassed(key: string, whenPassed: () => void): boolean {
    const version = this.#versions.get(key)
    if (version === undefined) return true
    const cached = this.#cache.resourceVersion
    if (isVersionReached(cached, version) || compareResourceVersions(cached, version) === 0) {
      this.#versions.delete(key)
      return true
    }
    this.#cache.whenReached(version, whenPassed)
    return false
  }

  forget(key: string): void {
    this.#versions.delete(key)
  }
}

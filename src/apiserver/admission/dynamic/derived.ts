import type { KubeObject } from '../../../machinery/kind.ts'
import type { ResourceCache } from '../../registry/resource-cache.ts'
import { SELECT_ALL } from '../../registry/selection.ts'

/**
 * Something that is derived from all objects of one resource, such as the webhooks of all
 * configurations: made anew after a change, and without a promise between changes. A change is
 * seen by the first write after it, since caches know it before it is acknowledged.
 */
export class Derived<T> {
  readonly #cache: ResourceCache
  readonly #derive: (objects: readonly KubeObject[]) => T
  #value: T
  #changes = 0

  /** `empty` stands until the resource is loaded. */
  constructor(cache: ResourceCache, empty: T, derive: (objects: readonly KubeObject[]) => T) {
    this.#cache = cache
    this.#value = empty
    this.#derive = derive
  }

  get isLoaded(): boolean {
    return this.#cache.isLoaded
  }

  /** Loads the resource if nobody has yet. */
  async load(): Promise<void> {
    if (!this.#cache.isLoaded) await this.#cache.notOlderThan(0)
  }

  /** As of now, once it is loaded. */
  get value(): T {
    const { changes } = this.#cache
    if (changes !== this.#changes) {
      this.#value = this.#derive(this.#cache.list(SELECT_ALL).map(({ object }) => object))
      this.#changes = changes
    }
    return this.#value
  }
}

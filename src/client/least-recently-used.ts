/** A map that forgets what has not been read or written for longest once it is full. */
export class LeastRecentlyUsed<V> {
  readonly #capacity: number
  readonly #onForgotten: ((value: V) => void) | undefined
  readonly #entries = new Map<string, V>()

  /** `onForgotten` is told of what had to make room. */
  constructor(capacity: number, onForgotten?: (value: V) => void) {
    this.#capacity = capacity
    this.#onForgotten = onForgotten
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key)
    if (value !== undefined) this.set(key, value)
    return value
  }

  /** Those that are remembered, the one longest unused first. */
  values(): Iterable<V> {
    return this.#entries.values()
  }

  set(key: string, value: V): void {
    this.#entries.delete(key)
    this.#entries.set(key, value)
    if (this.#entries.size <= this.#capacity) return
    for (const [oldest, forgotten] of this.#entries) {
      this.#entries.delete(oldest)
      this.#onForgotten?.(forgotten)
      return
    }
  }
}

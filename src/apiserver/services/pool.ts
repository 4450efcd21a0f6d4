import { type Random, randomInt } from '../../base/random.ts'

/** Says whether a stored object uses an item now. */
export type IsUsed = (item: string) => boolean

/**
 * Gives out items, each to one holder. What stored objects use is asked of them, and only what is
 * on its way into the store is remembered here: nothing can leak, and a crash forgets nothing.
 */
export class Pool {
  readonly #pending = new Set<string>()
  readonly #isUsed: IsUsed

  constructor(isUsed: IsUsed) {
    this.#isUsed = isUsed
  }

  isTaken(item: string): boolean {
    return this.#pending.has(item) || this.#isUsed(item)
  }

  /** Whether a stored object uses the item, whoever holds it here. */
  isStored(item: string): boolean {
    return this.#isUsed(item)
  }

  /** Holds an item until `release`: call that once it is stored, or will not be. */
  hold(item: string): void {
    this.#pending.add(item)
  }

  release(item: string): void {
    this.#pending.delete(item)
  }

  /**
   * A free item of those numbered `first` to `last`, from a random one on; the numbers below
   * `preferred` come last. Undefined where all are taken.
   */
  find(options: {
    readonly random: Random
    readonly first: number
    readonly preferred: number
    readonly last: number
    readonly item: (index: number) => string
  }): string | undefined {
    const { random, first, preferred, last, item } = options
    return (
      this.#findIn(random, preferred, last, item) ??
      this.#findIn(random, first, preferred - 1, item)
    )
  }

  #findIn(
    random: Random,
    first: number,
    last: number,
    item: (index: number) => string,
  ): string | undefined {
    const count = last - first + 1
    if (count <= 0) return undefined
    const start = randomInt(random, count)
    for (let step = 0; step < count; step++) {
      const candidate = item(first + ((start + step) % count))
      if (!this.isTaken(candidate)) return candidate
    }
    return undefined
  }
}

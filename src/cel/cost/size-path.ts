/**
 * Where a value comes from: `self`, `spec`, `@items`. Paths that begin alike share their steps, and
 * one that is continued twice may find its last step overwritten, just as upstream's slices do:
 *
 *     self.spec.labels              room for four steps, three in use
 *     self.spec.labels.@keys        the fourth
 *     self.spec.labels.@values      the same place: the path above now ends in @values, too
 *
 * Estimates decide which rules may be stored, so their quirks are part of the API.
 */
export class SizePath {
  static readonly none = new SizePath([], 0, 0)
  readonly length: number
  readonly #steps: string[]
  readonly #capacity: number

  private constructor(steps: string[], length: number, capacity: number) {
    this.#steps = steps
    this.length = length
    this.#capacity = capacity
  }

  /** A path with its own steps. */
  static of(...steps: readonly string[]): SizePath {
    return new SizePath([...steps], steps.length, steps.length)
  }

  /** The path one step further, in shared steps while there is room. */
  append(step: string): SizePath {
    if (this.length < this.#capacity) {
      this.#steps[this.length] = step
      return new SizePath(this.#steps, this.length + 1, this.#capacity)
    }
    const capacity = Math.max(this.#capacity * 2, 1)
    return new SizePath([...this.steps, step], this.length + 1, capacity)
  }

  /** The steps as they are now. */
  get steps(): readonly string[] {
    return this.#steps.slice(0, this.length)
  }
}

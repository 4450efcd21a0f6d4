import type { FieldPath } from '../../../machinery/field-error.ts'

/** What rules of a schema can cost together, and which of them cost most. */
export class RuleCosts {
  total = 0
  readonly #least: number
  #expensive: readonly { readonly path: FieldPath; readonly cost: number }[] = []

  /** Rules that cost less than `least` are not named. */
  constructor(least: number) {
    this.#least = least
  }

  add(path: FieldPath, cost: number): void {
    this.total = Math.min(this.total + cost, MOST_COST)
    if (cost < this.#least) return
    this.#expensive = [...this.#expensive, { path, cost }]
      .toSorted((a, b) => b.cost - a.cost)
      .slice(0, MOST_NAMED)
  }

  get mostExpensive(): readonly { readonly path: FieldPath; readonly cost: number }[] {
    return this.#expensive
  }
}

const MOST_NAMED = 4
const MOST_COST = 2 ** 64

/** The product, as far as 64 bits go. */
export function timesSaturated(cost: number, factor: number): number {
  return Math.min(cost * factor, MOST_COST)
}

/** By how much a cost is too high, and what may help. */
export function costMessage(what: string, cost: number, limit: number): string {
  const excess = cost / limit
  const factor =
    excess > 100
      ? 'more than 100x'
      : excess < 1.5
        ? `${excess.toFixed(6)}x`
        : `${excess.toFixed(1)}x`
  const where = 'where arrays, maps, and strings are declared'
  const advice = `try simplifying the rule, or adding maxItems, maxProperties, and maxLength ${where}`
  return `${what} exceeds budget by factor of ${factor} (${advice})`
}

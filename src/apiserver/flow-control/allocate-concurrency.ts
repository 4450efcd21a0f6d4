/** What one priority level needs and may have, in seats. */
export interface AllocationItem {
  /** What it would like: at least its lower bound. */
  readonly target: number
  readonly lowerBound: number
  readonly upperBound: number
}

/** So that a level that wants nothing still has a proportion. */
const LEAST_TARGET = 0.001
const ROUNDS = 100

/**
 * Divides a sum so that all get the same proportion of their target, but none less than its lower
 * bound or more than its upper one. Where the bounds leave no room, they are what is given.
 * `proportion` is what was found.
 */
export function allocateConcurrency(
  sum: number,
  items: readonly AllocationItem[],
): { readonly seats: readonly number[]; readonly proportion: number } {
  const given = (proportion: number) =>
    items.map(({ target, lowerBound, upperBound }) =>
      Math.max(lowerBound, Math.min(upperBound, proportion * asked(target))),
    )
  const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  const most = given(Number.MAX_VALUE)
  if (total(most) <= sum) {
    const proportions = items.map(({ target, upperBound }) => upperBound / asked(target))
    return { seats: most, proportion: Math.max(0, ...proportions) }
  }
  // What is given grows with the proportion: halving finds where it is the sum.
  let low = 0
  let high = 1
  while (total(given(high)) < sum) high *= 2
  for (let round = 0; round < ROUNDS; round++) {
    const middle = (low + high) / 2
    if (total(given(middle)) < sum) low = middle
    else high = middle
  }
  return { seats: given(high), proportion: high }
}

function asked(target: number): number {
  return Math.max(target, LEAST_TARGET)
}

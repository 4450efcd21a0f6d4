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
 */
export function allocateConcurrency(
  sum: number,
  items: readonly AllocationItem[],
): readonly number[] {
  const given = (proportion: number) =>
    items.map(({ target, lowerBound, upperBound }) =>
      Math.max(lowerBound, Math.min(upperBound, proportion * Math.max(target, LEAST_TARGET))),
    )
  const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  const most = given(Number.MAX_VALUE)
  if (total(most) <= sum) return most
  // What is given grows with the proportion: halving finds where it is the sum.
  let low = 0
  let high = 1
  while (total(given(high)) < sum) high *= 2
  for (let round = 0; round < ROUNDS; round++) {
    const middle = (low + high) / 2
    if (total(given(middle)) < sum) low = middle
    else high = middle
  }
  return given(high)
}

import { allocateConcurrency } from './allocate-concurrency.ts'
import type { PriorityLevel } from './priority-level.ts'

/**
 * Gives each level as many seats as its demand of late asks for, in proportion where there are too
 * few: never less than it must keep, or has used within what is its own; never more than it may
 * borrow. What exempt requests take is taken first. Returns the proportion; 0 where there are too
 * few for what the levels need at least.
 */
export function rebalance(levels: readonly PriorityLevel[]): number {
  let remaining = levels.reduce((sum, { nominalSeats }) => sum + nominalSeats, 0)
  const exempt = levels.filter(({ isExempt }) => isExempt)
  for (const level of exempt) {
    const seats = Math.max(level.minSeats, level.demand.highWatermark)
    remaining -= seats
    level.resize(seats)
  }
  const limited = levels.filter(({ isExempt }) => !isExempt)
  for (const level of limited) level.targetSeats = Math.max(leastOf(level), level.demand.smoothed)
  const { seats, proportion } = divide(limited, remaining)
  for (const [index, level] of limited.entries()) level.resize(Math.round(seats[index] ?? 0))
  return proportion
}

function divide(
  levels: readonly PriorityLevel[],
  remaining: number,
): ReturnType<typeof allocateConcurrency> {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  const least = levels.map(({ minSeats }) => minSeats)
  if (remaining <= sum(least)) return { seats: least, proportion: 0 }
  const used = levels.map(leastOf)
  if (remaining <= sum(used)) {
    const part = (remaining - sum(least)) / (sum(used) - sum(least))
    const seats = least.map((one, index) => one + Math.round(((used[index] ?? 0) - one) * part))
    return { seats, proportion: 0 }
  }
  const items = levels.map(({ maxSeats, targetSeats }, index) => ({
    lowerBound: used[index] ?? 0,
    upperBound: maxSeats,
    target: targetSeats,
  }))
  return allocateConcurrency(remaining, items)
}

/** What it must keep, or has used within what is its own. */
function leastOf({ minSeats, nominalSeats, demand }: PriorityLevel): number {
  return Math.max(minSeats, Math.min(nominalSeats, demand.highWatermark))
}

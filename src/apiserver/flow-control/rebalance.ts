import { allocateConcurrency } from './allocate-concurrency.ts'
import type { PriorityLevel } from './priority-level.ts'

/**
 * Gives each level as many seats as its demand of late asks for, in proportion where there are too
 * few: never less than it must keep, or has used within what is its own; never more than it may
 * borrow. What exempt requests take is taken first.
 */
export function rebalance(levels: readonly PriorityLevel[]): void {
  let remaining = levels.reduce((sum, { nominalSeats }) => sum + nominalSeats, 0)
  const exempt = levels.filter(({ isExempt }) => isExempt)
  for (const level of exempt) {
    const seats = Math.max(level.minSeats, level.demand.highWatermark)
    remaining -= seats
    level.resize(seats)
  }
  const limited = levels.filter(({ isExempt }) => !isExempt)
  for (const level of limited) level.targetSeats = Math.max(leastOf(level), level.demand.smoothed)
  const seats = divide(limited, remaining)
  for (const [index, level] of limited.entries()) level.resize(Math.round(seats[index] ?? 0))
}

function divide(levels: readonly PriorityLevel[], remaining: number): readonly number[] {
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0)
  const least = levels.map(({ minSeats }) => minSeats)
  if (remaining <= sum(least)) return least
  const used = levels.map(leastOf)
  if (remaining <= sum(used)) {
    const part = (remaining - sum(least)) / (sum(used) - sum(least))
    return least.map((seats, index) => seats + Math.round(((used[index] ?? 0) - seats) * part))
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

/** Bounds of a size or of a cost; `max` saturates at 2^64, which stands for unbounded. */
export interface CostRange {
  readonly min: number
  readonly max: number
}

/** Upstream counts in 64 unsigned bits. */
export const UNBOUNDED_COST = 2 ** 64

export const UNKNOWN: CostRange = { min: 0, max: UNBOUNDED_COST }

export const exactly = (size: number): CostRange => ({ min: size, max: size })

const saturated = (value: number) => Math.min(value, UNBOUNDED_COST)

export function plus(a: CostRange, b: CostRange): CostRange {
  return { min: saturated(a.min + b.min), max: saturated(a.max + b.max) }
}

export function times(a: CostRange, b: CostRange): CostRange {
  return { min: saturated(a.min * b.min), max: saturated(a.max * b.max) }
}

/** So many units for each, rounded up. */
export function scaled(a: CostRange, factor: number): CostRange {
  return { min: saturated(Math.ceil(a.min * factor)), max: saturated(Math.ceil(a.max * factor)) }
}

/** The bounds of what is one or the other. */
export function union(a: CostRange, b: CostRange): CostRange {
  return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) }
}

export const sum = (ranges: Iterable<CostRange>): CostRange => {
  let total = exactly(0)
  for (const range of ranges) total = plus(total, range)
  return total
}

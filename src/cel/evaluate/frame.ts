import type { Outcome } from '../values/value.ts'

/** Thrown where an evaluation costs more than it may; nothing in an expression can catch it. */
export class CostLimitExceeded extends Error {
  override readonly name = 'CostLimitExceeded'

  constructor() {
    super('operation cancelled: actual cost limit exceeded')
  }
}

/**
 * How many steps patterns may take in one evaluation, some seconds' worth. Upstream prices a
 * pattern by its length, which says little of a counted repetition such as `(a{0,300}){9}`.
 */
const MOST_PATTERN_STEPS = 100_000_000

/** The state of one evaluation: variables by slot, and what it has cost so far. */
export class Frame {
  readonly slots: Outcome[]
  readonly limit: number
  cost = 0
  #patternSteps = 0

  constructor(slots: Outcome[], limit: number) {
    this.slots = slots
    this.limit = limit
  }

  /** Adds to the cost; throws when that is more than the limit. */
  charge(cost: number): void {
    this.cost += cost
    if (this.cost > this.limit) throw new CostLimitExceeded()
  }

  /** Notes steps that matching may take; throws when they are too many, as for the cost. */
  strain(steps: number): void {
    this.#patternSteps += steps
    if (this.#patternSteps > MOST_PATTERN_STEPS) throw new CostLimitExceeded()
  }
}

/** A compiled node: gives its value in a frame, and charges for it. */
export type Step = (frame: Frame) => Outcome

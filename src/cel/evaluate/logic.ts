import { equalityCost } from '../cost/runtime-cost.ts'
import { NO_SUCH_OVERLOAD } from '../functions/arithmetic.ts'
import { CelError } from '../values/cel-error.ts'
import { Double } from '../values/double.ts'
import { areEqual } from '../values/equality.ts'
import { Optional } from '../values/optional.ts'
import { Uint } from '../values/uint.ts'
import type { CelValue, Outcome } from '../values/value.ts'
import type { Step } from './frame.ts'

/**
 * `a && b` or `a || b`: one operand that decides (`false`, `true`) is enough, also beside an error;
 * else the first error counts.
 */
export function logicalStep(decisive: boolean, left: Step, right: Step): Step {
  return (frame) => {
    const a = left(frame)
    if (a === decisive) return decisive
    const b = right(frame)
    if (b === decisive) return decisive
    return problemOf(a) ?? problemOf(b) ?? !decisive
  }
}

function problemOf(value: Outcome): CelError | undefined {
  if (typeof value === 'boolean') return undefined
  return value instanceof CelError ? value : NO_SUCH_OVERLOAD
}

/** `condition ? a : b`: it costs what the condition and the branch taken do. */
export function conditionalStep(condition: Step, truthy: Step, falsy: Step): Step {
  return (frame) => {
    const value = condition(frame)
    if (value === true) return truthy(frame)
    if (value === false) return falsy(frame)
    return value instanceof CelError ? value : NO_SUCH_OVERLOAD
  }
}

/** `a == b`, or with `isNegated` `a != b`. */
export function equalityStep(isNegated: boolean, left: Step, right: Step): Step {
  const cost = equalityCost(isNegated)
  return (frame) => {
    const a = left(frame)
    const b = right(frame)
    frame.charge(isCheap(a) && isCheap(b) ? 1 : cost([a, b]))
    if (a instanceof CelError) return a
    if (b instanceof CelError) return b
    const isEqual = areEqual(a, b)
    return isNegated ? isEqual !== true : isEqual
  }
}

/** Values whose comparison costs one unit. */
const isCheap = (value: Outcome) => typeof value === 'number' || typeof value === 'boolean'

/** `@not_strictly_false`: what the loops of `all` and `exists` go on by. */
export function notStrictlyFalseStep(operand: Step): Step {
  return (frame) => {
    const value = operand(frame)
    frame.charge(1)
    return value !== false
  }
}

/** `optional.or(other)`: the other is evaluated only when it is needed. Both are free. */
export function orStep(left: Step, right: Step): Step {
  return (frame) => {
    const value = left(frame)
    if (!(value instanceof Optional)) return value
    return value.content === undefined ? right(frame) : value
  }
}

/** `optional.orValue(value)`, as `orStep`. */
export function orValueStep(left: Step, right: Step): Step {
  return (frame) => {
    const value = left(frame)
    if (!(value instanceof Optional)) return value
    return value.content === undefined ? right(frame) : value.content
  }
}

/** `x in [1, 2, 3]` for a list of literals: a look into a set, which is free. */
export function membershipStep(element: Step, set: ReadonlySet<unknown>): Step {
  return (frame) => {
    const value = element(frame)
    return value instanceof CelError ? value : set.has(memberKey(value))
  }
}

/** What literals of lists are found by; numbers that are equal have the same key. */
export function memberKey(value: CelValue): unknown {
  if (value instanceof Uint) return value.toJson()
  if (!(value instanceof Double)) return value
  return Number.isInteger(value.value) ? value.value + 0 : value.value
}

import { Bytes } from '../values/bytes.ts'
import { CelError } from '../values/cel-error.ts'
import { Double } from '../values/double.ts'
import { Duration } from '../values/duration.ts'
import { compareNumbers, numericOf, order } from '../values/numbers.ts'
import { compareStrings } from '../values/strings.ts'
import { Timestamp } from '../values/timestamp.ts'
import type { CelValue, Outcome } from '../values/value.ts'
import { NO_SUCH_OVERLOAD } from './arithmetic.ts'

const NOT_ORDERED = new CelError('NaN values cannot be ordered')

const isNaNValue = (value: CelValue) => value instanceof Double && Number.isNaN(value.value)

/** The order of two values, `undefined` for values of types that have none. */
export function compareValues(a: CelValue, b: CelValue): -1 | 0 | 1 | CelError | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'string') return typeof b === 'string' ? compareStrings(a, b) : NO_SUCH_OVERLOAD
  if (numericOf(a) !== undefined) {
    if (isNaNValue(a) || isNaNValue(b)) return NOT_ORDERED
    return compareNumbers(a, b) ?? NO_SUCH_OVERLOAD
  }
  if (typeof a === 'boolean') {
    return typeof b === 'boolean' ? (order(Number(a), Number(b)) ?? 0) : NO_SUCH_OVERLOAD
  }
  if (a instanceof Timestamp) return b instanceof Timestamp ? a.compare(b) : NO_SUCH_OVERLOAD
  if (a instanceof Duration) {
    if (!(b instanceof Duration)) return NO_SUCH_OVERLOAD
    return order(a.nanoseconds, b.nanoseconds) ?? 0
  }
  if (a instanceof Bytes) {
    return b instanceof Bytes ? Buffer.compare(a.value, b.value) : NO_SUCH_OVERLOAD
  }
  return undefined
}

/** A comparing operator: `holds` for the orders for which it is true. */
export function comparison(operator: string, holds: (sign: number) => boolean) {
  return (a: CelValue, b: CelValue): Outcome => {
    const sign = compareValues(a, b)
    if (typeof sign === 'number') return holds(sign)
    return sign ?? new CelError(`no such overload: ${operator}`)
  }
}

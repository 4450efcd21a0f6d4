import { Bytes } from '../values/bytes.ts'
import { CelError } from '../values/cel-error.ts'
import { Double } from '../values/double.ts'
import { Duration } from '../values/duration.ts'
import {
  addInts,
  checkUint,
  divideInts,
  divideUints,
  isInt,
  moduloInts,
  moduloUints,
  multiplyInts,
  negateInt,
  subtractInts,
} from '../values/integers.ts'
import { Timestamp } from '../values/timestamp.ts'
import { Uint } from '../values/uint.ts'
import { CelList, type CelValue, type Outcome } from '../values/value.ts'

export const NO_SUCH_OVERLOAD = new CelError('no such overload')

const uintOf = (value: bigint | CelError) => (value instanceof CelError ? value : new Uint(value))

/**
 * What an operator says of operands that it is not for: types that know it, or that have methods of
 * their own, say less.
 */
function unsupported(operator: string, operand: CelValue, knows: boolean): CelError {
  const hasMethods =
    typeof operand === 'string' || operand instanceof Timestamp || operand instanceof Duration
  return knows || hasMethods ? NO_SUCH_OVERLOAD : new CelError(`no such overload: ${operator}`)
}

const isNumber = (value: CelValue) =>
  isInt(value) || value instanceof Double || value instanceof Uint

export function add(a: CelValue, b: CelValue): Outcome {
  if (typeof a === 'number' || typeof a === 'bigint') {
    return isInt(b) ? addInts(a, b) : NO_SUCH_OVERLOAD
  }
  if (typeof a === 'string') return typeof b === 'string' ? a + b : NO_SUCH_OVERLOAD
  if (a instanceof CelList) return b instanceof CelList ? a.add(b) : NO_SUCH_OVERLOAD
  if (a instanceof Double) {
    return b instanceof Double ? new Double(a.value + b.value) : NO_SUCH_OVERLOAD
  }
  if (a instanceof Duration) {
    if (b instanceof Duration) return Duration.of(a.nanoseconds + b.nanoseconds)
    return b instanceof Timestamp ? b.plus(a.nanoseconds) : NO_SUCH_OVERLOAD
  }
  if (a instanceof Timestamp && b instanceof Duration) return a.plus(b.nanoseconds)
  if (a instanceof Uint && b instanceof Uint) return uintOf(checkUint(a.value + b.value))
  if (a instanceof Bytes && b instanceof Bytes) {
    return new Bytes(Buffer.concat([a.value, b.value]))
  }
  return unsupported('_+_', a, a instanceof Uint || a instanceof Bytes)
}

export function subtract(a: CelValue, b: CelValue): Outcome {
  if (typeof a === 'number' || typeof a === 'bigint') {
    return isInt(b) ? subtractInts(a, b) : NO_SUCH_OVERLOAD
  }
  if (a instanceof Double && b instanceof Double) return new Double(a.value - b.value)
  if (a instanceof Timestamp) {
    if (b instanceof Timestamp) return a.minus(b)
    return b instanceof Duration ? a.plus(-b.nanoseconds) : NO_SUCH_OVERLOAD
  }
  if (a instanceof Duration && b instanceof Duration) {
    return Duration.of(a.nanoseconds - b.nanoseconds)
  }
  if (a instanceof Uint && b instanceof Uint) return uintOf(checkUint(a.value - b.value))
  return unsupported('_-_', a, isNumber(a))
}

export function multiply(a: CelValue, b: CelValue): Outcome {
  if (isInt(a) && isInt(b)) return multiplyInts(a, b)
  if (a instanceof Double && b instanceof Double) return new Double(a.value * b.value)
  if (a instanceof Uint && b instanceof Uint) return uintOf(checkUint(a.value * b.value))
  return unsupported('_*_', a, isNumber(a))
}

export function divide(a: CelValue, b: CelValue): Outcome {
  if (isInt(a) && isInt(b)) return divideInts(a, b)
  if (a instanceof Double && b instanceof Double) return new Double(a.value / b.value)
  if (a instanceof Uint && b instanceof Uint) return uintOf(divideUints(a.value, b.value))
  return unsupported('_/_', a, isNumber(a))
}

export function modulo(a: CelValue, b: CelValue): Outcome {
  if (isInt(a) && isInt(b)) return moduloInts(a, b)
  if (a instanceof Uint && b instanceof Uint) return uintOf(moduloUints(a.value, b.value))
  return unsupported('_%_', a, isInt(a) || a instanceof Uint)
}

export function negate(a: CelValue): Outcome {
  if (isInt(a)) return negateInt(a)
  if (a instanceof Double) return new Double(-a.value)
  if (a instanceof Duration) return Duration.of(-a.nanoseconds)
  return unsupported('-_', a, typeof a === 'boolean')
}

export function not(a: CelValue): Outcome {
  return typeof a === 'boolean' ? !a : NO_SUCH_OVERLOAD
}

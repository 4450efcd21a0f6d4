import {
  parseQuantity,
  type Quantity,
  QuantitySyntaxError,
  quantityOf,
} from '../../machinery/quantity.ts'
import { CelError } from '../values/cel-error.ts'
import { Double } from '../values/double.ts'
import { type Int, MAX_INT, MIN_INT, shortInt } from '../values/integers.ts'
import { Opaque } from '../values/opaque.ts'
import type { CelValue, Outcome } from '../values/value.ts'
import { NO_SUCH_OVERLOAD } from './arithmetic.ts'
import { type CelFunction, global, member } from './function.ts'
import { QUANTITY } from './signature.ts'

/** An amount such as `100m` or `1Gi`. */
class QuantityValue extends Opaque {
  readonly quantity: Quantity

  constructor(quantity: Quantity) {
    super()
    this.quantity = quantity
  }

  get type() {
    return QUANTITY
  }

  equals(other: CelValue): boolean | CelError {
    if (!(other instanceof QuantityValue)) return NO_SUCH_OVERLOAD
    return this.quantity.compare(other.quantity) === 0
  }

  override toString(): string {
    return this.quantity.toString()
  }

  toJson(): string {
    return String(this)
  }
}

function toQuantity(text: string): QuantityValue | CelError {
  try {
    return new QuantityValue(parseQuantity(text))
  } catch (error) {
    if (error instanceof QuantitySyntaxError) return new CelError(error.message)
    throw error
  }
}

/** The amount as an int, if it is a whole number that fits. */
function wholeOf({ exponent, unscaled }: Quantity): Int | undefined {
  const scale = 10n ** BigInt(Math.abs(exponent))
  if (exponent < 0 && unscaled % scale !== 0n) return undefined
  const value = exponent < 0 ? unscaled / scale : unscaled * scale
  return value > MAX_INT || value < MIN_INT ? undefined : shortInt(value)
}

const sum = (a: QuantityValue, b: Quantity) => new QuantityValue(a.quantity.add(b))
const difference = (a: QuantityValue, b: Quantity) => new QuantityValue(a.quantity.subtract(b))
const ofInt = (value: Int) => quantityOf(value, 'DecimalExponent')
const compare = (a: QuantityValue, b: QuantityValue) => a.quantity.compare(b.quantity)

const TO_BOOL = '(Quantity, Quantity) -> bool'
const TO_QUANTITY = '(Quantity, Quantity) -> Quantity'
const WITH_INT = '(Quantity, int) -> Quantity'

/** Kubernetes' library of quantities. */
export const QUANTITY_FUNCTIONS: readonly CelFunction[] = [
  global('quantity', 'string_to_quantity', '(string) -> Quantity', toQuantity),
  global('isQuantity', 'is_quantity_string', '(string) -> bool', (text: string) => {
    return !(toQuantity(text) instanceof CelError)
  }),
  global('sign', 'quantity_sign', '(Quantity) -> int', ({ quantity }: QuantityValue) => {
    return quantity.sign
  }),
  member(
    'isGreaterThan',
    'quantity_is_greater_than',
    TO_BOOL,
    (a: QuantityValue, b: QuantityValue) => {
      return compare(a, b) > 0
    },
  ),
  member('isLessThan', 'quantity_is_less_than', TO_BOOL, (a: QuantityValue, b: QuantityValue) => {
    return compare(a, b) < 0
  }),
  member('compareTo', 'quantity_compare_to', '(Quantity, Quantity) -> int', compare),
  member(
    'asApproximateFloat',
    'quantity_get_float',
    '(Quantity) -> double',
    (value: QuantityValue) => {
      return new Double(value.quantity.toFloat())
    },
  ),
  member('asInteger', 'quantity_get_int', '(Quantity) -> int', (value: QuantityValue): Outcome => {
    return wholeOf(value.quantity) ?? new CelError('cannot convert value to integer')
  }),
  member('isInteger', 'quantity_is_integer', '(Quantity) -> bool', (value: QuantityValue) => {
    return wholeOf(value.quantity) !== undefined
  }),
  member('add', 'quantity_add', TO_QUANTITY, (a: QuantityValue, b: QuantityValue) => {
    return sum(a, b.quantity)
  }),
  member('add', 'quantity_add_int', WITH_INT, (a: QuantityValue, b: Int) => sum(a, ofInt(b))),
  member('sub', 'quantity_sub', TO_QUANTITY, (a: QuantityValue, b: QuantityValue) => {
    return difference(a, b.quantity)
  }),
  member('sub', 'quantity_sub_int', WITH_INT, (a: QuantityValue, b: Int) => {
    return difference(a, ofInt(b))
  }),
]

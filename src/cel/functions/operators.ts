import { CelError } from '../values/cel-error.ts'
import { areEqual } from '../values/equality.ts'
import { TypeValue, typeOfValue } from '../values/type-value.ts'
import { CelList, CelMap, type CelValue, type Outcome } from '../values/value.ts'
import {
  add,
  divide,
  modulo,
  multiply,
  NO_SUCH_OVERLOAD,
  negate,
  not,
  subtract,
} from './arithmetic.ts'
import { comparison } from './comparison.ts'
import { type CelFunction, global, type Implementation } from './function.ts'

/** Operators check what they are given themselves. */
const checked = { checksItself: true } as const

/** One overload each for the operand types listed, all done by one function. */
function operator(
  name: string,
  call: Implementation,
  overloads: readonly (readonly [id: string, signature: string])[],
): CelFunction[] {
  return overloads.map(([id, signature]) => global(name, id, signature, call, checked))
}

/** The pairs of types that `<` and its like compare, under the names that overloads give them. */
const COMPARABLE: readonly (readonly [string, string])[] = [
  ['bool', 'bool, bool'],
  ['int64', 'int, int'],
  ['int64_double', 'int, double'],
  ['int64_uint64', 'int, uint'],
  ['uint64', 'uint, uint'],
  ['uint64_double', 'uint, double'],
  ['uint64_int64', 'uint, int'],
  ['double', 'double, double'],
  ['double_int64', 'double, int'],
  ['double_uint64', 'double, uint'],
  ['string', 'string, string'],
  ['bytes', 'bytes, bytes'],
  ['timestamp', 'timestamp, timestamp'],
  ['duration', 'duration, duration'],
]

function comparing(name: string, id: string, holds: (sign: number) => boolean): CelFunction[] {
  const overloads = COMPARABLE.map(
    ([types, operands]) => [`${id}_${types}`, `(${operands}) -> bool`] as const,
  )
  return operator(name, comparison(name, holds), overloads)
}

/** `x in y` for a list or a map. */
export function isIn(element: CelValue, container: CelValue): Outcome {
  if (container instanceof CelMap) {
    const found = container.find(element)
    return found instanceof CelError ? found : found !== undefined
  }
  if (!(container instanceof CelList)) return NO_SUCH_OVERLOAD
  for (let index = 0; index < container.size; index++) {
    const item = container.at(index)
    if (!(item instanceof CelError) && areEqual(element, item) === true) return true
  }
  return false
}

/** The operators' functions; `&&`, `||`, `?:`, `==`, `!=` and indexing are the evaluator's own. */
export const OPERATOR_FUNCTIONS: readonly CelFunction[] = [
  global('_?_:_', 'conditional', '(bool, A, A) -> A'),
  global('_&&_', 'logical_and', '(bool, bool) -> bool'),
  global('_||_', 'logical_or', '(bool, bool) -> bool'),
  global('!_', 'logical_not', '(bool) -> bool', not, checked),
  global('@not_strictly_false', 'not_strictly_false', '(bool) -> bool'),
  global('_==_', 'equals', '(A, A) -> bool'),
  global('_!=_', 'not_equals', '(A, A) -> bool'),
  ...operator('_+_', add, [
    ['add_bytes', '(bytes, bytes) -> bytes'],
    ['add_double', '(double, double) -> double'],
    ['add_duration_duration', '(duration, duration) -> duration'],
    ['add_duration_timestamp', '(duration, timestamp) -> timestamp'],
    ['add_timestamp_duration', '(timestamp, duration) -> timestamp'],
    ['add_int64', '(int, int) -> int'],
    ['add_list', '(list(A), list(A)) -> list(A)'],
    ['add_string', '(string, string) -> string'],
    ['add_uint64', '(uint, uint) -> uint'],
  ]),
  ...operator('_/_', divide, [
    ['divide_double', '(double, double) -> double'],
    ['divide_int64', '(int, int) -> int'],
    ['divide_uint64', '(uint, uint) -> uint'],
  ]),
  ...operator('_%_', modulo, [
    ['modulo_int64', '(int, int) -> int'],
    ['modulo_uint64', '(uint, uint) -> uint'],
  ]),
  ...operator('_*_', multiply, [
    ['multiply_double', '(double, double) -> double'],
    ['multiply_int64', '(int, int) -> int'],
    ['multiply_uint64', '(uint, uint) -> uint'],
  ]),
  ...operator('-_', negate, [
    ['negate_double', '(double) -> double'],
    ['negate_int64', '(int) -> int'],
  ]),
  ...operator('_-_', subtract, [
    ['subtract_double', '(double, double) -> double'],
    ['subtract_duration_duration', '(duration, duration) -> duration'],
    ['subtract_int64', '(int, int) -> int'],
    ['subtract_timestamp_duration', '(timestamp, duration) -> timestamp'],
    ['subtract_timestamp_timestamp', '(timestamp, timestamp) -> duration'],
    ['subtract_uint64', '(uint, uint) -> uint'],
  ]),
  ...comparing('_<_', 'less', (sign) => sign < 0),
  ...comparing('_<=_', 'less_equals', (sign) => sign <= 0),
  ...comparing('_>_', 'greater', (sign) => sign > 0),
  ...comparing('_>=_', 'greater_equals', (sign) => sign >= 0),
  global('_[_]', 'index_list', '(list(A), int) -> A'),
  global('_[_]', 'index_map', '(map(A, B), A) -> B'),
  global('@in', 'in_list', '(A, list(A)) -> bool', isIn, checked),
  global('@in', 'in_map', '(A, map(A, B)) -> bool', isIn, checked),
  global('type', 'type', '(A) -> type(A)', (value: CelValue) => new TypeValue(typeOfValue(value))),
]

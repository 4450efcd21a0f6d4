import { CelError } from '../values/cel-error.ts'
import { Double } from '../values/double.ts'
import { Duration } from '../values/duration.ts'
import { areEqual } from '../values/equality.ts'
import { Uint } from '../values/uint.ts'
import type { CelList, CelValue, Outcome } from '../values/value.ts'
import { add, NO_SUCH_OVERLOAD } from './arithmetic.ts'
import { compareValues } from './comparison.ts'
import { type CelFunction, member } from './function.ts'

const COMPARABLE = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes']
const ZEROS: readonly (readonly [type: string, zero: CelValue])[] = [
  ['int', 0],
  ['uint', new Uint(0n)],
  ['double', new Double(0)],
  ['duration', new Duration(0n)],
]

function isSorted(list: CelList): Outcome {
  let previous: CelValue | undefined
  for (let index = 0; index < list.size; index++) {
    const item = list.at(index)
    if (item instanceof CelError) return item
    if (previous !== undefined && compareValues(previous, item) === 1) return false
    previous = item
  }
  return true
}

const sumFrom =
  (zero: CelValue) =>
  (list: CelList): Outcome => {
    let total = zero
    for (let index = 0; index < list.size; index++) {
      const item = list.at(index)
      if (item instanceof CelError) return item
      const sum = add(total, item)
      if (sum instanceof CelError) return sum
      total = sum
    }
    return total
  }

/** The item that comes before (-1) or after (1) all others. */
const extreme =
  (name: string, sign: 1 | -1) =>
  (list: CelList): Outcome => {
    let best: CelValue | undefined
    for (let index = 0; index < list.size; index++) {
      const item = list.at(index)
      if (item instanceof CelError) return item
      const order = best === undefined ? sign : compareValues(item, best)
      if (order === undefined) return NO_SUCH_OVERLOAD
      if (order === sign) best = item
    }
    return best ?? new CelError(`${name} called on empty list`)
  }

function indexOf(list: CelList, item: CelValue): Outcome {
  for (let index = 0; index < list.size; index++) if (isAt(list, index, item)) return index
  return -1
}

function lastIndexOf(list: CelList, item: CelValue): Outcome {
  for (let index = list.size - 1; index >= 0; index--) if (isAt(list, index, item)) return index
  return -1
}

function isAt(list: CelList, index: number, item: CelValue): boolean {
  const found = list.at(index)
  return !(found instanceof CelError) && areEqual(found, item) === true
}

/** Kubernetes' library of lists. */
export const LIST_FUNCTIONS: readonly CelFunction[] = [
  ...COMPARABLE.flatMap((type) => [
    member('isSorted', `list_${type}_is_sorted_bool`, `(list(${type})) -> bool`, isSorted),
    member('max', `list_${type}_max_${type}`, `(list(${type})) -> ${type}`, extreme('max', 1)),
    member('min', `list_${type}_min_${type}`, `(list(${type})) -> ${type}`, extreme('min', -1)),
  ]),
  ...ZEROS.map(([type, zero]) =>
    member('sum', `list_${type}_sum_${type}`, `(list(${type})) -> ${type}`, sumFrom(zero)),
  ),
  member('indexOf', 'list_a_index_of_int', '(list(A), A) -> int', indexOf),
  member('lastIndexOf', 'list_a_last_index_of_int', '(list(A), A) -> int', lastIndexOf),
]

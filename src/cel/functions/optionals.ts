import type { Library } from '../library.ts'
import { BIND_MACROS } from '../syntax/bind-macros.ts'
import { DYN, optionalOf, typeOf } from '../types.ts'
import { Bytes } from '../values/bytes.ts'
import { CelError } from '../values/cel-error.ts'
import { Double } from '../values/double.ts'
import { Duration } from '../values/duration.ts'
import { formatValue } from '../values/format-value.ts'
import { ArrayList, itemsOf } from '../values/list.ts'
import { Optional } from '../values/optional.ts'
import { MIN_UNIX_SECONDS, Timestamp } from '../values/timestamp.ts'
import { Uint } from '../values/uint.ts'
import { CelList, CelMap, type CelValue, type Outcome } from '../values/value.ts'
import { global, member } from './function.ts'

/** Whether a value is the one that its type has when nothing is said. */
function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === '' || value === 0) return true
  if (value instanceof Double) return value.value === 0
  if (value instanceof Uint) return value.value === 0n
  if (value instanceof Duration) return value.nanoseconds === 0n
  if (value instanceof Timestamp) {
    return value.seconds === MIN_UNIX_SECONDS && value.nanoseconds === 0
  }
  if (value instanceof CelList || value instanceof CelMap || value instanceof Bytes) {
    return value.size === 0
  }
  return value instanceof Optional && value.content === undefined
}

const itemAt =
  (place: (size: number) => number) =>
  (list: CelList): Outcome => {
    if (list.size === 0) return Optional.none
    const item = list.at(place(list.size))
    return item instanceof CelError ? item : new Optional(item)
  }

function unwrap(list: CelList): Outcome {
  const items = itemsOf(list)
  if (items instanceof CelError) return items
  const values: CelValue[] = []
  for (const item of items) {
    if (!(item instanceof Optional)) {
      return new CelError(`value ${formatValue(item)} is not optional`)
    }
    if (item.content !== undefined) values.push(item.content)
  }
  return new ArrayList(values)
}

const AS_OPTIONAL = '(list(optional(V))) -> list(V)'

/** Values that may be absent: `object.?field.orValue(0)`. */
export const OPTIONAL_LIBRARY: Library = {
  names: { optional_type: typeOf(optionalOf(DYN)) },
  macros: BIND_MACROS,
  functions: [
    global('optional.of', 'optional_of', '(V) -> optional(V)', (value: CelValue) => {
      return new Optional(value)
    }),
    global(
      'optional.ofNonZeroValue',
      'optional_ofNonZeroValue',
      '(V) -> optional(V)',
      (value: CelValue) => (isZero(value) ? Optional.none : new Optional(value)),
    ),
    global('optional.none', 'optional_none', '() -> optional(V)', () => Optional.none),
    member('value', 'optional_value', '(optional(V)) -> V', ({ value }: Optional) => value),
    member('hasValue', 'optional_hasValue', '(optional(V)) -> bool', ({ content }: Optional) => {
      return content !== undefined
    }),
    member('or', 'optional_or_optional', '(optional(V), optional(V)) -> optional(V)'),
    member('orValue', 'optional_orValue_value', '(optional(V), V) -> V'),
    global('_?._', 'select_optional_field', '(dyn, string) -> optional(V)'),
    global('_[?_]', 'list_optindex_optional_int', '(list(V), int) -> optional(V)'),
    global(
      '_[?_]',
      'optional_list_optindex_optional_int',
      '(optional(list(V)), int) -> optional(V)',
    ),
    global('_[?_]', 'map_optindex_optional_value', '(map(K, V), K) -> optional(V)'),
    global(
      '_[?_]',
      'optional_map_optindex_optional_value',
      '(optional(map(K, V)), K) -> optional(V)',
    ),
    global('_[_]', 'optional_list_index_int', '(optional(list(V)), int) -> optional(V)'),
    global('_[_]', 'optional_map_index_value', '(optional(map(K, V)), K) -> optional(V)'),
    member(
      'last',
      'list_last',
      '(list(V)) -> optional(V)',
      itemAt((size) => size - 1),
    ),
    member(
      'first',
      'list_first',
      '(list(V)) -> optional(V)',
      itemAt(() => 0),
    ),
    global('optional.unwrap', 'optional_unwrap', AS_OPTIONAL, unwrap),
    member('unwrapOpt', 'optional_unwrapOpt', AS_OPTIONAL, unwrap),
  ],
}

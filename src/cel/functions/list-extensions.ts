import { CelError } from '../values/cel-error.ts'
import { type Int, isInt } from '../values/integers.ts'
import { ArrayList, itemsOf, RangeList } from '../values/list.ts'
import { typeOfValue } from '../values/type-value.ts'
import { CelList, type CelValue, type Outcome } from '../values/value.ts'
import { ValueIndex } from '../values/value-index.ts'
import { compareValues } from './comparison.ts'
import { type CelFunction, global, member } from './function.ts'

/** The types that can be sorted, as signatures and as the ids of overloads name them. */
const SORTABLE: readonly (readonly [signature: string, id: string])[] = [
  ['int', 'int'],
  ['uint', 'uint'],
  ['double', 'double'],
  ['bool', 'bool'],
  ['duration', 'google.protobuf.Duration'],
  ['timestamp', 'google.protobuf.Timestamp'],
  ['string', 'string'],
  ['bytes', 'bytes'],
]

function slice(list: CelList, start: Int, end: Int): Outcome {
  const wrong = (why: string) => new CelError(`cannot slice(${start}, ${end}), ${why}`)
  if (start < 0 || end < 0) return wrong('negative indexes not supported')
  if (start > end) return wrong('start index must be less than or equal to end index')
  if (list.size < end) return wrong(`list is length ${list.size}`)
  const items = itemsOf(list)
  if (items instanceof CelError) return items
  return new ArrayList(items.slice(Number(start), Number(end)))
}

function flatten(list: CelValue, depth: CelValue = 1): Outcome {
  if (!(list instanceof CelList) || !isInt(depth)) {
    const { name } = typeOfValue(list)
    const given = depth === 1 ? '' : typeOfValue(depth).name
    return new CelError(`no such overload: ${name}.flatten(${given})`)
  }
  if (depth < 0) return new CelError('level must be non-negative')
  const values: CelValue[] = []
  const error = flattenInto(values, list, Number(depth))
  return error ?? new ArrayList(values)
}

function flattenInto(values: CelValue[], list: CelList, depth: number): CelError | undefined {
  for (let index = 0; index < list.size; index++) {
    const item = list.at(index)
    if (item instanceof CelError) return item
    if (item instanceof CelList && depth > 0) {
      const error = flattenInto(values, item, depth - 1)
      if (error !== undefined) return error
    } else values.push(item)
  }
  return undefined
}

const sort = (list: CelList) => sortBy(list, list)

function sortBy(list: CelList, keys: CelList): Outcome {
  if (list.size !== keys.size) {
    const sizes = `${list.size} and ${keys.size} elements respectively`
    const what = 'a list of the same size as the associated keys list'
    return new CelError(`@sortByAssociatedKeys() expected ${what}, but got ${sizes}`)
  }
  const items = itemsOf(list)
  const known = itemsOf(keys)
  if (items instanceof CelError) return items
  if (known instanceof CelError) return known
  const [first] = known
  if (first === undefined) return list
  if (compareValues(first, first) === undefined) {
    return new CelError('list elements must be comparable')
  }
  const { name } = typeOfValue(first)
  if (known.some((key) => typeOfValue(key).name !== name)) {
    return new CelError('list elements must have the same type')
  }
  const pairs = items.map((item, index) => [item, known[index] ?? null] as const)
  const sorted = pairs.toSorted(([, a], [, b]) => Number(compareValues(a, b)) || 0)
  return new ArrayList(sorted.map(([item]) => item))
}

const range = (size: Int): Outcome => new RangeList(Math.max(Number(size), 0))

function reverse(list: CelList): Outcome {
  const items = itemsOf(list)
  return items instanceof CelError ? items : new ArrayList(items.toReversed())
}

function distinct(list: CelList): Outcome {
  const items = itemsOf(list)
  if (items instanceof CelError) return items
  const kept: CelValue[] = []
  const known = new ValueIndex()
  for (const item of items) {
    if (known.has(item)) continue
    kept.push(item)
    known.add(item)
  }
  return new ArrayList(kept)
}

const checked = { checksItself: true } as const

/** The extension library of lists, in its version 3. */
export const LIST_EXTENSION_FUNCTIONS: readonly CelFunction[] = [
  member('slice', 'list_slice', '(list(T), int, int) -> list(T)', slice),
  member('flatten', 'list_flatten', '(list(list(T))) -> list(T)', flatten, checked),
  member('flatten', 'list_flatten_int', '(list(dyn), int) -> list(dyn)', flatten, checked),
  ...SORTABLE.flatMap(([type, id]) => [
    member('sort', `list_${id}_sort`, `(list(${type})) -> list(${type})`, sort),
    member(
      '@sortByAssociatedKeys',
      `list_${id}_sortByAssociatedKeys`,
      `(list(T), list(${type})) -> list(T)`,
      sortBy,
    ),
  ]),
  global('lists.range', 'lists_range', '(int) -> list(int)', range),
  member('reverse', 'list_reverse', '(list(T)) -> list(T)', reverse),
  member('distinct', 'list_distinct', '(list(T)) -> list(T)', distinct),
]

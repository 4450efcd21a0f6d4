import { findingSteps, matchingSteps } from '../functions/regular-expressions.ts'
import { Bytes } from '../values/bytes.ts'
import { Opaque } from '../values/opaque.ts'
import { Optional } from '../values/optional.ts'
import { codePointCount } from '../values/strings.ts'
import { CelList, CelMap, type Outcome } from '../values/value.ts'
import {
  CHECK_COST,
  LIST_COST,
  MAX_FORMAT_PATTERN,
  PATTERN_FACTOR,
  REQUIREMENT_COST,
  REQUIREMENTS_PER_CHARACTER,
  TRAVERSAL_FACTOR,
  UNIT_FUNCTIONS,
} from './units.ts'

/** What a call costs, from its arguments (the receiver first): it is charged before the work. */
export type CallCost = (args: readonly Outcome[]) => number

/** What a call cost whose price shows in its result. */
export interface ResultCost {
  readonly ofResult: (result: Outcome) => number
}

/** What matching costs, and the steps that it may take, which upstream does not count. */
export interface PatternCost {
  readonly ofArguments: CallCost
  readonly steps: CallCost
}

export type Price = CallCost | ResultCost | PatternCost

/** The size that a value is charged for: characters, bytes, items, entries; 1 for all else. */
export function sizeOf(value: Outcome | undefined): number {
  if (typeof value === 'string') return codePointCount(value)
  if (value instanceof CelList || value instanceof CelMap || value instanceof Bytes) {
    return value.size
  }
  if (value instanceof Opaque) return value.chargedSize
  return value instanceof Optional && value.content !== undefined ? sizeOf(value.content) : 1
}

const traversal = (size: number) => Math.ceil(size * TRAVERSAL_FACTOR)
const ofFirst =
  (factor: number): CallCost =>
  ([first]) =>
    Math.ceil(sizeOf(first) * factor * TRAVERSAL_FACTOR)
const unit: CallCost = () => 1

const patternCost = (textSize: number, patternSize: number) =>
  traversal(1 + textSize) * Math.ceil(patternSize * PATTERN_FACTOR)

const ofPattern: CallCost = ([text, pattern]) => patternCost(sizeOf(text), sizeOf(pattern))

const comparison: CallCost = ([a, b]) => traversal(Math.min(sizeOf(a), sizeOf(b)))

/** Values of libraries compare at the cost of one. */
const equality: CallCost = (args) => (args[0] instanceof Opaque ? 1 : comparison(args))

const selector: CallCost = ([, text]) => {
  const size = sizeOf(text)
  const requirements = Math.ceil(size * REQUIREMENTS_PER_CHARACTER)
  return LIST_COST + traversal(size) + requirements * REQUIREMENT_COST
}

/** Of going through a value with all that is in it. */
function deepTraversal(value: Outcome | undefined): number {
  if (typeof value === 'string') return Math.trunc(Buffer.byteLength(value) * TRAVERSAL_FACTOR)
  if (value instanceof Bytes) return Math.trunc(value.size * TRAVERSAL_FACTOR)
  let cost = 0
  if (value instanceof CelList) {
    for (let index = 0; index < value.size; index++) cost += deepTraversal(value.at(index))
    return cost
  }
  if (!(value instanceof CelMap)) return 1
  for (const key of value.keys()) cost += deepTraversal(key) + deepTraversal(value.find(key))
  return cost
}

/** Names of types in the ids of overloads where they are not those of the language. */
const SORT_NAMES: Readonly<Record<string, string>> = {
  duration: 'google.protobuf.Duration',
  timestamp: 'google.protobuf.Timestamp',
}

const cidrBase = (args: readonly Outcome[]) => traversal(2 * sizeOf(args[0]))

/** The size of the joined text, or of the error where an item is no text. */
function joinedSize([list, separator]: readonly Outcome[]): number {
  if (!(list instanceof CelList)) return 1
  let size = typeof separator === 'string' ? sizeOf(separator) * Math.max(list.size - 1, 0) : 0
  for (let index = 0; index < list.size; index++) {
    const item = list.at(index)
    if (typeof item !== 'string') return 1
    size += sizeOf(item)
  }
  return size
}

const CALL_COSTS: Readonly<Record<string, Price>> = {
  check: () => CHECK_COST,
  fieldSelector: selector,
  labelSelector: selector,
  ...each<CallCost>(['isSorted', 'sum', 'max', 'min', 'indexOf', 'lastIndexOf'], ([value]) =>
    deepTraversal(value),
  ),
  ...each(['url', 'lowerAscii', 'upperAscii', 'substring', 'trim'], ofFirst(1)),
  ...each(['jsonpatch.escapeKey', 'cidr', 'isIP', 'isCIDR'], ofFirst(1)),
  ...each(['quantity', 'isQuantity', 'semver', 'isSemver'], ofFirst(1)),
  ...each(['replace', 'split', 'ip.isCanonical'], ofFirst(2)),
  join: (args) => Math.ceil(joinedSize(args) * 2 * TRAVERSAL_FACTOR),
  ...each(['find', 'findAll'], { ofArguments: ofPattern, steps: findingSteps }),
  '_==_': equality,
  validate: ([format, text]) => patternCost(sizeOf(text), formatPattern(format)),
}

function each<Cost>(names: readonly string[], cost: Cost): Readonly<Record<string, Cost>> {
  return Object.fromEntries(names.map((name) => [name, cost]))
}

const formatPattern = (format: Outcome | undefined) =>
  format instanceof Opaque ? format.patternSize : MAX_FORMAT_PATTERN

/** As `CALL_COSTS`, where the overload tells. */
const OVERLOAD_COSTS: Readonly<Record<string, Price>> = {
  cidr_ip: unit,
  string_to_ip: ofFirst(1),
  cidr_contains_ip_ip: cidrBase,
  cidr_contains_ip_string: (args) => cidrBase(args) + traversal(sizeOf(args[1])),
  cidr_contains_cidr: (args) => cidrBase(args) + traversal(sizeOf(args[0])) + 1,
  cidr_contains_cidr_string: (args) =>
    cidrBase(args) + traversal(sizeOf(args[0])) + 1 + traversal(sizeOf(args[1])),
  ...each(['starts_with_string', 'ends_with_string', 'string_to_bytes'], ofFirst(1)),
  ...each(['bytes_to_string', 'strings_quote', 'string_format'], ofFirst(1)),
  in_list: ([, list]) => sizeOf(list),
  ...each(
    ['less', 'less_equals', 'greater', 'greater_equals'].flatMap((name) => [
      `${name}_string`,
      `${name}_bytes`,
    ]),
    comparison,
  ),
  ...each<CallCost>(['add_string', 'add_bytes'], ([a, b]) => traversal(sizeOf(a) + sizeOf(b))),
  matches_string: { ofArguments: ofPattern, steps: matchingSteps },
  contains_string: ([text, part]) => traversal(sizeOf(text)) * traversal(sizeOf(part)),
  ...listCosts(),
  ...setCosts(),
}

/** Of a list that is made: its base price, the call, and its items times a factor. */
const madeList = (size: number, factor: number) => Math.trunc(size * factor) + 1 + LIST_COST

function listCosts(): Readonly<Record<string, CallCost | ResultCost>> {
  const made: ResultCost = { ofResult: (result) => madeList(sizeOf(result), 1) }
  const compared = (list: Outcome | undefined) => {
    const size = sizeOf(list)
    const first = list instanceof CelList && size > 0 ? list.at(0) : undefined
    const hasTexts = typeof first === 'string' || first instanceof Bytes
    return madeList(size * size, hasTexts ? 2 + TRAVERSAL_FACTOR : 2)
  }
  const sortable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes']
  const typed = (suffix: string) =>
    sortable.map((type) => `list_${SORT_NAMES[type] ?? type}_${suffix}`)
  return {
    ...each(['list_slice', 'lists_range', 'list_reverse'], made),
    list_flatten: ([list]) => madeList(sizeOf(list), 1),
    list_flatten_int: ([list, depth]) => madeList(sizeOf(list), depthOf(depth)),
    list_distinct: ([list]) => compared(list),
    ...each<CallCost>(typed('sort'), ([list]) => compared(list)),
    ...each<CallCost>(typed('sortByAssociatedKeys'), ([, keys]) => compared(keys)),
  }
}

/** A depth that is no number is refused by the function; nothing is ever charged as NaN. */
const depthOf = (depth: Outcome | undefined) =>
  typeof depth === 'number' || typeof depth === 'bigint' ? Number(depth) : 1

function setCosts(): Readonly<Record<string, CallCost>> {
  const product =
    (factor: number): CallCost =>
    ([a, b]) =>
      1 + sizeOf(a) * sizeOf(b) * factor
  return {
    ...each(['list_sets_contains_list', 'list_sets_intersects_list'], product(1)),
    list_sets_equivalent_list: product(2),
  }
}

/** The price of `==` or, with `isNegated`, of `!=`. */
export const equalityCost = (isNegated: boolean): CallCost => (isNegated ? comparison : equality)

/** The price of a call; one unit where nothing else is said. */
export function callCost(name: string, overloadId: string): Price | undefined {
  if (UNIT_FUNCTIONS.has(name)) return undefined
  if (name === '_!=_') return comparison
  const byName = Object.hasOwn(CALL_COSTS, name) ? CALL_COSTS[name] : undefined
  if (byName !== undefined) return byName
  return Object.hasOwn(OVERLOAD_COSTS, overloadId) ? OVERLOAD_COSTS[overloadId] : undefined
}

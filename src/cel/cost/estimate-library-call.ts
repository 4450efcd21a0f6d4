import type { CelType } from '../types.ts'
import { isInt } from '../values/integers.ts'
import {
  type CallEstimate,
  type CallToEstimate,
  type EstimateNode,
  sizeOfNode,
} from './estimate-call.ts'
import { estimateReplace } from './estimate-replace.ts'
import { type CostRange, exactly, plus, scaled, times, UNBOUNDED_COST } from './range.ts'
import { SizePath } from './size-path.ts'
import {
  CHECK_COST,
  LIST_COST,
  MAX_FORMAT_NAME,
  MAX_FORMAT_PATTERN,
  PATTERN_FACTOR,
  REQUIREMENT_COST,
  REQUIREMENTS_PER_CHARACTER,
  TRAVERSAL_FACTOR,
  UNIT_FUNCTIONS,
} from './units.ts'

type Estimate = (call: CallToEstimate) => CallEstimate | undefined

const traversed = (size: CostRange) => scaled(size, TRAVERSAL_FACTOR)
const unit: Estimate = () => ({ cost: exactly(1) })
const size = (call: CallToEstimate, node: EstimateNode | undefined) => sizeOfNode(node, call.rootOf)

/** Going through the first argument so many times. */
const ofFirst =
  (factor: number): Estimate =>
  (call) => ({ cost: scaled(size(call, call.args[0]), factor * TRAVERSAL_FACTOR) })

/** Going through a text; the result is no longer. */
const ofText =
  (text: (call: CallToEstimate) => EstimateNode | undefined): Estimate =>
  (call) => {
    const length = size(call, text(call))
    return { cost: traversed(length), size: length }
  }
const ofTarget = ofText(({ target }) => target)
const ofArgument = ofText(({ args }) => args[0])

const selector: Estimate = (call) => {
  const length = size(call, call.args[0])
  const requirements = scaled(scaled(length, REQUIREMENTS_PER_CHARACTER), REQUIREMENT_COST)
  return { cost: plus(plus(exactly(LIST_COST), traversed(length)), requirements) }
}

/** The items of a list, as far as its type or its schema tells of them. */
function itemsNode(list: EstimateNode): EstimateNode | undefined {
  const [type] = list.type.parameters
  if (type === undefined) return undefined
  const path = list.path.length === 0 ? SizePath.none : SizePath.of(...list.path.steps, '@items')
  return { type, path, size: undefined }
}

const hasText = ({ kind }: CelType) => kind === 'string' || kind === 'bytes'

/** Comparing the items of a list one by one; of a text, its characters. */
const eachItem: Estimate = (call) => {
  if (call.target === undefined) return undefined
  const count = size(call, call.target)
  const item = itemsNode(call.target)
  if (item === undefined) return { cost: traversed(count) }
  const cost = hasText(item.type) ? plus(exactly(1), traversed(size(call, item))) : exactly(1)
  return { cost: times(count, cost) }
}

const split: Estimate = (call) => {
  const length = size(call, call.target)
  const limit = call.args[1]?.expr
  let { max } = length
  if (limit?.kind === 'literal' && isInt(limit.value)) {
    max = Number(limit.value) < 0 ? UNBOUNDED_COST : Number(limit.value)
  }
  return { cost: scaled(length, 2 * TRAVERSAL_FACTOR), size: { min: 0, max } }
}

const join: Estimate = (call) => {
  if (call.target === undefined) return undefined
  const count = size(call, call.target)
  const item = itemsNode(call.target)
  let length = item === undefined ? exactly(0) : times(count, size(call, item))
  const [separator] = call.args
  if (separator !== undefined) {
    const gaps = { min: Math.max(count.min - 1, 0), max: Math.max(count.max - 1, 0) }
    length = plus(length, times(size(call, separator), gaps))
  }
  return { cost: traversed(length), size: length }
}

const find: Estimate = (call) => {
  const length = size(call, call.target)
  const text = traversed(plus(length, exactly(1)))
  const cost = times(text, scaled(size(call, call.args[0]), PATTERN_FACTOR))
  return { cost, size: { min: 0, max: length.max } }
}

/** An IP address has 4 or 16 bytes. */
const ADDRESS: CostRange = { min: 4, max: 16 }

const containsIp: Estimate = (call) => {
  const cost = traversed(plus(ADDRESS, ADDRESS))
  if (call.overload !== 'cidr_contains_ip_string') return { cost }
  return { cost: plus(cost, traversed(size(call, call.args[0]))) }
}

const containsCidr: Estimate = (call) => {
  const masked = plus(traversed(ADDRESS), exactly(1))
  const cost = plus(traversed(plus(ADDRESS, ADDRESS)), masked)
  if (call.overload !== 'cidr_contains_cidr_string') return { cost }
  return { cost: plus(cost, traversed(size(call, call.args[0]))) }
}

const validate: Estimate = (call) => {
  const text = traversed(size(call, call.args[0]))
  return { cost: scaled(text, MAX_FORMAT_PATTERN * PATTERN_FACTOR) }
}

/** Types that are compared at a fixed price. */
const UNIT_EQUALITY: ReadonlySet<string> = new Set([
  ...['net.IP', 'net.CIDR', 'kubernetes.Quantity', 'kubernetes.Semver'],
  ...['Authorizer', 'PathCheck', 'GroupCheck', 'ResourceCheck', 'Decision'].map(
    (name) => `kubernetes.authorization.${name}`,
  ),
])

const equality: Estimate = ({ args: [left, right] }) => {
  if (left === undefined || right === undefined || left.type.name !== right.type.name) {
    return undefined
  }
  const { name } = left.type
  if (UNIT_EQUALITY.has(name)) return { cost: exactly(1) }
  if (name === 'kubernetes.NamedFormat') {
    return { cost: traversed({ min: 1, max: MAX_FORMAT_NAME }) }
  }
  if (name !== 'kubernetes.URL') return undefined
  return { cost: traversed({ min: 1, max: right.size?.max ?? 1 }) }
}

/** A list that is made of so many items, each at a price. */
function madeList(items: CostRange, factor: number): CallEstimate {
  return { cost: plus(scaled(items, factor), exactly(1 + LIST_COST)), size: items }
}

function literalSize(node: EstimateNode | undefined, otherwise: number): number {
  const expr = node?.expr
  if (expr?.kind !== 'literal' || !isInt(expr.value)) return otherwise
  return Math.max(Number(expr.value), 0)
}

/** Sorting and the like: every item with every other. */
const compared =
  (list: (call: CallToEstimate) => EstimateNode | undefined): Estimate =>
  (call) => {
    const items = size(call, list(call))
    const isText = /^list_(?:string|bytes)_/.test(call.overload)
    return madeList(times(items, items), isText ? 2 + TRAVERSAL_FACTOR : 2)
  }

const setsProduct: Estimate = (call) => {
  const [a, b] = call.args
  const factor = call.overload === 'list_sets_equivalent_list' ? 2 : 1
  return { cost: plus(scaled(times(size(call, a), size(call, b)), factor), exactly(1)) }
}

/** By the ids of overloads; they come before the names. */
const BY_OVERLOAD: Readonly<Record<string, Estimate>> = {
  list_slice: (call) => {
    const { max } = size(call, call.target)
    const items = literalSize(call.args[1], max) - literalSize(call.args[0], 0)
    return madeList(exactly(items < 0 ? UNBOUNDED_COST : items), 1)
  },
  lists_range: (call) => madeList(exactly(literalSize(call.args[0], UNBOUNDED_COST)), 1),
  list_reverse: (call) => madeList(size(call, call.target), 1),
  list_flatten: (call) => madeList(size(call, call.target), 1),
  list_flatten_int: (call) =>
    madeList(size(call, call.target), literalSize(call.args[0], UNBOUNDED_COST)),
  list_distinct: compared(({ target }) => target),
  list_sets_contains_list: setsProduct,
  list_sets_intersects_list: setsProduct,
  list_sets_equivalent_list: setsProduct,
}

const byTarget = compared(({ target }) => target)
const byKeys = compared(({ args }) => args[0])

const BY_NAME: Readonly<Record<string, Estimate>> = {
  check: () => ({ cost: exactly(CHECK_COST) }),
  fieldSelector: selector,
  labelSelector: selector,
  isSorted: eachItem,
  sum: eachItem,
  max: eachItem,
  min: eachItem,
  indexOf: eachItem,
  lastIndexOf: eachItem,
  url: ofArgument,
  'jsonpatch.escapeKey': ofArgument,
  lowerAscii: ofTarget,
  upperAscii: ofTarget,
  substring: ofTarget,
  trim: ofTarget,
  replace: (call) => estimateReplace(call),
  split,
  join,
  find,
  findAll: find,
  cidr: ofFirst(1),
  isIP: ofFirst(1),
  isCIDR: ofFirst(1),
  ip: (call) => (call.overload === 'cidr_ip' ? unit(call) : ofFirst(1)(call)),
  'ip.isCanonical': ofFirst(2),
  containsIP: containsIp,
  containsCIDR: containsCidr,
  quantity: ofFirst(1),
  isQuantity: ofFirst(1),
  semver: ofFirst(1),
  isSemver: ofFirst(1),
  validate,
  '_==_': equality,
  sort: byTarget,
  '@sortByAssociatedKeys': byKeys,
}

/** What calls of Kubernetes' libraries cost; `undefined` for those of the language. */
export function estimateLibraryCall(call: CallToEstimate): CallEstimate | undefined {
  if (UNIT_FUNCTIONS.has(call.name)) return unit(call)
  const table = Object.hasOwn(BY_OVERLOAD, call.overload) ? BY_OVERLOAD : BY_NAME
  const key = table === BY_OVERLOAD ? call.overload : call.name
  return Object.hasOwn(table, key) ? table[key]?.(call) : undefined
}

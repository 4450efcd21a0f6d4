import type { Expr } from '../syntax/ast.ts'
import type { CelType } from '../types.ts'
import { estimateLibraryCall } from './estimate-library-call.ts'
import { type CostRange, exactly, plus, scaled, sum, times, UNKNOWN, union } from './range.ts'
import { declaredSize, type RootOf } from './size-of-declared.ts'
import type { SizePath } from './size-path.ts'
import { PATTERN_FACTOR, TRAVERSAL_FACTOR } from './units.ts'

/** An operand as estimates see it. */
export interface EstimateNode {
  /** Absent for the items of a list, which have no node of their own. */
  readonly expr?: Expr
  readonly type: CelType
  /** Where its value comes from, as `declaredSize` takes it; empty when that is not known. */
  readonly path: SizePath
  /** Its size, as far as it could be computed. */
  readonly size: CostRange | undefined
}

/** A call to be estimated, for one of its overloads. */
export interface CallToEstimate {
  readonly name: string
  readonly overload: string
  readonly target: EstimateNode | undefined
  readonly args: readonly EstimateNode[]
  readonly argCosts: readonly CostRange[]
  readonly rootOf: RootOf
}

export interface CallEstimate {
  readonly cost: CostRange
  /** The size of the result, where the call says something about it. */
  readonly size?: CostRange
}

/** The size of an operand, or of whatever its schema allows. */
export function sizeOfNode(node: EstimateNode | undefined, rootOf: RootOf): CostRange {
  if (node === undefined) return UNKNOWN
  return node.size ?? declaredSize(node.path, rootOf) ?? UNKNOWN
}

const sizeOf = (node: EstimateNode | undefined) => node?.size ?? UNKNOWN
const traversed = (size: CostRange) => scaled(size, TRAVERSAL_FACTOR)

/** What a call costs with its arguments (but not its target). */
export function estimateCall(call: CallToEstimate): CallEstimate {
  const ofLibrary = estimateLibraryCall(call)
  const own = ofLibrary ?? estimateOverload(call)
  if (call.overload === 'logical_and' || call.overload === 'logical_or') {
    const [left = exactly(0), right = exactly(0)] = call.argCosts
    return { cost: { min: left.min, max: plus(left, right).max } }
  }
  if (call.overload === 'conditional') {
    const [condition = exactly(0), truthy = exactly(0), falsy = exactly(0)] = call.argCosts
    const [, a, b] = call.args
    return { cost: plus(condition, union(truthy, falsy)), size: union(sizeOf(a), sizeOf(b)) }
  }
  return { ...own, cost: plus(own.cost, sum(call.argCosts)) }
}

const COMPARED = /^(?:less|less_equals|greater|greater_equals)_(?:string|bytes)$|^(?:not_)?equals$/

function estimateOverload({ overload, target, args }: CallToEstimate): CallEstimate {
  const [first, second] = args
  if (COMPARED.test(overload)) {
    const max = Math.min(sizeOf(first).max, sizeOf(second).max)
    return { cost: traversed({ min: max > 0 ? 1 : 0, max }) }
  }
  switch (overload) {
    case 'string_format':
      return { cost: traversed(sizeOf(target)) }
    case 'string_to_bytes': {
      const { min, max } = sizeOf(first)
      return { cost: traversed({ min, max }), size: { min, max: max * 4 } }
    }
    case 'bytes_to_string': {
      const { min, max } = sizeOf(first)
      return { cost: traversed({ min, max }), size: { min: Math.floor(min / 4), max } }
    }
    case 'strings_quote': {
      const { min, max } = sizeOf(first)
      return { cost: traversed({ min, max }), size: { min: min + 2, max: max * 2 + 2 } }
    }
    case 'starts_with_string':
    case 'ends_with_string':
      return { cost: traversed(sizeOf(first)) }
    case 'in_list':
      return { cost: sizeOf(second) }
    case 'matches_string': {
      if (target === undefined) break
      const text = traversed(plus(sizeOf(target), exactly(1)))
      return { cost: times(text, scaled(sizeOf(first), PATTERN_FACTOR)) }
    }
    case 'contains_string':
      return { cost: times(traversed(sizeOf(target)), traversed(sizeOf(first))) }
    case 'add_list':
      return { cost: exactly(1), size: plus(sizeOf(first), sizeOf(second)) }
    case 'add_string':
    case 'add_bytes': {
      const size = plus(sizeOf(first), sizeOf(second))
      return { cost: traversed(size), size }
    }
  }
  return { cost: exactly(1) }
}

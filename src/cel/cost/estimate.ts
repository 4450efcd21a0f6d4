import type { CheckedExpr } from '../check/checker.ts'
import type { CallExpr, ComprehensionExpr, Expr } from '../syntax/ast.ts'
import { ACCUMULATOR } from '../syntax/macro.ts'
import { type CelType, DYN, isOptionalType } from '../types.ts'
import { Bytes } from '../values/bytes.ts'
import { codePointCount } from '../values/strings.ts'
import { type CallEstimate, type EstimateNode, estimateCall } from './estimate-call.ts'
import { type CostRange, exactly, plus, times, UNBOUNDED_COST, UNKNOWN, union } from './range.ts'
import { declaredSize, type RootOf } from './size-of-declared.ts'
import { SizePath } from './size-path.ts'
import { LIST_COST, MAP_COST, SELECT_COST, STRUCT_COST } from './units.ts'

export type { CostRange } from './range.ts'

/** What an evaluation of a checked expression can cost, by the sizes that schemas allow. */
export function estimateCost(checked: CheckedExpr, rootOf: RootOf): CostRange {
  return new Estimator(checked, rootOf).cost(checked.root)
}

/** The sizes of what a list or map holds. */
export interface EntrySize {
  readonly container: 'list' | 'map'
  readonly key: CostRange
  readonly value: CostRange
}

interface LocalVariable {
  readonly path: SizePath
  readonly size: CostRange | undefined
  readonly entrySize: EntrySize | undefined
}

const NOTHING = exactly(0)
const UNIT = exactly(SELECT_COST)
/** What unions of sizes start with. */
const NO_SIZE: CostRange = { min: UNBOUNDED_COST, max: 0 }

class Estimator {
  readonly #checked: CheckedExpr
  readonly #rootOf: RootOf
  readonly #paths = new Map<Expr, SizePath>()
  readonly #sizes = new Map<Expr, CostRange>()
  readonly #entrySizes = new Map<Expr, EntrySize>()
  readonly #locals = new Map<string, LocalVariable[]>()

  constructor(checked: CheckedExpr, rootOf: RootOf) {
    this.#checked = checked
    this.#rootOf = rootOf
  }

  cost(expr: Expr): CostRange {
    switch (expr.kind) {
      case 'literal':
        return NOTHING
      case 'ident':
        return this.#ident(expr, this.#nameOf(expr, expr.name))
      case 'select':
        return this.#select(expr)
      case 'call':
        return this.#call(expr)
      case 'list':
        return this.#list(expr)
      case 'map':
        return this.#map(expr)
      case 'struct':
        return this.#total(
          expr.fields.map(({ value }) => value),
          STRUCT_COST,
        )
      case 'comprehension':
        return isBind(expr) ? this.#bind(expr) : this.#comprehension(expr)
    }
  }

  #nameOf(expr: Expr, name: string): string {
    return this.#checked.references.get(expr)?.name ?? name
  }

  #typeOf(expr: Expr): CelType {
    return this.#checked.types.get(expr) ?? DYN
  }

  #total(exprs: readonly Expr[], base: number): CostRange {
    let total = exactly(base)
    for (const expr of exprs) total = plus(total, this.cost(expr))
    return total
  }

  #ident(expr: Expr, name: string): CostRange {
    this.#paths.set(expr, this.#local(name)?.path ?? SizePath.of(name))
    return UNIT
  }

  #select(expr: Extract<Expr, { kind: 'select' }>): CostRange {
    const reference = this.#checked.references.get(expr)
    if (reference !== undefined) return this.#ident(expr, reference.name)
    const cost = this.cost(expr.operand)
    if (expr.isTest) return cost
    const { kind } = this.#typeOf(expr.operand)
    this.#paths.set(expr, this.#pathOf(expr.operand).append(expr.field))
    return kind === 'map' || kind === 'object' || kind === 'parameter' ? plus(cost, UNIT) : cost
  }

  #call(expr: CallExpr): CostRange {
    const [first] = expr.args
    if (expr.name === 'dyn' && first !== undefined) {
      const cost = this.cost(first)
      this.#copySizes(expr, first)
      return plus(exactly(1), cost)
    }
    const argCosts = expr.args.map((arg) => this.cost(arg))
    const args = expr.args.map((arg) => this.#node(arg))
    const {
      name = expr.name,
      overloads = [],
      isNamespaced,
    } = this.#checked.references.get(expr) ?? {}
    if (overloads.length === 0) return NOTHING
    let cost = NOTHING
    let target: EstimateNode | undefined
    if (expr.target !== undefined && isNamespaced !== true) {
      cost = this.cost(expr.target)
      target = this.#node(expr.target)
    }
    let callCost = NO_SIZE
    let size: CostRange | undefined
    for (const overload of overloads) {
      const estimate = estimateCall({
        name,
        overload,
        target,
        args,
        argCosts,
        rootOf: this.#rootOf,
      })
      callCost = union(callCost, estimate.cost)
      if (estimate.size !== undefined) {
        size = size === undefined ? estimate.size : union(size, estimate.size)
      }
      this.#noteEntries(expr, overload, estimate)
      if (overload === 'index_list' || overload === 'index_map') {
        size = this.#indexed(expr, overload === 'index_list' ? '@items' : '@values')
      }
      size ??= this.#sizeOf(expr)
    }
    if (size !== undefined) this.#sizes.set(expr, size)
    return plus(cost, callCost)
  }

  #noteEntries(expr: CallExpr, overload: string, _estimate: CallEstimate): void {
    const [first, second, third] = expr.args
    if (overload === 'conditional') this.#joinEntries(expr, second, third)
    if (/^add_(string|bytes|list)$/.test(overload)) this.#joinEntries(expr, first, second)
  }

  #joinEntries(expr: Expr, a: Expr | undefined, b: Expr | undefined): void {
    const left = a && this.#entrySizeOf(a)
    const right = b && this.#entrySizeOf(b)
    if (left === undefined || right === undefined) return
    const key = union(left.key, right.key)
    this.#entrySizes.set(expr, { ...left, key, value: union(left.value, right.value) })
  }

  #indexed(expr: CallExpr, step: string): CostRange | undefined {
    const [container] = expr.args
    if (container === undefined) return undefined
    this.#paths.set(expr, this.#pathOf(container).append(step))
    return this.#entrySizeOf(container)?.value
  }

  #list(expr: Extract<Expr, { kind: 'list' }>): CostRange {
    const cost = this.#total(expr.elements, LIST_COST)
    const value = this.#unionOfSizes(expr.elements)
    this.#entrySizes.set(expr, { container: 'list', key: exactly(1), value })
    return cost
  }

  #map(expr: Extract<Expr, { kind: 'map' }>): CostRange {
    const cost = this.#total(
      expr.entries.flatMap(({ key, value }) => [key, value]),
      MAP_COST,
    )
    const key = this.#unionOfSizes(expr.entries.map((entry) => entry.key))
    const value = this.#unionOfSizes(expr.entries.map((entry) => entry.value))
    this.#entrySizes.set(expr, { container: 'map', key, value })
    return cost
  }

  #unionOfSizes(exprs: readonly Expr[]): CostRange {
    if (exprs.length === 0) return NOTHING
    let size = NO_SIZE
    for (const expr of exprs) size = union(size, this.#sizeOf(expr) ?? UNKNOWN)
    return size
  }

  #comprehension(expr: ComprehensionExpr): CostRange {
    let cost = plus(this.cost(expr.range), this.cost(expr.accuInit))
    this.#pushAccumulator(expr)
    this.#pushIterators(expr)
    const each = plus(this.cost(expr.condition), this.cost(expr.step))
    this.#pop(expr.iterVar)
    if (expr.iterVar2 !== undefined) this.#pop(expr.iterVar2)
    cost = plus(cost, this.cost(expr.result))
    this.#pop(expr.accuVar)
    const count = this.#sizeOf(expr.range) ?? UNKNOWN
    cost = plus(cost, times(count, each))
    if (expr.accuInit.kind === 'literal') {
      const size = this.#sizeOf(expr.accuInit)
      if (size !== undefined) this.#sizes.set(expr, size)
    } else if (expr.accuInit.kind === 'list' || expr.accuInit.kind === 'map') {
      this.#sizes.set(expr, count)
      const entrySize = this.#entrySizeOf(expr.step)
      if (entrySize !== undefined) this.#entrySizes.set(expr, entrySize)
    }
    return cost
  }

  #bind(expr: ComprehensionExpr): CostRange {
    let cost = plus(this.cost(expr.range), this.cost(expr.accuInit))
    this.#pushAccumulator(expr)
    cost = plus(cost, this.cost(expr.result))
    this.#pop(expr.accuVar)
    this.#copySizes(expr, expr.result)
    return cost
  }

  #pushAccumulator({ accuVar, accuInit }: ComprehensionExpr): void {
    this.#push(accuVar, {
      path: this.#pathOf(accuInit),
      entrySize: this.#entrySizeOf(accuInit),
      size: this.#sizeOf(accuInit),
    })
  }

  #pushIterators({ iterVar, iterVar2, range }: ComprehensionExpr): void {
    const entrySize = this.#entrySizeOf(range)
    const isList = (entrySize?.container ?? this.#typeOf(range).kind) === 'list'
    const path = this.#pathOf(range)
    const ofValue = () => ({
      path: path.append(isList ? '@items' : '@values'),
      size: entrySize?.value,
      entrySize: undefined,
    })
    const ofKey = () => ({
      path: path.append(isList ? '@indices' : '@keys'),
      size: entrySize?.key,
      entrySize: undefined,
    })
    this.#push(iterVar, iterVar2 === undefined && isList ? ofValue() : ofKey())
    if (iterVar2 !== undefined) this.#push(iterVar2, ofValue())
  }

  #push(name: string, variable: LocalVariable): void {
    this.#locals.set(name, [...(this.#locals.get(name) ?? []), variable])
  }

  #pop(name: string): void {
    this.#locals.get(name)?.pop()
  }

  #local(name: string): LocalVariable | undefined {
    return this.#locals.get(name)?.at(-1)
  }

  #pathOf(expr: Expr): SizePath {
    const local = expr.kind === 'ident' ? this.#local(this.#nameOf(expr, expr.name)) : undefined
    return local?.path ?? this.#paths.get(expr) ?? SizePath.none
  }

  #node(expr: Expr): EstimateNode {
    const path = this.#pathOf(expr)
    return {
      expr,
      type: this.#typeOf(expr),
      path: path.steps[0] === ACCUMULATOR ? SizePath.none : path,
      size: this.#sizeOf(expr),
    }
  }

  #copySizes(to: Expr, from: Expr): void {
    const size = this.#sizeOf(from)
    if (size !== undefined) this.#sizes.set(to, size)
    const entrySize = this.#entrySizeOf(from)
    if (entrySize !== undefined) this.#entrySizes.set(to, entrySize)
  }

  #sizeOf(expr: Expr): CostRange | undefined {
    const known = this.#sizes.get(expr) ?? literalSize(expr)
    if (known !== undefined) return known
    const declared = declaredSize(this.#pathOf(expr), this.#rootOf)
    if (declared !== undefined) {
      this.#sizes.set(expr, declared)
      return declared
    }
    if (isScalar(this.#typeOf(expr))) return exactly(1)
    return expr.kind === 'ident' ? this.#local(this.#nameOf(expr, expr.name))?.size : undefined
  }

  #entrySizeOf(expr: Expr): EntrySize | undefined {
    const known = this.#entrySizes.get(expr)
    if (known !== undefined || expr.kind !== 'ident') return known
    return this.#local(this.#nameOf(expr, expr.name))?.entrySize
  }
}

/** Whether a comprehension only gives a value a name. */
function isBind({ range, condition, accuVar }: ComprehensionExpr): boolean {
  return (
    range.kind === 'list' &&
    range.elements.length === 0 &&
    condition.kind === 'literal' &&
    condition.value === false &&
    accuVar !== '__result__'
  )
}

function literalSize(expr: Expr): CostRange | undefined {
  if (expr.kind === 'list') return exactly(expr.elements.length)
  if (expr.kind === 'map') return exactly(expr.entries.length)
  if (expr.kind !== 'literal') return undefined
  const { value } = expr
  if (typeof value === 'string') return exactly(codePointCount(value))
  return exactly(value instanceof Bytes ? value.size : 1)
}

const SCALARS: ReadonlySet<CelType['kind']> = new Set([
  ...(['bool', 'double', 'duration', 'int', 'timestamp', 'uint'] as const),
])

const isScalar = (type: CelType): boolean =>
  SCALARS.has(type.kind) || (isOptionalType(type) && isScalar(type.parameters[0] ?? DYN))

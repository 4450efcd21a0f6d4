import type { CelValue } from '../values/value.ts'

/**
 * A node of the syntax tree. `offset` is the place in the text that messages point at: the operator
 * of an operation, the bracket of a call. Nodes are told apart by identity.
 */
export type Expr =
  | LiteralExpr
  | IdentExpr
  | SelectExpr
  | CallExpr
  | ListExpr
  | MapExpr
  | StructExpr
  | ComprehensionExpr

export interface LiteralExpr {
  readonly kind: 'literal'
  readonly offset: number
  readonly value: CelValue
}

export interface IdentExpr {
  readonly kind: 'ident'
  readonly offset: number
  readonly name: string
}

/** `operand.field`, or `has(operand.field)`. */
export interface SelectExpr {
  readonly kind: 'select'
  readonly offset: number
  readonly operand: Expr
  readonly field: string
  readonly isTest: boolean
}

/** A call; operators are calls of functions such as `_+_`. */
export interface CallExpr {
  readonly kind: 'call'
  readonly offset: number
  readonly name: string
  readonly target?: Expr
  readonly args: readonly Expr[]
}

export interface ListExpr {
  readonly kind: 'list'
  readonly offset: number
  readonly elements: readonly Expr[]
  /** The places of elements such as `?x`, which are left out when empty. */
  readonly optionals: ReadonlySet<number>
}

export interface MapEntry {
  readonly offset: number
  readonly key: Expr
  readonly value: Expr
  readonly isOptional: boolean
}

export interface MapExpr {
  readonly kind: 'map'
  readonly offset: number
  readonly entries: readonly MapEntry[]
}

export interface StructField {
  readonly offset: number
  readonly name: string
  readonly value: Expr
  readonly isOptional: boolean
}

export interface StructExpr {
  readonly kind: 'struct'
  readonly offset: number
  readonly typeName: string
  readonly fields: readonly StructField[]
}

/** What macros such as `all` become: a loop that folds a range into an accumulator. */
export interface ComprehensionExpr {
  readonly kind: 'comprehension'
  readonly offset: number
  readonly range: Expr
  readonly iterVar: string
  /** With two variables the first is the index or key, the second the value. */
  readonly iterVar2?: string
  readonly accuVar: string
  readonly accuInit: Expr
  readonly condition: Expr
  readonly step: Expr
  readonly result: Expr
}

/** The nodes directly below, in the order in which they are checked. */
export function childrenOf(expr: Expr): readonly Expr[] {
  switch (expr.kind) {
    case 'literal':
    case 'ident':
      return []
    case 'select':
      return [expr.operand]
    case 'call':
      return expr.target === undefined ? expr.args : [expr.target, ...expr.args]
    case 'list':
      return expr.elements
    case 'map':
      return expr.entries.flatMap(({ key, value }) => [key, value])
    case 'struct':
      return expr.fields.map(({ value }) => value)
    case 'comprehension':
      return [expr.range, expr.accuInit, expr.condition, expr.step, expr.result]
  }
}

/** Calls `visit` for a node and all below it, outermost first. */
export function walk(expr: Expr, visit: (expr: Expr) => void): void {
  visit(expr)
  for (const child of childrenOf(expr)) walk(child, visit)
}

import type { CelValue } from '../values/value.ts'
import type { ComprehensionExpr, Expr } from './ast.ts'

/** What a macro finds wrong with its arguments. */
export class MacroError extends Error {
  override readonly name = 'MacroError'
  readonly offset: number

  constructor(at: Expr, message: string) {
    super(message)
    this.offset = at.offset
  }
}

/** Expands a call, at `offset`, into other nodes; `undefined` leaves it a call. */
export type Macro = (offset: number, target: Expr, args: readonly Expr[]) => Expr | undefined

/** Macros by `macroKey`. */
export type Macros = ReadonlyMap<string, Macro>

export const macroKey = (name: string, argumentCount: number, hasTarget: boolean) =>
  `${name}:${argumentCount}:${hasTarget}`

/** The variable that comprehensions gather their result in; no expression can name it. */
export const ACCUMULATOR = '@result'
const OLD_ACCUMULATOR = '__result__'

/** Makes nodes that all stand at the place of the macro's call. */
export class NodeMaker {
  readonly #offset: number

  constructor(offset: number) {
    this.#offset = offset
  }

  literal(value: CelValue): Expr {
    return { kind: 'literal', offset: this.#offset, value }
  }

  ident(name: string): Expr {
    return { kind: 'ident', offset: this.#offset, name }
  }

  accumulator(): Expr {
    return this.ident(ACCUMULATOR)
  }

  call(name: string, ...args: readonly Expr[]): Expr {
    return { kind: 'call', offset: this.#offset, name, args }
  }

  memberCall(name: string, target: Expr, ...args: readonly Expr[]): Expr {
    return { kind: 'call', offset: this.#offset, name, target, args }
  }

  list(...elements: readonly Expr[]): Expr {
    return { kind: 'list', offset: this.#offset, elements, optionals: new Set() }
  }

  map(): Expr {
    return { kind: 'map', offset: this.#offset, entries: [] }
  }

  presenceTest(operand: Expr, field: string): Expr {
    return { kind: 'select', offset: this.#offset, operand, field, isTest: true }
  }

  comprehension(parts: Omit<ComprehensionExpr, 'kind' | 'offset'>): Expr {
    return { kind: 'comprehension', offset: this.#offset, ...parts }
  }

  /** A copy of a tree, for macros that need it twice: nodes are told apart by identity. */
  copy(expr: Expr): Expr {
    const offset = this.#offset
    const copy = (child: Expr) => this.copy(child)
    switch (expr.kind) {
      case 'literal':
      case 'ident':
        return { ...expr, offset }
      case 'select':
        return { ...expr, offset, operand: copy(expr.operand) }
      case 'call':
        return {
          ...expr,
          offset,
          args: expr.args.map(copy),
          ...(expr.target !== undefined && { target: copy(expr.target) }),
        }
      case 'list':
        return { ...expr, offset, elements: expr.elements.map(copy) }
      case 'map': {
        const entries = expr.entries.map((entry) => ({
          ...entry,
          offset,
          key: copy(entry.key),
          value: copy(entry.value),
        }))
        return { ...expr, offset, entries }
      }
      case 'struct': {
        const fields = expr.fields.map((field) => ({ ...field, offset, value: copy(field.value) }))
        return { ...expr, offset, fields }
      }
      case 'comprehension':
        return {
          ...expr,
          offset,
          range: copy(expr.range),
          accuInit: copy(expr.accuInit),
          condition: copy(expr.condition),
          step: copy(expr.step),
          result: copy(expr.result),
        }
    }
  }
}

/** The name that an argument is; `message` is said of anything else. */
export function nameOfArgument(argument: Expr | undefined, message: string): string {
  if (argument?.kind === 'ident') return argument.name
  throw new MacroError(argument ?? { kind: 'ident', offset: -1, name: '' }, message)
}

/** As `nameOfArgument`, of a variable to loop with, which must not hide the accumulator. */
export function iterationVariable(argument: Expr | undefined, message: string): string {
  const name = nameOfArgument(argument, message)
  if (argument !== undefined && (name === ACCUMULATOR || name === OLD_ACCUMULATOR)) {
    throw new MacroError(argument, 'iteration variable overwrites accumulator variable')
  }
  return name
}

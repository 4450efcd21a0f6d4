import type { Expr } from './ast.ts'
import { missing } from './balance.ts'
import { MacroError, type Macros, macroKey } from './macro.ts'
import { CONDITIONAL, INDEX, OPERATORS, OPTIONAL_INDEX } from './operators.ts'
import type { Issue } from './source.ts'

/** How deep expressions may be nested. */
export const MAX_DEPTH = 250

/** The operators that count as a level of nesting. */
const LEVELS: ReadonlySet<string> = new Set([
  ...Object.values(OPERATORS),
  ...[CONDITIONAL, INDEX, OPTIONAL_INDEX],
])

/** Raised where parsing cannot go on; the issue is already recorded. */
export class ParseAborted extends Error {
  override readonly name = 'ParseAborted'
}

/** Makes nodes of what is parsed: expands macros and sees to it that nothing is too deep. */
export class NodeBuilder {
  readonly #macros: Macros
  readonly #issues: Issue[]
  readonly #depths = new Map<Expr, number>()

  constructor(macros: Macros, issues: Issue[]) {
    this.#macros = macros
    this.#issues = issues
  }

  /** A call, or what a macro of that name makes of it. */
  call(offset: number, name: string, target: Expr | undefined, args: readonly Expr[]): Expr {
    const expr = this.#expand(offset, name, target, args)
    const isLevel = target !== undefined || LEVELS.has(name)
    return this.nest(expr, target === undefined ? args : [target, ...args], isLevel ? 1 : 0)
  }

  /** Notes how deep a node is, from what it is made of; throws `ParseAborted` when that is too deep. */
  nest(expr: Expr, inner: readonly Expr[], levels: number): Expr {
    let depth = 0
    for (const child of inner) depth = Math.max(depth, this.#depths.get(child) ?? 0)
    if (depth + levels > MAX_DEPTH) {
      this.#issues.push({ offset: -1, message: 'max recursion depth exceeded' })
      throw new ParseAborted()
    }
    if (depth + levels > 0) this.#depths.set(expr, depth + levels)
    return expr
  }

  #expand(offset: number, name: string, target: Expr | undefined, args: readonly Expr[]): Expr {
    const macro = this.#macros.get(macroKey(name, args.length, target !== undefined))
    if (macro !== undefined) {
      try {
        const expanded = macro(offset, target ?? missing(offset), args)
        if (expanded !== undefined) return expanded
      } catch (error) {
        if (!(error instanceof MacroError)) throw error
        this.#issues.push({ offset: error.offset, message: error.message })
        return missing(offset)
      }
    }
    return { kind: 'call', offset, name, args, ...(target !== undefined && { target }) }
  }
}

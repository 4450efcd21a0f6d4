import { type Clause, formatParts, wrongArgument } from '../functions/format-string.ts'
import { type CallExpr, type Expr, walk } from '../syntax/ast.ts'
import type { Issue } from '../syntax/source.ts'
import { type CelType, DYN } from '../types.ts'
import { CelError } from '../values/cel-error.ts'
import type { CheckedExpr } from './checker.ts'

/** The kinds of types that each clause takes; `s` looks into lists and maps too. */
const TAKEN: Readonly<Record<string, readonly CelType['kind'][]>> = {
  d: ['int', 'uint'],
  f: ['double', 'string'],
  e: ['double', 'string'],
  b: ['int', 'uint', 'bool'],
  x: ['int', 'uint', 'string', 'bytes'],
  X: ['int', 'uint', 'string', 'bytes'],
  o: ['int', 'uint'],
}

const PRINTABLE: ReadonlySet<CelType['kind']> = new Set([
  ...(['string', 'bool', 'bytes', 'int', 'uint', 'double', 'null', 'type'] as const),
  ...(['duration', 'timestamp', 'dyn'] as const),
])
const KEYS: ReadonlySet<CelType['kind']> = new Set(['string', 'bool', 'int', 'uint', 'dyn'])

/** What literal formats with literal lists of arguments get wrong. */
export function validateFormats(checked: CheckedExpr, issues: Issue[]): void {
  walk(checked.root, (expr) => {
    if (expr.kind === 'call' && expr.name === 'format') validateCall(expr, checked, issues)
  })
}

function validateCall(expr: CallExpr, checked: CheckedExpr, issues: Issue[]): void {
  const [list] = expr.args
  if (expr.target?.kind !== 'literal' || list?.kind !== 'list') return
  const { value } = expr.target
  if (typeof value !== 'string') return
  const { elements } = list
  let next = 0
  for (const part of formatParts(value)) {
    if (typeof part === 'string') continue
    const element = elements[next]
    if (element === undefined) {
      issues.push({ offset: expr.offset, message: `index ${next} out of range` })
      return
    }
    next++
    if (part instanceof CelError) {
      issues.push({ offset: expr.offset, message: part.message })
      return
    }
    const wrong = findWrong(part, element, checked)
    if (wrong === undefined) continue
    const { name } = checked.types.get(wrong) ?? DYN
    const { message } = wrongArgument(part.letter, name)
    issues.push({ offset: wrong.offset, message: `error during formatting: ${message}` })
    return
  }
  if (elements.length <= next) return
  const counts = `expected ${next}, got ${elements.length}`
  const message = `too many arguments supplied to string.format (${counts})`
  issues.push({ offset: expr.offset, message })
}

/** The node, the argument or something in it, that the clause cannot write. */
function findWrong({ letter }: Clause, expr: Expr, { types }: CheckedExpr): Expr | undefined {
  const kind = (types.get(expr) ?? DYN).kind
  if (letter === 's') return findUnprintable(expr, types)
  return kind === 'dyn' || TAKEN[letter]?.includes(kind) ? undefined : expr
}

function findUnprintable(expr: Expr, types: CheckedExpr['types']): Expr | undefined {
  const { kind, parameters } = types.get(expr) ?? DYN
  if (kind === 'list') {
    if (expr.kind !== 'list') return isPrintable(parameters[0]) ? undefined : expr
    return firstWrong(expr.elements, types)
  }
  if (kind === 'map') {
    if (expr.kind !== 'map') {
      const [key = DYN, value] = parameters
      return KEYS.has(key.kind) && isPrintable(value) ? undefined : expr
    }
    const key = expr.entries.find((entry) => !KEYS.has((types.get(entry.key) ?? DYN).kind))?.key
    return (
      key ??
      firstWrong(
        expr.entries.map(({ value }) => value),
        types,
      )
    )
  }
  return PRINTABLE.has(kind) ? undefined : expr
}

function firstWrong(exprs: readonly Expr[], types: CheckedExpr['types']): Expr | undefined {
  for (const expr of exprs) {
    const wrong = findUnprintable(expr, types)
    if (wrong !== undefined) return wrong
  }
  return undefined
}

function isPrintable({ kind, parameters }: CelType = DYN): boolean {
  if (kind === 'list') return isPrintable(parameters[0])
  if (kind !== 'map') return PRINTABLE.has(kind)
  return KEYS.has((parameters[0] ?? DYN).kind) && isPrintable(parameters[1])
}

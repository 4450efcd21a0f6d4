import { compilePattern } from '../functions/regular-expressions.ts'
import { type Expr, walk } from '../syntax/ast.ts'
import type { Issue } from '../syntax/source.ts'
import { type CelType, DYN, isSameType } from '../types.ts'
import { CelError } from '../values/cel-error.ts'
import { parseGoDuration } from '../values/duration.ts'
import {
  MAX_UNIX_SECONDS,
  MIN_UNIX_SECONDS,
  parseTimestamp,
  Timestamp,
} from '../values/timestamp.ts'
import type { CelValue } from '../values/value.ts'
import type { CheckedExpr } from './checker.ts'
import { formatCheckedType } from './format-checked-type.ts'

/** Whether a literal is a fine first argument of these functions. */
const ARGUMENTS: readonly (readonly [name: string, isValid: (value: CelValue) => boolean])[] = [
  ['duration', (value) => typeof value === 'string' && parseGoDuration(value) !== undefined],
  ['timestamp', isTimestamp],
  ['matches', (value) => typeof value !== 'string' || !(compilePattern(value) instanceof CelError)],
]

function isTimestamp(value: CelValue): boolean {
  if (typeof value === 'number') return value >= MIN_UNIX_SECONDS && value <= MAX_UNIX_SECONDS
  return typeof value === 'string' && parseTimestamp(value) instanceof Timestamp
}

/** What a checked expression has that could only fail: literals that are none, mixed lists. */
export function validateLiterals(checked: CheckedExpr, issues: Issue[]): void {
  const nodes: Expr[] = []
  walk(checked.root, (expr) => nodes.push(expr))
  for (const [name, isValid] of ARGUMENTS) {
    for (const expr of nodes) {
      if (expr.kind !== 'call' || expr.name !== name) continue
      const [argument] = expr.args
      if (argument?.kind !== 'literal' || isValid(argument.value)) continue
      issues.push({ offset: argument.offset, message: `invalid ${name} argument` })
    }
  }
  const exempt = formatArguments(nodes)
  for (const expr of nodes) {
    if (expr.kind === 'list' && !exempt.has(expr)) checkList(expr, checked, issues)
  }
  for (const expr of nodes) {
    if (expr.kind === 'map' && !exempt.has(expr)) checkMap(expr, checked, issues)
  }
}

/** What is below calls of `format`, whose arguments may be of all sorts. */
function formatArguments(nodes: readonly Expr[]): ReadonlySet<Expr> {
  const exempt = new Set<Expr>()
  for (const expr of nodes) {
    if (expr.kind === 'call' && expr.name === 'format') walk(expr, (inner) => exempt.add(inner))
  }
  return exempt
}

function checkList(
  { elements, optionals }: Extract<Expr, { kind: 'list' }>,
  { types }: CheckedExpr,
  issues: Issue[],
): void {
  let first: CelType | undefined
  for (const [index, element] of elements.entries()) {
    const type = contentType(types.get(element), optionals.has(index))
    first ??= type
    if (isSameType(first, type)) continue
    issues.push(mismatch(element, first, type))
    return
  }
}

function checkMap(
  { entries }: Extract<Expr, { kind: 'map' }>,
  { types }: CheckedExpr,
  issues: Issue[],
): void {
  let keys: CelType | undefined
  let values: CelType | undefined
  for (const { key, value, isOptional } of entries) {
    const keyType = contentType(types.get(key), false)
    const valueType = contentType(types.get(value), isOptional)
    keys ??= keyType
    values ??= valueType
    if (!isSameType(keys, keyType)) issues.push(mismatch(key, keys, keyType))
    if (!isSameType(values, valueType)) issues.push(mismatch(value, values, valueType))
  }
}

function contentType(type: CelType = DYN, isOptional: boolean): CelType {
  return isOptional ? (type.parameters[0] ?? type) : type
}

const mismatch = (expr: Expr, expected: CelType, found: CelType): Issue => ({
  offset: expr.offset,
  message: `expected type '${formatCheckedType(expected)}' but found '${formatCheckedType(found)}'`,
})

import type { CelFunction } from '../functions/function.ts'
import type { Expr } from '../syntax/ast.ts'
import type { CelType } from '../types.ts'

/** What names mean to the checker. */
export interface Names {
  /** The type of a variable; of a type's name it is the type of that type. */
  variable(name: string): CelType | undefined
  function(name: string): CelFunction | undefined
  /** The type of an object type's field, `undefined` if there is no such field. */
  field(typeName: string, field: string): CelType | undefined
  /** Whether there is an object type of that name. */
  hasObjectType(typeName: string): boolean
}

/** The dotted name that a chain of selections spells, if it is nothing but that. */
export function qualifiedName(expr: Expr): string | undefined {
  if (expr.kind === 'ident') return expr.name
  if (expr.kind !== 'select' || expr.isTest) return undefined
  const prefix = qualifiedName(expr.operand)
  return prefix === undefined ? undefined : `${prefix}.${expr.field}`
}

/** A name without the dot that says it is no local variable. */
export const withoutLeadingDot = (name: string) => (name.startsWith('.') ? name.slice(1) : name)

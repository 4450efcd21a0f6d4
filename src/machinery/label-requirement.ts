import { type FieldError, FieldPath, formatFieldError, invalid } from './field-error.ts'
import { labelValueErrors, qualifiedNameErrors } from './names.ts'

export type LabelOperator = 'in' | 'notin' | '=' | '==' | '!=' | 'exists' | '!' | 'gt' | 'lt'

/** One condition on one label; the values are sorted and each stands once. */
export interface LabelRequirement {
  readonly key: string
  readonly operator: LabelOperator
  readonly values: readonly string[]
}

/** Raised for a selector that cannot be read or breaks a rule; the messages are upstream's. */
export class SelectorError extends Error {
  override readonly name = 'SelectorError'
}

/** The one value that a label must have, where a requirement names it. */
export function exactValueOf({ operator, values }: LabelRequirement): string | undefined {
  if (values.length !== 1) return undefined
  return operator === '=' || operator === '==' || operator === 'in' ? values[0] : undefined
}

export const INTEGER = /^[+-]?[0-9]{1,19}$/

/** A requirement in the selector's text form. */
export function formatRequirement({ key, operator, values }: LabelRequirement): string {
  const list = values.join(',')
  switch (operator) {
    case 'exists':
      return key
    case '!':
      return `!${key}`
    case 'in':
    case 'notin':
      return `${key} ${operator} (${list})`
    case 'gt':
      return `${key}>${list}`
    case 'lt':
      return `${key}<${list}`
    default:
      return `${key}${operator}${list}`
  }
}

/** Each value once, in order. */
export function sortedSet(values: readonly string[]): readonly string[] {
  return [...new Set(values)].sort(compareText)
}

/** Throws SelectorError for a requirement that breaks a rule. */
export function checkRequirement({ key, operator, values }: LabelRequirement): void {
  const root = FieldPath.root
  const valuesPath = root.child('values')
  const errors: FieldError[] = []
  const keyErrors = qualifiedNameErrors(key)
  if (keyErrors.length > 0) errors.push(invalid(root.child('key'), key, keyErrors.join('; ')))
  const count = countError(operator, values)
  if (count !== undefined) errors.push(invalid(valuesPath, values, count))
  if (operator === 'gt' || operator === 'lt') {
    values.forEach((value, index) => {
      if (INTEGER.test(value)) return
      const why = "for 'Gt', 'Lt' operators, the value must be an integer"
      errors.push(invalid(valuesPath.index(index), value, why))
    })
  }
  values.forEach((value, index) => {
    const why = labelValueErrors(value)
    if (why.length > 0) {
      errors.push(invalid(valuesPath.index(index).key(key), value, why.join('; ')))
    }
  })
  if (errors.length === 0) return
  const texts = [...new Set(errors.map(formatFieldError))]
  throw new SelectorError(texts.length === 1 ? (texts[0] as string) : `[${texts.join(', ')}]`)
}

function countError(operator: LabelOperator, { length }: readonly string[]): string | undefined {
  switch (operator) {
    case 'in':
    case 'notin':
      return length > 0 ? undefined : "for 'in', 'notin' operators, values set can't be empty"
    case '=':
    case '==':
    case '!=':
      return length === 1 ? undefined : 'exact-match compatibility requires one single value'
    case 'exists':
    case '!':
      return length === 0 ? undefined : 'values set must be empty for exists and does not exist'
    case 'gt':
    case 'lt':
      return length === 1 ? undefined : "for 'Gt', 'Lt' operators, exactly one value is required"
  }
}

/** In the order of code units, as Go sorts ASCII. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

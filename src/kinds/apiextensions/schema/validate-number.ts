import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import type { Findings } from './value-errors.ts'
import { typeOf } from './value-type.ts'

const MOST_INT32 = 2 ** 31 - 1
const MOST_FLOAT32 = 3.4028234663852886e38

interface NumberRule {
  readonly types: readonly string[]
  readonly format: string | undefined
}

/** Ranges and multiples of a number. Whole numbers are compared as such, as Go does. */
export function validateNumber(
  schema: JSONSchemaProps,
  rule: NumberRule,
  value: number | bigint,
  at: string,
  findings: Findings,
): void {
  checkRange(rule, value, 'Checked', at, findings)
  const { multipleOf, maximum, minimum } = schema
  const isWhole = typeOf(value) === 'integer'
  if (multipleOf !== undefined) {
    const fits = checkRange(rule, multipleOf, 'MultipleOf', at, findings)
    checkMultiple(value, isWhole && fits ? Math.trunc(multipleOf) : multipleOf, at, findings)
  }
  if (minimum !== undefined) {
    const fits = checkRange(rule, minimum, 'Minimum boundary', at, findings)
    const bound = isWhole && fits ? Math.trunc(minimum) : minimum
    const isExclusive = schema.exclusiveMinimum === true
    if (value < bound || (isExclusive && value <= bound)) {
      const what = isExclusive ? 'greater than' : 'greater than or equal to'
      add(`${at} in body should be ${what} ${formatGoNumber(bound)}`, value, at, findings)
    }
  }
  if (maximum !== undefined) {
    const fits = checkRange(rule, maximum, 'Maximum boundary', at, findings)
    const bound = isWhole && fits ? Math.trunc(maximum) : maximum
    const isExclusive = schema.exclusiveMaximum === true
    if (value > bound || (isExclusive && value >= bound)) {
      const what = isExclusive ? 'less than' : 'less than or equal to'
      add(`${at} in body should be ${what} ${formatGoNumber(bound)}`, value, at, findings)
    }
  }
  findings.matches += 2
}

function checkMultiple(value: number | bigint, factor: number, at: string, findings: Findings) {
  if (factor <= 0) {
    const text = `factor MultipleOf declared for ${at} must be positive: ${formatGoNumber(factor)}`
    add(text, factor, at, findings)
    return
  }
  const isMultiple =
    typeof value === 'bigint' && Number.isInteger(factor)
      ? value % BigInt(factor) === 0n
      : isWholeQuotient(Number(value), factor)
  if (isMultiple) return
  add(`${at} in body should be a multiple of ${formatGoNumber(factor)}`, value, at, findings)
}

/** Within a relative error of 1e-9, since neither may be exact. */
function isWholeQuotient(value: number, factor: number): boolean {
  const quotient = factor < 1 ? (1 / factor) * value : value / factor
  if (!Number.isFinite(quotient) || Math.abs(quotient) > Number.MAX_SAFE_INTEGER) return false
  const rest = Math.abs(quotient - Math.trunc(quotient))
  return rest === 0 || rest / (Math.abs(quotient) + Math.abs(Math.trunc(quotient))) < 1e-9
}

/** Whether a number fits its declared type; what does not is compared as it is. */
function checkRange(
  { types, format }: NumberRule,
  value: number | bigint,
  what: string,
  at: string,
  findings: Findings,
): boolean {
  const [type, ...others] = types
  if (others.length > 0 || (type !== 'integer' && type !== 'number')) return true
  if (isInRange(type, format, value)) return true
  const kind = format === undefined ? `${type} (default format)` : `${type} with format ${format}`
  findings.add({ type: 'composite', text: `${what} value must be of type ${kind} in ${at}` })
  return false
}

function isInRange(type: string, format: string | undefined, value: number | bigint): boolean {
  if (type === 'number') return format !== 'float' || Math.abs(Number(value)) <= MOST_FLOAT32
  if (typeOf(value) !== 'integer') return false
  return format !== 'int32' || (value <= MOST_INT32 && value >= -MOST_INT32 - 1)
}

function add(text: string, value: unknown, at: string, findings: Findings): void {
  findings.add({ type: 'other', at, value, text })
}

/** Go's `%v`: an exponent of two digits at least, below 1e-4 and from 1e21 on. */
export function formatGoNumber(value: number): string {
  const size = Math.abs(value)
  if (value === 0 || (size >= 1e-4 && size < 1e21)) return String(value)
  const [digits = '', exponent = ''] = value.toExponential().split('e')
  const sign = exponent[0] === '-' ? '-' : '+'
  return `${digits}e${sign}${exponent.slice(1).padStart(2, '0')}`
}

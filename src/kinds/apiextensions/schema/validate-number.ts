import { formatGoNumber } from '../../../machinery/go-number.ts'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import type { Findings } from './value-errors.ts'
import { typeOf } from './value-type.ts'

const MOST_INT32 = 2 ** 31 - 1
const MOST_INT64 = 2 ** 63
const LEAST_INT64 = -(2n ** 63n)
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
  const check = (what: string, given: number) => {
    const bound = Number(given)
    const fits = checkRange(rule, bound, what, at, findings)
    return new Comparison(value, bound, fits && typeOf(value) === 'integer')
  }
  if (multipleOf !== undefined) checkMultiple(check('MultipleOf', multipleOf), at, findings)
  if (minimum !== undefined) {
    const comparison = check('Minimum boundary', minimum)
    const isExclusive = schema.exclusiveMinimum === true
    if (comparison.order < 0 || (isExclusive && comparison.order === 0)) {
      const what = isExclusive ? 'greater than' : 'greater than or equal to'
      comparison.add(`${at} in body should be ${what} ${comparison.shownBound}`, at, findings)
    }
  }
  if (maximum !== undefined) {
    const comparison = check('Maximum boundary', maximum)
    const isExclusive = schema.exclusiveMaximum === true
    if (comparison.order > 0 || (isExclusive && comparison.order === 0)) {
      const what = isExclusive ? 'less than' : 'less than or equal to'
      comparison.add(`${at} in body should be ${what} ${comparison.shownBound}`, at, findings)
    }
  }
  findings.matches += 2
}

/** A number beside what a schema says of it: both whole, or both as floats. */
class Comparison {
  readonly value: number | bigint
  readonly bound: number | bigint
  readonly isWhole: boolean

  constructor(value: number | bigint, bound: number, isWhole: boolean) {
    this.isWhole = isWhole
    this.value = isWhole ? BigInt(value) : Number(value)
    this.bound = isWhole ? toInt64(bound) : bound
  }

  get order(): number {
    return this.value < this.bound ? -1 : this.value > this.bound ? 1 : 0
  }

  get shownBound(): string {
    return formatGoNumber(this.bound)
  }

  add(text: string, at: string, findings: Findings): void {
    findings.add({ type: 'other', at, value: this.value, shown: formatGoNumber(this.value), text })
  }
}

/** As Go converts floats: what is too large becomes the least of all. */
function toInt64(value: number): bigint {
  const whole = BigInt(Math.trunc(value))
  return whole >= LEAST_INT64 && whole < -LEAST_INT64 ? whole : LEAST_INT64
}

function checkMultiple(comparison: Comparison, at: string, findings: Findings): void {
  const { value, bound: factor, shownBound } = comparison
  if (factor <= 0) {
    const text = `factor MultipleOf declared for ${at} must be positive: ${shownBound}`
    findings.add({ type: 'other', at, value: factor, shown: shownBound, text })
    return
  }
  const isMultiple =
    typeof value === 'bigint' && typeof factor === 'bigint'
      ? value % factor === 0n
      : isWholeQuotient(Number(value), Number(factor))
  if (isMultiple) return
  comparison.add(`${at} in body should be a multiple of ${shownBound}`, at, findings)
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
  const size = Number(value)
  if (!Number.isInteger(size) || size < -MOST_INT64 || size >= MOST_INT64) return false
  return format !== 'int32' || (value <= MOST_INT32 && value >= -MOST_INT32 - 1)
}

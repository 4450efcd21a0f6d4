export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** Raised for text that is not a quantity; the messages are upstream's. */
export class QuantitySyntaxError extends Error {
  override readonly name = 'QuantitySyntaxError'
}

const WRONG_FORMAT =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const WRONG_SUFFIX = "unable to parse quantity's suffix"

const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E']
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']
const NANO = -9
const MOST_DIGITS = 18
const MAX_INT64 = 2n ** 63n - 1n
const MOST_CACHED = 4096
/** Longer numbers and larger exponents are refused: arithmetic on them would stall the process. */
const MOST_CHARACTERS = 1000
const LARGEST_EXPONENT = 1000

const QUANTITY = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/
/** Plain values that are canonical as they stand, which is nearly all that occur. */
const CANONICAL = /^(?:0|[1-9][0-9]{0,2}(?:[mkMGT]|[KMGT]i)?)$/

/**
 * An exact amount, such as of CPU or memory, with the family of suffixes it is written in
 * (upstream's resource.Quantity). Immutable.
 */
export class Quantity {
  /** The value is `unscaled` times ten to the power of `exponent`. */
  readonly unscaled: bigint
  readonly exponent: number
  readonly format: QuantityFormat
  #text: string | undefined

  constructor(unscaled: bigint, exponent: number, format: QuantityFormat, text?: string) {
    this.unscaled = unscaled
    this.exponent = exponent
    this.format = format
    this.#text = text
  }

  /** -1, 0 or 1, as a comparator for sorting. */
  compare(other: Quantity): number {
    const [a, b] = align(this, other)
    return a < b ? -1 : a > b ? 1 : 0
  }

  get sign(): number {
    return this.unscaled < 0n ? -1 : this.unscaled > 0n ? 1 : 0
  }

  /** The sum, in this quantity's format, or in the other's when this one is zero. */
  add(other: Quantity): Quantity {
    const [a, b, exponent] = align(this, other)
    return new Quantity(a + b, exponent, this.sign === 0 ? other.format : this.format)
  }

  /** The difference, with the format chosen as `add` does. */
  subtract(other: Quantity): Quantity {
    const [a, b, exponent] = align(this, other)
    return new Quantity(a - b, exponent, this.sign === 0 ? other.format : this.format)
  }

  multiply(factor: bigint): Quantity {
    return new Quantity(this.unscaled * factor, this.exponent, this.format)
  }

  negate(): Quantity {
    return new Quantity(-this.unscaled, this.exponent, this.format)
  }

  /** Rounded away from zero to a multiple of ten to the power of `exponent`. */
  roundUp(exponent: number): Quantity {
    if (this.exponent >= exponent) return this
    return new Quantity(this.scaled(exponent), exponent, this.format)
  }

  /** How often ten to the power of `exponent` fits, rounded away from zero. */
  scaled(exponent: number): bigint {
    const shift = this.exponent - exponent
    if (shift >= 0) return this.unscaled * power(10n, shift)
    const divisor = power(10n, -shift)
    const quotient = this.unscaled / divisor
    if (quotient * divisor === this.unscaled) return quotient
    return this.unscaled < 0n ? quotient - 1n : quotient + 1n
  }

  /** In whole units, rounded away from zero; beyond 2^53 only approximately. */
  toNumber(): number {
    return Number(this.scaled(0))
  }

  /** In thousandths, rounded away from zero, as CPU is counted. */
  toMilli(): number {
    return Number(this.scaled(-3))
  }

  /** The nearest floating point number. */
  toFloat(): number {
    return Number(`${this.unscaled}e${this.exponent}`)
  }

  /** The canonical form. */
  toString(): string {
    this.#text ??= format(this)
    return this.#text
  }
}

const cache = new Map<string, Quantity>()

/** Reads a quantity; white space around it is allowed. Throws QuantitySyntaxError. */
export function parseQuantity(text: string): Quantity {
  const cached = cache.get(text)
  if (cached !== undefined) return cached
  const quantity = readQuantity(text.trim())
  if (cache.size >= MOST_CACHED) cache.clear()
  cache.set(text, quantity)
  return quantity
}

/** The form in which a quantity is stored and shown; throws QuantitySyntaxError. */
export function canonicalQuantity(text: string): string {
  return CANONICAL.test(text) ? text : parseQuantity(text).toString()
}

/** A whole number of units (thousandths with exponent -3) as a quantity. */
export function quantityOf(
  value: number | bigint,
  format: QuantityFormat = 'DecimalSI',
  exponent = 0,
): Quantity {
  return new Quantity(BigInt(value), exponent, format)
}

function readQuantity(text: string): Quantity {
  const match = text === '' || text.length > MOST_CHARACTERS ? null : QUANTITY.exec(text)
  if (match === null) throw new QuantitySyntaxError(WRONG_FORMAT)
  const [, sign, digits = '', fraction = '', suffix = ''] = match
  const { base, exponent, format } = interpretSuffix(suffix)
  const whole = digits === '' ? '0' : digits
  const factor = base === 2 ? power(2n, exponent) : 1n
  const unscaled = BigInt(whole + fraction) * factor * (sign === '-' ? -1n : 1n)
  const scale = (base === 2 ? 0 : exponent) - fraction.length
  if (!isShort(whole, fraction, scale, base, exponent)) {
    return boundedQuantity(unscaled, scale, format)
  }
  const keepsText = isKeptAsWritten(whole + fraction, scale, base)
  return new Quantity(unscaled, scale, format, keepsText ? text : undefined)
}

/** Whether upstream holds it as an int64 with a scale; only such values keep their text. */
function isShort(
  whole: string,
  fraction: string,
  scale: number,
  base: number,
  exponent: number,
): boolean {
  if (scale < NANO) return false
  if (base === 10) return whole.length + fraction.length <= MOST_DIGITS
  return fraction === '' && 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1 >= 0
}

/** Upstream keeps the text of these although another spelling, such as 1.5 for 1.500, exists. */
function isKeptAsWritten(digits: string, scale: number, base: number): boolean {
  if (base === 2) return (BigInt(digits) & 7n) !== 0n
  return scale % 3 === 0 && !digits.endsWith('000') && digits[0] !== '0'
}

/** What is finer than a nano is rounded up; what is binary ends at the largest int64. */
function boundedQuantity(unscaled: bigint, scale: number, format: QuantityFormat): Quantity {
  const rounded = new Quantity(unscaled, scale, format).roundUp(NANO)
  if (format !== 'BinarySI') return rounded
  const size = rounded.sign < 0 ? rounded.negate() : rounded
  if (size.compare(quantityOf(MAX_INT64)) > 0) {
    return new Quantity(rounded.sign < 0 ? -MAX_INT64 : MAX_INT64, 0, format)
  }
  const isFraction = size.sign > 0 && size.compare(quantityOf(1)) < 0
  return new Quantity(rounded.unscaled, rounded.exponent, isFraction ? 'DecimalSI' : format)
}

function interpretSuffix(suffix: string): {
  base: 2 | 10
  exponent: number
  format: QuantityFormat
} {
  const decimal = DECIMAL_SUFFIXES.indexOf(suffix)
  if (decimal >= 0) return { base: 10, exponent: decimal * 3 + NANO, format: 'DecimalSI' }
  const binary = BINARY_SUFFIXES.indexOf(suffix)
  if (binary >= 0) return { base: 2, exponent: binary * 10, format: 'BinarySI' }
  const exponent = /^[eE][+-]?[0-9]+$/.test(suffix) ? Number(suffix.slice(1)) : Number.NaN
  if (!(Math.abs(exponent) <= LARGEST_EXPONENT)) throw new QuantitySyntaxError(WRONG_SUFFIX)
  return { base: 10, exponent, format: 'DecimalExponent' }
}

function format(quantity: Quantity): string {
  if (quantity.sign === 0) return '0'
  if (quantity.format === 'BinarySI' && isWrittenBinary(quantity)) {
    const [mantissa, times] = removeFactors(quantity.scaled(0), 1024n)
    return `${mantissa}${BINARY_SUFFIXES[times] ?? ''}`
  }
  let [mantissa, times] = removeFactors(quantity.unscaled, 10n)
  let exponent = quantity.exponent + times
  for (; exponent % 3 !== 0; exponent--) mantissa *= 10n
  if (quantity.format !== 'DecimalExponent') {
    return `${mantissa}${DECIMAL_SUFFIXES[(exponent - NANO) / 3] ?? ''}`
  }
  return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`
}

/** Below 1024, and where a fraction would be lost, decimal suffixes are used. */
function isWrittenBinary(quantity: Quantity): boolean {
  const units = quantity.scaled(0)
  if (units > -1024n && units < 1024n) return false
  return quantity.compare(quantityOf(units)) === 0
}

function removeFactors(value: bigint, factor: bigint): [value: bigint, times: number] {
  let times = 0
  let rest = value
  for (; rest !== 0n && rest % factor === 0n; times++) rest /= factor
  return [rest, times]
}

function align(a: Quantity, b: Quantity): [a: bigint, b: bigint, exponent: number] {
  if (a.exponent === b.exponent) return [a.unscaled, b.unscaled, a.exponent]
  const exponent = Math.min(a.exponent, b.exponent)
  return [
    a.unscaled * power(10n, a.exponent - exponent),
    b.unscaled * power(10n, b.exponent - exponent),
    exponent,
  ]
}

function power(base: bigint, exponent: number): bigint {
  return base ** BigInt(exponent)
}

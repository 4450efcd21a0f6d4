import { CelError } from './cel-error.ts'
import { type Int, MAX_UINT, toInt } from './integers.ts'

const DECIMAL = /^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/
const HEXADECIMAL = /^[+-]?0[xX](?:[0-9a-fA-F]+(?:\.[0-9a-fA-F]*)?|\.[0-9a-fA-F]+)[pP][+-]?[0-9]+$/
/** As many as the largest uint has; a bigint of many more takes long to make. */
const MOST_DIGITS = 20
const SPECIAL = /^([+-]?)(inf|infinity)$/i

/** A floating-point number as Go's strconv.ParseFloat reads it; `undefined` if it is none. */
export function parseGoFloat(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text)
    return Number.isFinite(value) ? value : undefined
  }
  if (/^nan$/i.test(text)) return Number.NaN
  const [, sign] = SPECIAL.exec(text) ?? []
  if (sign !== undefined) return sign === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  return HEXADECIMAL.test(text) ? parseHexadecimal(text) : undefined
}

function parseHexadecimal(text: string): number {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('p')
  const digits = mantissa.replace(/^[+-]?0x/, '')
  const [whole = '', fraction = ''] = digits.split('.')
  const value = Number.parseInt(`${whole}${fraction}`, 16)
  const scaled = value * 2 ** (Number(exponent) - 4 * fraction.length)
  return text.startsWith('-') ? -scaled : scaled
}

/** A decimal int as Go's strconv.ParseInt reads it; `undefined` if it is none or does not fit. */
export function parseGoInt(text: string): Int | undefined {
  const [, sign = '', digits = ''] = /^([+-]?)([0-9]+)$/.exec(text) ?? []
  const magnitude = parseGoUint(digits)
  if (magnitude === undefined) return undefined
  const value = toInt(sign === '-' ? -magnitude : magnitude)
  return value instanceof CelError ? undefined : value
}

/** A decimal uint as Go's strconv.ParseUint reads it. */
export function parseGoUint(text: string): bigint | undefined {
  if (!/^[0-9]+$/.test(text)) return undefined
  const digits = text.replace(/^0+/, '')
  if (digits.length > MOST_DIGITS) return undefined
  const value = BigInt(digits)
  return value > MAX_UINT ? undefined : value
}

import { CelError } from './cel-error.ts'
import type { CelValue } from './value.ts'

/** An int: a number as long as that is exact (never -0), a bigint beyond. */
export type Int = number | bigint

export const MIN_INT = -(2n ** 63n)
export const MAX_INT = 2n ** 63n - 1n
export const MAX_UINT = 2n ** 64n - 1n

export const INTEGER_OVERFLOW = new CelError('integer overflow')
const DIVISION_BY_ZERO = new CelError('division by zero')
const MODULUS_BY_ZERO = new CelError('modulus by zero')

export const isInt = (value: CelValue): value is Int =>
  typeof value === 'number' || typeof value === 'bigint'

/** The int of a bigint, or an overflow. */
export function toInt(value: bigint): Int | CelError {
  if (value < MIN_INT || value > MAX_INT) return INTEGER_OVERFLOW
  return shortInt(value)
}

/** A bigint that is known to fit, in the form that ints have. */
export function shortInt(value: bigint): Int {
  const short = Number(value)
  return Number.isSafeInteger(short) ? short : value
}

export function addInts(a: Int, b: Int): Int | CelError {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b
    if (Number.isSafeInteger(sum)) return sum
  }
  return toInt(BigInt(a) + BigInt(b))
}

export function subtractInts(a: Int, b: Int): Int | CelError {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b
    if (Number.isSafeInteger(difference)) return difference
  }
  return toInt(BigInt(a) - BigInt(b))
}

export function multiplyInts(a: Int, b: Int): Int | CelError {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b
    if (Number.isSafeInteger(product)) return product + 0
  }
  return toInt(BigInt(a) * BigInt(b))
}

export function divideInts(a: Int, b: Int): Int | CelError {
  if (b === 0) return DIVISION_BY_ZERO
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0
  return toInt(BigInt(a) / BigInt(b))
}

export function moduloInts(a: Int, b: Int): Int | CelError {
  if (b === 0) return MODULUS_BY_ZERO
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0
  // The one quotient that does not fit: upstream calls its remainder an overflow too.
  if (b === -1 && BigInt(a) === MIN_INT) return INTEGER_OVERFLOW
  return shortInt(BigInt(a) % BigInt(b))
}

export function negateInt(a: Int): Int | CelError {
  return typeof a === 'number' ? 0 - a : toInt(-a)
}

const UINT_OVERFLOW = new CelError('unsigned integer overflow')

/** A bigint as the value of a uint, or an overflow. */
export function checkUint(value: bigint): bigint | CelError {
  return value < 0n || value > MAX_UINT ? UINT_OVERFLOW : value
}

export function divideUints(a: bigint, b: bigint): bigint | CelError {
  return b === 0n ? DIVISION_BY_ZERO : a / b
}

export function moduloUints(a: bigint, b: bigint): bigint | CelError {
  return b === 0n ? MODULUS_BY_ZERO : a % b
}

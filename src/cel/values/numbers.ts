import { Double } from './double.ts'
import { Uint } from './uint.ts'
import type { CelValue } from './value.ts'

/** The JavaScript number or bigint of a numeric value, `undefined` for others. */
export function numericOf(value: CelValue): number | bigint | undefined {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (value instanceof Double || value instanceof Uint) return value.value
  return undefined
}

/**
 * -1, 0 or 1 for numbers of whatever types; `undefined` where one is no number or NaN. An int or
 * uint is compared with a double as a double: 2^53+1 equals 2^53 as a double.
 */
export function compareNumbers(a: CelValue, b: CelValue): -1 | 0 | 1 | undefined {
  const left = numericOf(a)
  const right = numericOf(b)
  if (left === undefined || right === undefined) return undefined
  if (a instanceof Double || b instanceof Double) return order(Number(left), Number(right))
  return order(left, right)
}

/** How two numbers compare; `undefined` with NaN. */
export function order(a: number | bigint, b: number | bigint): -1 | 0 | 1 | undefined {
  if (a < b) return -1
  if (a > b) return 1
  return a <= b ? 0 : undefined
}

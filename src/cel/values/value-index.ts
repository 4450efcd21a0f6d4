import { Bytes } from './bytes.ts'
import { Double } from './double.ts'
import { Duration } from './duration.ts'
import { areEqual } from './equality.ts'
import { type Int, isInt, shortInt } from './integers.ts'
import { Timestamp } from './timestamp.ts'
import { Uint } from './uint.ts'
import type { CelValue } from './value.ts'

/**
 * Values among which equal ones are found without comparing each: scalars by what they are, and
 * only lists, maps and the like one by one. It is `areEqual` that it answers by: an int equals a
 * double when it does as a double, so equality is not transitive beyond 2^53 and there are three
 * sets for numbers.
 */
export class ValueIndex {
  readonly #values: CelValue[] = []
  /** Texts, booleans, null and whole numbers as they are. */
  readonly #primitives = new Set<CelValue>()
  /** Whole numbers as doubles compare with them. */
  readonly #rounded = new Set<number>()
  readonly #doubles = new Set<number>()
  /** Moments, spans and bytes. */
  readonly #keys = new Set<string>()

  add(value: CelValue): void {
    this.#values.push(value)
    const whole = wholeOf(value)
    if (whole !== undefined) {
      this.#primitives.add(whole)
      this.#rounded.add(Number(whole))
    } else if (typeof value !== 'object' || value === null) this.#primitives.add(value)
    else if (value instanceof Double) this.#doubles.add(value.value)
    else {
      const key = keyOf(value)
      if (key !== undefined) this.#keys.add(key)
    }
  }

  /** Whether `value` equals one that was added, in that direction. */
  has(value: CelValue): boolean {
    const whole = wholeOf(value)
    if (whole !== undefined) return this.#primitives.has(whole) || this.#doubles.has(Number(whole))
    if (typeof value !== 'object' || value === null) return this.#primitives.has(value)
    if (value instanceof Double) {
      if (Number.isNaN(value.value)) return false
      return this.#doubles.has(value.value) || this.#rounded.has(value.value)
    }
    const key = keyOf(value)
    if (key !== undefined) return this.#keys.has(key)
    return this.#values.some((known) => areEqual(value, known) === true)
  }
}

/** An int or a uint, in the form that ints have. */
function wholeOf(value: CelValue): Int | undefined {
  if (isInt(value)) return value
  return value instanceof Uint ? shortInt(value.value) : undefined
}

function keyOf(value: CelValue): string | undefined {
  if (value instanceof Timestamp) return `moment ${value.seconds} ${value.nanoseconds}`
  if (value instanceof Duration) return `span ${value.nanoseconds}`
  return value instanceof Bytes ? Buffer.from(value.value).toString('base64') : undefined
}

import { DURATION } from '../types.ts'
import { CelError } from './cel-error.ts'
import { formatPlainFloat } from './format-number.ts'
import { MAX_INT, MIN_INT } from './integers.ts'
import { CelObject, type CelValue } from './value.ts'

const OVERFLOW = new CelError('duration overflow')
const SECOND = 1_000_000_000n
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: SECOND,
  m: 60n * SECOND,
  h: 3600n * SECOND,
}

/** A span of time, exact in nanoseconds, of at most 292 years. */
export class Duration extends CelObject {
  readonly nanoseconds: bigint

  constructor(nanoseconds: bigint) {
    super()
    this.nanoseconds = nanoseconds
  }

  /** A duration of so many nanoseconds, or an overflow. */
  static of(nanoseconds: bigint): Duration | CelError {
    if (nanoseconds < MIN_INT || nanoseconds > MAX_INT) return OVERFLOW
    return new Duration(nanoseconds)
  }

  get type() {
    return DURATION
  }

  get seconds(): number {
    return Number(this.nanoseconds / SECOND) + Number(this.nanoseconds % SECOND) / 1e9
  }

  equals(other: CelValue): boolean {
    return other instanceof Duration && other.nanoseconds === this.nanoseconds
  }

  override toString(): string {
    return `${formatPlainFloat(this.seconds)}s`
  }

  toJson(): string {
    return this.toString()
  }
}

/**
 * Nanoseconds of a duration as Go's time.ParseDuration reads it (`1h30m`, `-1.5s`), exactly;
 * `undefined` if it is none or too long.
 */
export function parseGoDuration(text: string): bigint | undefined {
  const [, sign, parts = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  if (parts === '0') return 0n
  if (parts === '') return undefined
  let total = 0n
  let rest = parts
  while (rest !== '') {
    const match = /^([0-9]*)(?:\.([0-9]*))?([^0-9.]+)/.exec(rest)
    if (match === null) return undefined
    const [all, whole = '', fraction = '', unit = ''] = match
    const scale = UNITS[unit]
    if (scale === undefined || (whole === '' && fraction === '')) return undefined
    total += BigInt(whole || '0') * scale + partOf(fraction, scale)
    if (total > 2n ** 63n) return undefined
    rest = rest.slice(all.length)
  }
  if (sign === '-') return -total
  return total > MAX_INT ? undefined : total
}

/** The fraction of a unit, cut off below a nanosecond; digits beyond the 18th tell nothing. */
function partOf(fraction: string, scale: bigint): bigint {
  const digits = fraction.slice(0, 18)
  return digits === '' ? 0n : (BigInt(digits) * scale) / 10n ** BigInt(digits.length)
}

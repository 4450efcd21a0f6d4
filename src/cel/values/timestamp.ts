import { TIMESTAMP } from '../types.ts'
import { CelError } from './cel-error.ts'
import { Duration } from './duration.ts'
import { CelObject, type CelValue } from './value.ts'

/** From 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, in seconds of Unix time. */
export const MIN_UNIX_SECONDS = -62_135_596_800
export const MAX_UNIX_SECONDS = 253_402_300_799

export const TIMESTAMP_OVERFLOW = new CelError('timestamp overflow')
const NANO = 1_000_000_000

/** A moment, exact in nanoseconds, with the offset from UTC that it was written with. */
export class Timestamp extends CelObject {
  /** Whole seconds of Unix time, rounded down. */
  readonly seconds: number
  /** From 0 to 999,999,999. */
  readonly nanoseconds: number
  readonly offsetSeconds: number

  constructor(seconds: number, nanoseconds: number, offsetSeconds = 0) {
    super()
    this.seconds = seconds
    this.nanoseconds = nanoseconds
    this.offsetSeconds = offsetSeconds
  }

  get type() {
    return TIMESTAMP
  }

  equals(other: CelValue): boolean {
    return other instanceof Timestamp && this.compare(other) === 0
  }

  compare(other: Timestamp): -1 | 0 | 1 {
    const difference = this.seconds - other.seconds || this.nanoseconds - other.nanoseconds
    return difference < 0 ? -1 : difference > 0 ? 1 : 0
  }

  /** The moment so many nanoseconds later, or an overflow. */
  plus(nanoseconds: bigint): Timestamp | CelError {
    const total = this.#total() + nanoseconds
    const seconds = floorDivide(total, BigInt(NANO))
    const rest = Number(total - seconds * BigInt(NANO))
    if (seconds < MIN_UNIX_SECONDS || seconds > MAX_UNIX_SECONDS) return TIMESTAMP_OVERFLOW
    return new Timestamp(Number(seconds), rest, this.offsetSeconds)
  }

  /** The time since another moment, or an overflow. */
  minus(other: Timestamp): Duration | CelError {
    return Duration.of(this.#total() - other.#total())
  }

  /** RFC 3339 with as many digits of the second as it has. */
  override toString(): string {
    const local = new Date((this.seconds + this.offsetSeconds) * 1000)
    const date = local.toISOString().slice(0, 19)
    const digits = String(this.nanoseconds).padStart(9, '0').replace(/0+$/, '')
    return `${date}${digits === '' ? '' : `.${digits}`}${formatOffset(this.offsetSeconds)}`
  }

  toJson(): string {
    return this.toString()
  }

  #total(): bigint {
    return BigInt(this.seconds) * BigInt(NANO) + BigInt(this.nanoseconds)
  }
}

function floorDivide(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b < 0n ? quotient - 1n : quotient
}

function formatOffset(seconds: number): string {
  if (seconds === 0) return 'Z'
  const minutes = Math.abs(seconds) / 60
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  return `${seconds < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`
}

const RFC3339 =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|([+-])(\d{2}):(\d{2}))$/

/** A moment as Go's time.Parse reads RFC 3339; `undefined` if it is none. */
export function parseTimestamp(text: string): Timestamp | CelError | undefined {
  const match = RFC3339.exec(text)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction = '', , sign, hours, minutes] = match
  const parts = [year, month, day, hour, minute, second].map(Number)
  const milliseconds = utcMilliseconds(parts)
  const offset = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * 60 * (sign === '-' ? -1 : 1)
  if (milliseconds === undefined || Number(hours ?? 0) > 24 || Number(minutes ?? 0) > 60) {
    return undefined
  }
  const seconds = milliseconds / 1000 - offset
  if (seconds < MIN_UNIX_SECONDS || seconds > MAX_UNIX_SECONDS) return TIMESTAMP_OVERFLOW
  return new Timestamp(seconds, Number(fraction.slice(0, 9).padEnd(9, '0')), offset)
}

/** Milliseconds of a date and time in UTC, if there is such a day and time. */
function utcMilliseconds(parts: readonly number[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined
  return date.setUTCHours(hour, minute, second)
}

/** A day, as Go's time.Parse reads `2006-01-02`; `undefined` if it is none. */
export function parseDay(text: string): Timestamp | undefined {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []
  if (year === undefined) return undefined
  const milliseconds = utcMilliseconds([Number(year), Number(month), Number(day), 0, 0, 0])
  return milliseconds === undefined ? undefined : new Timestamp(milliseconds / 1000, 0)
}

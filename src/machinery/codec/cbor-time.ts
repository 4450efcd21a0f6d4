import { formatTime } from '../../base/clock.ts'

const RFC3339 = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/
const NANOSECOND_DIGITS = 9
/** Seconds since 1970 of the first and the last second that RFC 3339 can write. */
const FIRST_SECOND = -62167219200
const LAST_SECOND = 253402300799

/** A time in RFC 3339, or why a tagged item is none. */
export type CborTime =
  | { readonly text: string; readonly why?: undefined }
  | { readonly text?: undefined; readonly why: string }

/** What tag 0 (a text in RFC 3339) and tag 1 (seconds since 1970) stand for, as text. */
export function cborTimeOf(tag: number, type: string, value: unknown): CborTime {
  if (tag === 1) return timeOfSeconds(type, value)
  if (type !== 'UTF-8 text string' || typeof value !== 'string') {
    return { why: `tag number 0 must be followed by text string, got ${type}` }
  }
  const [, seconds = '', fraction = '', zone = ''] = RFC3339.exec(value) ?? []
  if (seconds === '' || Number.isNaN(Date.parse(`${seconds}${zone}`))) {
    const layout = '"2006-01-02T15:04:05Z07:00"'
    const shown = JSON.stringify(value)
    return { why: `cannot set ${value} for time.Time: parsing time ${shown} as ${layout}` }
  }
  return { text: `${seconds}${shortFraction(fraction.slice(0, NANOSECOND_DIGITS))}${zone}` }
}

function timeOfSeconds(type: string, value: unknown): CborTime {
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    return { why: `tag number 1 must be followed by integer or floating-point number, got ${type}` }
  }
  const seconds = Math.floor(Number(value))
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) {
    const form = 'RFC3339 format with sub-second precision'
    const why = 'Time.MarshalText: year outside of range [0,9999]'
    return { why: `decoded time cannot be represented in ${form}: ${why}` }
  }
  const nanoseconds = Math.floor((Number(value) - seconds) * 1e9)
  const fraction = shortFraction(String(nanoseconds).padStart(NANOSECOND_DIGITS, '0'))
  return { text: formatTime(seconds * 1000).replace('Z', `${fraction}Z`) }
}

function shortFraction(digits: string): string {
  const short = digits.replace(/0+$/, '')
  return short === '' ? '' : `.${short}`
}

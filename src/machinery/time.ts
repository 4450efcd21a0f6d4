const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** How Go writes the layouts, which its error texts quote. */
const LAYOUT = '2006-01-02T15:04:05Z07:00'
const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00'

const CANONICAL_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const RFC3339 =
  /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/

/** Raised for text that is not an RFC 3339 time; the message is the one of Go's time.Parse. */
export class TimeSyntaxError extends Error {
  override readonly name = 'TimeSyntaxError'
}

/**
 * The canonical form of a metav1.Time: UTC and whole seconds. Undefined for Go's zero time, which
 * stands for no time at all. Throws TimeSyntaxError.
 */
export function canonicalTime(text: string): string | undefined {
  if (CANONICAL_TIME.test(text) && isWithinRanges(text))
    return text === ZERO_TIME ? undefined : text
  const { ms } = parseInstant(text, LAYOUT)
  const canonical = formatSeconds(ms)
  return canonical === ZERO_TIME ? undefined : canonical
}

/** As `canonicalTime` for a metav1.MicroTime, whose six digits of a second must all be there. */
export function canonicalMicroTime(text: string): string | undefined {
  const { ms, fraction } = parseInstant(text, MICRO_LAYOUT)
  if (fraction.length !== 6) throw cannotParse(text, MICRO_LAYOUT, afterSeconds(text), '.000000')
  const canonical = `${formatSeconds(ms).slice(0, -1)}.${fraction}Z`
  return canonical === `${ZERO_TIME.slice(0, -1)}.000000Z` ? undefined : canonical
}

/** Milliseconds since the epoch of an RFC 3339 time; throws TimeSyntaxError. */
export function parseTime(text: string): number {
  const { ms, fraction } = parseInstant(text, LAYOUT)
  return ms + Math.floor(Number(`0.${fraction === '' ? '0' : fraction}`) * 1000)
}

const ZERO_TIME = '0001-01-01T00:00:00Z'

function formatSeconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`
}

function parseInstant(text: string, layout: string): { ms: number; fraction: string } {
  const match = RFC3339.exec(text)
  if (match === null) throw syntaxErrorOf(text, layout)
  if (!isWithinRanges(text))
    throw new TimeSyntaxError(`parsing time ${quote(text)}: ${range(text)}`)
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHour, zoneMinute] =
    match
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(second))
  const zone = sign === undefined ? 0 : Number(zoneHour) * HOUR + Number(zoneMinute) * MINUTE
  return { ms: date.getTime() - (sign === '-' ? -zone : zone), fraction }
}

function isWithinRanges(text: string): boolean {
  return range(text) === ''
}

/** What Go says of a number that is too large for its place; empty when all is well. */
function range(text: string): string {
  const [year, month, day] = [0, 5, 8].map((at) => Number(text.slice(at, at === 0 ? 4 : at + 2)))
  if (month === 0 || (month as number) > 12) return 'month out of range'
  const isLeap = new Date(Date.UTC(2000 + ((year as number) % 400), 1, 29)).getUTCMonth() === 1
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
  if (day === 0 || (day as number) > (days[(month as number) - 1] as number))
    return 'day out of range'
  if (Number(text.slice(11, 13)) > 23) return 'hour out of range'
  if (Number(text.slice(14, 16)) > 59) return 'minute out of range'
  if (Number(text.slice(17, 19)) > 59) return 'second out of range'
  const zone = /[+-](\d\d):(\d\d)$/.exec(text.slice(19))
  if (zone !== null && Number(zone[1]) > 24) return 'time zone offset hour out of range'
  if (zone !== null && Number(zone[2]) > 60) return 'time zone offset minute out of range'
  return ''
}

/** The elements of the layouts with what each takes of the text, to say where it stopped. */
const ELEMENTS: readonly (readonly [element: string, pattern: RegExp])[] = [
  ['2006', /^\d{4}/],
  ['-', /^-/],
  ['01', /^\d\d/],
  ['-', /^-/],
  ['02', /^\d\d/],
  ['T', /^T/],
  ['15', /^\d\d?/],
  [':', /^:/],
  ['04', /^\d\d/],
  [':', /^:/],
  ['05', /^\d\d(?:[.,]\d+)?/],
  ['Z07:00', /^(?:Z|[+-]\d\d:\d\d)/],
]

function syntaxErrorOf(text: string, layout: string): TimeSyntaxError {
  let rest = text
  for (const [element, pattern] of ELEMENTS) {
    const taken = pattern.exec(rest)?.[0]
    if (taken === undefined) return cannotParse(text, layout, rest, element)
    rest = rest.slice(taken.length)
  }
  return new TimeSyntaxError(`parsing time ${quote(text)}: extra text: ${quote(rest)}`)
}

function cannotParse(text: string, layout: string, rest: string, element: string): TimeSyntaxError {
  const where = `cannot parse ${quote(rest)} as "${element}"`
  return new TimeSyntaxError(`parsing time ${quote(text)} as "${layout}": ${where}`)
}

function afterSeconds(text: string): string {
  return text.slice(19)
}

function quote(text: string): string {
  return JSON.stringify(text)
}

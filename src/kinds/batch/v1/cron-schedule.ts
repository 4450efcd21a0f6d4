import { DurationSyntaxError, parseDuration } from '../../../machinery/duration.ts'

/** A schedule is not written as cron expects. */
export class CronSyntaxError extends Error {
  override readonly name = 'CronSyntaxError'
}

/** When something is due: at times that match all fields, or again and again after a while. */
export type CronSchedule =
  | { readonly type: 'times'; readonly fields: CronFields }
  | { readonly type: 'every'; readonly milliseconds: number }

/**
 * Days match when both fields of days do; where neither has a star, when either does, as cron has
 * always had it.
 */
export interface CronFields {
  readonly minutes: CronField
  readonly hours: CronField
  readonly daysOfMonth: CronField
  readonly months: CronField
  /** Sunday is 0. */
  readonly daysOfWeek: CronField
}

export interface CronField {
  readonly values: ReadonlySet<number>
  /** The field has a star or a question mark without a step. */
  readonly hasStar: boolean
}

interface Bounds {
  readonly least: number
  readonly most: number
  readonly names?: readonly string[]
}

const MINUTES: Bounds = { least: 0, most: 59 }
const HOURS: Bounds = { least: 0, most: 23 }
const DAYS_OF_MONTH: Bounds = { least: 1, most: 31 }
const MONTHS: Bounds = {
  least: 1,
  most: 12,
  names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
}
const DAYS_OF_WEEK: Bounds = {
  least: 0,
  most: 6,
  names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'],
}

const DESCRIPTORS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
])
const EVERY = '@every '
const FIELD_COUNT = 5
const INTEGER = /^[+-]?[0-9]+$/
const TIME_ZONE = /^(?:CRON_)?TZ=(?<zone>[^ ]*)(?: (?<rest>.*))?$/s

/**
 * Reads a schedule as robfig/cron's `ParseStandard` does, and fails with its words. A time zone in
 * front (`TZ=Asia/Tokyo 0 9 * * *`) is read over.
 */
export function parseCronSchedule(text: string): CronSchedule {
  if (text === '') throw new CronSyntaxError('empty spec string')
  const spec = withoutTimeZone(text)
  if (!spec.startsWith('@')) return { type: 'times', fields: parseFields(spec) }
  const known = DESCRIPTORS.get(spec)
  if (known !== undefined) return { type: 'times', fields: parseFields(known) }
  if (!spec.startsWith(EVERY)) throw new CronSyntaxError(`unrecognized descriptor: ${spec}`)
  return { type: 'every', milliseconds: parseEvery(spec) }
}

function withoutTimeZone(text: string): string {
  const { zone, rest } = TIME_ZONE.exec(text)?.groups ?? {}
  if (zone === undefined) return text
  if (rest === undefined) {
    const found = 'runtime error: slice bounds out of range'
    throw new CronSyntaxError(`invalid schedule format: ${found} [${text.indexOf('=') + 1}:-1]`)
  }
  if (!isTimeZone(zone)) {
    throw new CronSyntaxError(`provided bad location ${zone}: unknown time zone ${zone}`)
  }
  return rest.trim()
}

/** Whether the time zone database has a zone of this name; upper and lower case are alike. */
export function isTimeZone(name: string): boolean {
  if (name === '') return true
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name })
    return !/^[+-]/.test(name)
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** At least a second, and whole seconds. */
function parseEvery(spec: string): number {
  try {
    const milliseconds = parseDuration(spec.slice(EVERY.length))
    return Math.max(1, Math.floor(milliseconds / 1000)) * 1000
  } catch (error) {
    if (!(error instanceof DurationSyntaxError)) throw error
    throw new CronSyntaxError(`failed to parse duration ${spec}: ${error.message}`)
  }
}

function parseFields(spec: string): CronFields {
  const texts = spec.split(/\s+/).filter((text) => text !== '')
  const [minutes = '', hours = '', daysOfMonth = '', months = '', daysOfWeek = ''] = texts
  if (texts.length !== FIELD_COUNT) {
    const found = `${texts.length}: [${texts.join(' ')}]`
    throw new CronSyntaxError(`expected exactly ${FIELD_COUNT} fields, found ${found}`)
  }
  return {
    minutes: parseField(minutes, MINUTES),
    hours: parseField(hours, HOURS),
    daysOfMonth: parseField(daysOfMonth, DAYS_OF_MONTH),
    months: parseField(months, MONTHS),
    daysOfWeek: parseField(daysOfWeek, DAYS_OF_WEEK),
  }
}

function parseField(text: string, bounds: Bounds): CronField {
  const ranges = text.split(',').filter((range) => range !== '')
  const parsed = ranges.map((range) => parseRange(range, bounds))
  return {
    values: new Set(parsed.flatMap(({ values }) => values)),
    hasStar: parsed.some(({ hasStar }) => hasStar),
  }
}

function parseRange(text: string, bounds: Bounds): { values: number[]; hasStar: boolean } {
  const [range = '', stepText, ...furtherSteps] = text.split('/')
  const [low = '', high, ...furtherEnds] = range.split('-')
  const isStar = low === '*' || low === '?'
  const start = isStar ? bounds.least : parseNumber(low, bounds.names)
  if (!isStar && furtherEnds.length > 0) throw new CronSyntaxError(`too many hyphens: ${text}`)
  let end = start
  if (isStar) end = bounds.most
  else if (high !== undefined) end = parseNumber(high, bounds.names)
  if (furtherSteps.length > 0) throw new CronSyntaxError(`too many slashes: ${text}`)
  const step = stepText === undefined ? 1 : parseNumber(stepText)
  if (stepText !== undefined && high === undefined) end = bounds.most
  checkRange({ start, end, step }, bounds, text)
  const count = Math.floor((end - start) / step) + 1
  const values = Array.from({ length: count }, (_, index) => start + index * step)
  return { values, hasStar: isStar && step === 1 }
}

function checkRange(
  { start, end, step }: { start: number; end: number; step: number },
  { least, most }: Bounds,
  text: string,
): void {
  const fail = (why: string): never => {
    throw new CronSyntaxError(`${why}: ${text}`)
  }
  if (start < least) fail(`beginning of range (${start}) below minimum (${least})`)
  if (end > most) fail(`end of range (${end}) above maximum (${most})`)
  if (start > end) fail(`beginning of range (${start}) beyond end of range (${end})`)
  if (step === 0) fail('step of range should be a positive number')
}

function parseNumber(text: string, names: readonly string[] = []): number {
  const place = names.indexOf(text.toLowerCase())
  if (place >= 0) return names.length === MONTHS.most ? place + 1 : place
  if (!INTEGER.test(text)) {
    const why = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
    throw new CronSyntaxError(`failed to parse int from ${text}: ${why}`)
  }
  const number = Number(text)
  if (number < 0) throw new CronSyntaxError(`negative number (${number}) not allowed: ${text}`)
  return number
}

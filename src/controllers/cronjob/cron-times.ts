import {
  type CronFields,
  type CronSchedule,
  parseCronSchedule,
} from '../../kinds/batch/v1/cron-schedule.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** A schedule that finds nothing in five years never will. */
const HORIZON_MS = 5 * 366 * DAY_MS

/** When something is due, by the clocks of one place. */
export interface Timetable {
  readonly schedule: CronSchedule
  readonly timeZone: string
}

/** What the clocks of a place show. */
interface WallTime {
  readonly month: number
  readonly day: number
  readonly weekday: number
  readonly hour: number
  readonly minute: number
}

const formats = new Map<string, Intl.DateTimeFormat>()
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']

/** Throws CronSyntaxError. A time zone in front of the schedule itself goes first. */
export function readTimetable(text: string, timeZone: string | undefined): Timetable {
  const { zone = timeZone ?? '' } = /^(?:CRON_)?TZ=(?<zone>[^ ]*) /.exec(text)?.groups ?? {}
  return { schedule: parseCronSchedule(text), timeZone: zone === '' ? 'UTC' : zone }
}

/** The first time that is due behind another; all in wall-clock milliseconds. */
export function nextDue({ schedule, timeZone }: Timetable, after: number): number | undefined {
  if (schedule.type === 'every') {
    return Math.floor(after / 1000) * 1000 + schedule.milliseconds
  }
  const { fields } = schedule
  const end = after + HORIZON_MS
  let time = (Math.floor(after / MINUTE_MS) + 1) * MINUTE_MS
  while (time < end) {
    const wall = wallTime(time, timeZone)
    if (!isDay(fields, wall)) time = startOfNextDay(time, wall, timeZone)
    else if (!fields.hours.values.has(wall.hour)) time += HOUR_MS - wall.minute * MINUTE_MS
    else if (!fields.minutes.values.has(wall.minute)) time += MINUTE_MS
    else return time
  }
  return undefined
}

/** RFC 3339, with the offset of the place. */
export function formatWithOffset(time: number, timeZone: string): string {
  const minutes = offsetMinutes(time, timeZone)
  const text = new Date(time + minutes * MINUTE_MS)
    .toISOString()
    .slice(0, 'yyyy-mm-ddThh:mm:ss'.length)
  if (minutes === 0) return `${text}Z`
  const pad = (count: number): string => `${Math.floor(count)}`.padStart(2, '0')
  const size = Math.abs(minutes)
  return `${text}${minutes < 0 ? '-' : '+'}${pad(size / 60)}:${pad(size % 60)}`
}

function isDay({ months, daysOfMonth, daysOfWeek }: CronFields, wall: WallTime): boolean {
  if (!months.values.has(wall.month)) return false
  const isInMonth = daysOfMonth.values.has(wall.day)
  const isInWeek = daysOfWeek.values.has(wall.weekday)
  const needsBoth = daysOfMonth.hasStar || daysOfWeek.hasStar
  return needsBoth ? isInMonth && isInWeek : isInMonth || isInWeek
}

/** Days are longer or shorter than 24 hours where clocks are changed. */
function startOfNextDay(time: number, wall: WallTime, timeZone: string): number {
  const guess = time + DAY_MS - wall.hour * HOUR_MS - wall.minute * MINUTE_MS
  const { day, hour, minute } = wallTime(guess, timeZone)
  if (day === wall.day) return guess
  const start = guess - hour * HOUR_MS - minute * MINUTE_MS
  return wallTime(start, timeZone).day === day ? start : guess
}

function wallTime(time: number, timeZone: string): WallTime {
  if (timeZone === 'UTC') {
    const date = new Date(time)
    return {
      month: date.getUTCMonth() + 1,
      day: date.getUTCDate(),
      weekday: date.getUTCDay(),
      hour: date.getUTCHours(),
      minute: date.getUTCMinutes(),
    }
  }
  const parts = partsOf(time, timeZone)
  return {
    month: Number(parts.get('month')),
    day: Number(parts.get('day')),
    weekday: WEEKDAYS.indexOf(parts.get('weekday') ?? ''),
    hour: Number(parts.get('hour')),
    minute: Number(parts.get('minute')),
  }
}

function offsetMinutes(time: number, timeZone: string): number {
  const parts = partsOf(time, timeZone)
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = [
    'year',
    'month',
    'day',
    'hour',
    'minute',
  ].map((type) => Number(parts.get(type)))
  const wall = Date.UTC(year, month - 1, day, hour, minute)
  return (wall - Math.floor(time / MINUTE_MS) * MINUTE_MS) / MINUTE_MS
}

function partsOf(time: number, timeZone: string): ReadonlyMap<string, string> {
  const known = formats.get(timeZone)
  const format =
    known ??
    new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    })
  if (known === undefined) formats.set(timeZone, format)
  return new Map(format.formatToParts(time).map(({ type, value }) => [type, value]))
}

import { CelError } from '../values/cel-error.ts'
import type { Duration } from '../values/duration.ts'
import { shortInt } from '../values/integers.ts'
import type { Timestamp } from '../values/timestamp.ts'
import type { Outcome } from '../values/value.ts'
import { type CelFunction, member } from './function.ts'

/** The parts of a time in some zone: a Date whose UTC fields are the zone's. */
type Part = (local: Date, time: Timestamp) => number

const DAY_MS = 86_400_000

const PARTS: readonly (readonly [name: string, id: string, part: Part])[] = [
  ['getFullYear', 'timestamp_to_year', (local) => local.getUTCFullYear()],
  ['getMonth', 'timestamp_to_month', (local) => local.getUTCMonth()],
  ['getDayOfYear', 'timestamp_to_day_of_year', dayOfYear],
  ['getDayOfMonth', 'timestamp_to_day_of_month', (local) => local.getUTCDate() - 1],
  ['getDate', 'timestamp_to_day_of_month_1_based', (local) => local.getUTCDate()],
  ['getDayOfWeek', 'timestamp_to_day_of_week', (local) => local.getUTCDay()],
  ['getHours', 'timestamp_to_hours', (local) => local.getUTCHours()],
  ['getMinutes', 'timestamp_to_minutes', (local) => local.getUTCMinutes()],
  ['getSeconds', 'timestamp_to_seconds', (local) => local.getUTCSeconds()],
  [
    'getMilliseconds',
    'timestamp_to_milliseconds',
    (_local, { nanoseconds }) => Math.floor(nanoseconds / 1e6),
  ],
]

function dayOfYear(local: Date): number {
  const first = new Date(0)
  first.setUTCFullYear(local.getUTCFullYear(), 0, 1)
  return Math.floor((local.getTime() - first.getTime()) / DAY_MS)
}

/** Seconds east of UTC of a zone at a moment: `+05:30`, or a name of the IANA database. */
function offsetOf(zone: string, seconds: number): number | CelError {
  const colon = zone.indexOf(':')
  if (colon < 0) return namedOffset(zone, seconds)
  const hours = atoi(zone.slice(0, colon))
  const minutes = atoi(zone.slice(colon + 1))
  if (hours instanceof CelError) return hours
  if (minutes instanceof CelError) return minutes
  return (zone.startsWith('-') ? hours * 60 - minutes : hours * 60 + minutes) * 60
}

function atoi(text: string): number | CelError {
  if (/^[+-]?[0-9]+$/.test(text)) return Number(text)
  return new CelError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
}

function namedOffset(zone: string, seconds: number): number | CelError {
  if (zone === '' || zone === 'UTC') return 0
  try {
    const format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    })
    const parts = new Map(
      format.formatToParts(seconds * 1000).map((part) => [part.type, part.value]),
    )
    const read = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type))
    const local = new Date(0)
    local.setUTCFullYear(read('year'), read('month') - 1, read('day'))
    return local.setUTCHours(read('hour'), read('minute'), read('second')) / 1000 - seconds
  } catch {
    return new CelError(`unknown time zone ${zone}`)
  }
}

const inZone =
  (part: Part) =>
  (time: Timestamp, zone: string): Outcome => {
    const offset = offsetOf(zone, time.seconds)
    if (offset instanceof CelError) return offset
    return part(new Date((time.seconds + offset) * 1000), time)
  }

const inUtc =
  (part: Part) =>
  (time: Timestamp): Outcome =>
    part(new Date(time.seconds * 1000), time)

/** One overload has a name that does not follow the others'. */
const zonedId = (id: string) =>
  id === 'timestamp_to_seconds' ? 'timestamp_to_seconds_tz' : `${id}_with_tz`

const spanIn =
  (nanosecondsOfUnit: bigint) =>
  ({ nanoseconds }: Duration): Outcome =>
    shortInt(nanoseconds / nanosecondsOfUnit)

/** The parts of timestamps and durations. */
export const TIME_FUNCTIONS: readonly CelFunction[] = [
  ...PARTS.flatMap(([name, id, part]) => [
    member(name, id, '(timestamp) -> int', inUtc(part)),
    member(name, zonedId(id), '(timestamp, string) -> int', inZone(part)),
  ]),
  member('getHours', 'duration_to_hours', '(duration) -> int', spanIn(3_600_000_000_000n)),
  member('getMinutes', 'duration_to_minutes', '(duration) -> int', spanIn(60_000_000_000n)),
  member('getSeconds', 'duration_to_seconds', '(duration) -> int', spanIn(1_000_000_000n)),
  member('getMilliseconds', 'duration_to_milliseconds', '(duration) -> int', spanIn(1_000_000n)),
]

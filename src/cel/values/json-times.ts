import { CelError } from './cel-error.ts'
import { Duration, parseGoDuration } from './duration.ts'
import { parseTimestamp, Timestamp } from './timestamp.ts'

const MINUTE = 60_000_000_000n
/** Words for units, each told by how it begins (the last of a line) or as it stands. */
const UNITS: readonly (readonly [bigint, string, ...string[]])[] = [
  [1n, 'ns', 'nano'],
  [1000n, 'us', 'µs', 'micro'],
  [1_000_000n, 'ms', 'milli'],
  [1_000_000_000n, 's', 'sec'],
  [MINUTE, 'm', 'min'],
  [60n * MINUTE, 'h', 'hr', 'hour'],
  [1440n * MINUTE, 'd', 'day'],
  [10_080n * MINUTE, 'w', 'wk', 'week'],
]

/** A string of the format `duration`: Go's form, or words such as `3 days`. */
export function readDuration(text: string): Duration | undefined {
  const nanoseconds = parseGoDuration(text)
  if (nanoseconds !== undefined) return new Duration(nanoseconds)
  let total: bigint | undefined
  for (const [, count = '0', word = ''] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
    const unit = word.toLowerCase()
    const line = UNITS.find(
      ([, ...names]) => names.includes(unit) || unit.startsWith(names.at(-1) ?? ' '),
    )
    if (line !== undefined) total = (total ?? 0n) + BigInt(count) * line[0]
  }
  return total === undefined ? undefined : new Duration(BigInt.asIntN(64, total))
}

/** A string of the format `date-time`: RFC 3339, or without an offset, which is then UTC. */
export function readDateTime(text: string): Timestamp | undefined {
  if (text === '') return new Timestamp(0, 0)
  const time = parseTimestamp(text) ?? parseTimestamp(`${text}Z`)
  return time instanceof CelError ? undefined : time
}

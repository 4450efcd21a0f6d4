/** One record of a container's log in CRI's format. */
export interface LogLine {
  /** RFC 3339 with nanoseconds, as the runtime wrote it. */
  readonly time: string
  readonly stream: 'stdout' | 'stderr'
  /** With its line feed, unless the runtime cut a long line here. */
  readonly content: Buffer
}

const SPACE = 0x20
const LINE_FEED = 0x0a

/**
 * Reads `2016-10-06T00:17:09.669794202Z stdout F content`. The tag `P` marks a part of a line that
 * goes on in the next record. Undefined for what is not a record.
 */
export function parseLogLine(record: Buffer): LogLine | undefined {
  const afterTime = record.indexOf(SPACE)
  const afterStream = record.indexOf(SPACE, afterTime + 1)
  const afterTag = record.indexOf(SPACE, afterStream + 1)
  if (afterTime < 0 || afterStream < 0 || afterTag < 0) return undefined
  const time = record.toString('latin1', 0, afterTime)
  const stream = record.toString('latin1', afterTime + 1, afterStream)
  if (stream !== 'stdout' && stream !== 'stderr') return undefined
  if (Number.isNaN(Date.parse(time))) return undefined
  const tags = record.toString('latin1', afterStream + 1, afterTag).split(':')
  const isPartial = tags[0] === 'P'
  const endsInLineFeed = record[record.length - 1] === LINE_FEED
  const end = isPartial && endsInLineFeed ? record.length - 1 : record.length
  return { time, stream, content: record.subarray(afterTag + 1, end) }
}

const NANOSECONDS = /\.(\d+)/

/** Whether a record is at least as young as `sinceMs`; nanoseconds count. */
export function isSince(time: string, sinceMs: number): boolean {
  const ms = Date.parse(time.replace(NANOSECONDS, (_, digits: string) => `.${digits.slice(0, 3)}`))
  return ms >= sinceMs
}

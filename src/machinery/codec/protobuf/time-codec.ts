import { formatTime } from '../../../base/clock.ts'
import { CodecError } from '../json.ts'
import { singleField } from './field-codec.ts'
import { Message, readMessage } from './message.ts'
import { int32Codec, int64Codec } from './plain-codecs.ts'
import type { ValueCodec } from './value-codec.ts'
import { LENGTH_DELIMITED, VARINT, type WireReader } from './wire-reader.ts'
import type { WireWriter } from './wire-writer.ts'

/** The first seconds of the years 0 and 10000: RFC 3339 has none outside. */
const FIRST_SECOND = -62_167_219_200
const END_SECOND = 253_402_300_800
/** Go's zero time, which stands for no time: the first second of year 1. */
const ZERO_SECOND = -62_135_596_800

const SECONDS_TAG = 8 + VARINT
const NANOS_TAG = 2 * 8 + VARINT

/** Seconds and nanoseconds since the epoch. */
const timestamp = new Message('Timestamp', [
  singleField('seconds', 1, int64Codec, false),
  singleField('nanos', 2, int32Codec, false),
])

/** metav1.Time, which is written in whole seconds; Go's zero time is null. */
export const timeCodec: ValueCodec = {
  wireType: LENGTH_DELIMITED,
  read: (reader) => readTimestamp(reader)?.text ?? null,
  write: (writer, value) => writeTimestamp(writer, value, () => 0),
  zero: () => null,
}

/** metav1.MicroTime, with six digits of a second. */
export const microTimeCodec: ValueCodec = {
  wireType: LENGTH_DELIMITED,
  read(reader) {
    const read = readTimestamp(reader)
    if (read === undefined) return null
    const micros = String(Math.floor(read.nanos / 1000)).padStart(6, '0')
    return `${read.text.slice(0, -1)}.${micros}Z`
  },
  write: (writer, value) => writeTimestamp(writer, value, microsOf),
  zero: () => null,
}

function readTimestamp(reader: WireReader): { text: string; nanos: number } | undefined {
  const fields = readMessage(reader, timestamp)
  const { seconds: given, nanos: part } = fields
  // Nothing at all is Go's zero time, but one of the two alone leaves the other at zero.
  if (given === undefined && part === undefined) return undefined
  const seconds = Number(given ?? 0)
  const nanos = Number(part ?? 0)
  if (seconds === ZERO_SECOND && nanos === 0) return undefined
  if (seconds < FIRST_SECOND || seconds >= END_SECOND || nanos < 0 || nanos > 999_999_999) {
    throw new CodecError('a time is outside of the years 0 to 9999')
  }
  return { text: formatTime(seconds * 1000), nanos }
}

function writeTimestamp(
  writer: WireWriter,
  value: unknown,
  microsOfText: (text: string) => number,
): void {
  if (typeof value !== 'string') {
    writer.uint32(0)
    return
  }
  const ms = Date.parse(value)
  if (Number.isNaN(ms)) throw new CodecError(`${JSON.stringify(value)} is no time`)
  const before = writer.length
  writer.int(microsOfText(value) * 1000)
  writer.uint32(NANOS_TAG)
  writer.int(Math.floor(ms / 1000))
  writer.uint32(SECONDS_TAG)
  writer.uint32(writer.length - before)
}

function microsOf(text: string): number {
  const fraction = /\.(\d{1,6})/.exec(text)?.[1] ?? ''
  return Number(fraction.padEnd(6, '0'))
}

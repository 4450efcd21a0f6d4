import { Bytes } from '../values/bytes.ts'
import { CelError } from '../values/cel-error.ts'
import { Double } from '../values/double.ts'
import { Duration, parseGoDuration } from '../values/duration.ts'
import { formatGoFloat } from '../values/format-number.ts'
import { INTEGER_OVERFLOW, type Int, MAX_UINT, shortInt } from '../values/integers.ts'
import { parseGoFloat, parseGoInt, parseGoUint } from '../values/parse-number.ts'
import {
  MAX_UNIX_SECONDS,
  MIN_UNIX_SECONDS,
  parseTimestamp,
  TIMESTAMP_OVERFLOW,
  Timestamp,
} from '../values/timestamp.ts'
import { Uint } from '../values/uint.ts'
import type { CelValue, Outcome } from '../values/value.ts'
import { type CelFunction, global } from './function.ts'

const UINT_OVERFLOW = new CelError('unsigned integer overflow')

const fromString = (type: string) =>
  new CelError(`type conversion error from 'string' to '${type}'`)

const identity = (value: CelValue): Outcome => value

const BOOLEANS: Readonly<Record<string, boolean>> = {
  ...{ '1': true, t: true, T: true, true: true, TRUE: true, True: true },
  ...{ '0': false, f: false, F: false, false: false, FALSE: false, False: false },
}

function stringToBool(text: string): Outcome {
  return (Object.hasOwn(BOOLEANS, text) ? BOOLEANS[text] : undefined) ?? fromString('bool')
}

function doubleToInt({ value }: Double): Outcome {
  if (!Number.isFinite(value) || value <= -(2 ** 63) || value >= 2 ** 63) return INTEGER_OVERFLOW
  return shortInt(BigInt(Math.trunc(value)))
}

function doubleToUint({ value }: Double): Outcome {
  if (!Number.isFinite(value) || value < 0 || value >= 2 ** 64) return UINT_OVERFLOW
  return new Uint(BigInt(Math.trunc(value)))
}

function stringToUint(text: string): Outcome {
  const value = parseGoUint(text)
  return value === undefined ? fromString('uint') : new Uint(value)
}

function stringToDouble(text: string): Outcome {
  const value = parseGoFloat(text)
  return value === undefined ? fromString('double') : new Double(value)
}

function stringToDuration(text: string): Outcome {
  const nanoseconds = parseGoDuration(text)
  return nanoseconds === undefined
    ? fromString('google.protobuf.Duration')
    : new Duration(nanoseconds)
}

function intToTimestamp(seconds: Int): Outcome {
  if (seconds < MIN_UNIX_SECONDS || seconds > MAX_UNIX_SECONDS) return TIMESTAMP_OVERFLOW
  return new Timestamp(Number(seconds), 0)
}

function bytesToString({ value }: Bytes): Outcome {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value)
  } catch {
    return new CelError('invalid UTF-8 in bytes, cannot convert to string')
  }
}

/** The functions that convert between the language's types, each named as the type it gives. */
export const CONVERSIONS: readonly CelFunction[] = [
  global('bool', 'bool_to_bool', '(bool) -> bool', identity),
  global('bool', 'string_to_bool', '(string) -> bool', stringToBool),
  global('bytes', 'bytes_to_bytes', '(bytes) -> bytes', identity),
  global('bytes', 'string_to_bytes', '(string) -> bytes', (text: string) => {
    return new Bytes(Buffer.from(text))
  }),
  global('double', 'double_to_double', '(double) -> double', identity),
  global('double', 'int64_to_double', '(int) -> double', (value: Int) => new Double(Number(value))),
  global('double', 'string_to_double', '(string) -> double', stringToDouble),
  global('double', 'uint64_to_double', '(uint) -> double', ({ value }: Uint) => {
    return new Double(Number(value))
  }),
  global('duration', 'duration_to_duration', '(duration) -> duration', identity),
  global('duration', 'int64_to_duration', '(int) -> duration', (_value: Int) => {
    return new CelError("type conversion error from 'int' to 'google.protobuf.Duration'")
  }),
  global('duration', 'string_to_duration', '(string) -> duration', stringToDuration),
  global('dyn', 'to_dyn', '(A) -> dyn', identity),
  global('int', 'int64_to_int64', '(int) -> int', identity),
  global('int', 'double_to_int64', '(double) -> int', doubleToInt),
  global('int', 'duration_to_int64', '(duration) -> int', ({ nanoseconds }: Duration) => {
    return shortInt(nanoseconds)
  }),
  global('int', 'string_to_int64', '(string) -> int', (text: string) => {
    return parseGoInt(text) ?? fromString('int')
  }),
  global('int', 'timestamp_to_int64', '(timestamp) -> int', ({ seconds }: Timestamp) => seconds),
  global('int', 'uint64_to_int64', '(uint) -> int', ({ value }: Uint) => {
    return value >= 2n ** 63n ? INTEGER_OVERFLOW : shortInt(value)
  }),
  global('string', 'string_to_string', '(string) -> string', identity),
  global('string', 'bool_to_string', '(bool) -> string', String),
  global('string', 'bytes_to_string', '(bytes) -> string', bytesToString),
  global('string', 'double_to_string', '(double) -> string', ({ value }: Double) => {
    return formatGoFloat(value)
  }),
  global('string', 'duration_to_string', '(duration) -> string', String),
  global('string', 'int64_to_string', '(int) -> string', String),
  global('string', 'timestamp_to_string', '(timestamp) -> string', String),
  global('string', 'uint64_to_string', '(uint) -> string', ({ value }: Uint) => String(value)),
  global('timestamp', 'timestamp_to_timestamp', '(timestamp) -> timestamp', identity),
  global('timestamp', 'int64_to_timestamp', '(int) -> timestamp', intToTimestamp),
  global('timestamp', 'string_to_timestamp', '(string) -> timestamp', (text: string) => {
    return parseTimestamp(text) ?? fromString('google.protobuf.Timestamp')
  }),
  global('uint', 'uint64_to_uint64', '(uint) -> uint', identity),
  global('uint', 'double_to_uint64', '(double) -> uint', doubleToUint),
  global('uint', 'int64_to_uint64', '(int) -> uint', (value: Int) => {
    return value < 0 || BigInt(value) > MAX_UINT ? UINT_OVERFLOW : new Uint(BigInt(value))
  }),
  global('uint', 'string_to_uint64', '(string) -> uint', stringToUint),
]

/** The names of the functions that an optimizing plan evaluates once, on literals. */
export const CONVERSION_NAMES: ReadonlySet<string> = new Set([
  ...['bool', 'bytes', 'double', 'duration', 'dyn', 'int', 'string', 'timestamp', 'type', 'uint'],
])

import { canonicalBase64 } from './base64.ts'
import type { Decoder, DecodeState } from './decode-node.ts'
import { goTypeOf } from './go-types.ts'
import { describeJson } from './json-value.ts'
import { canonicalQuantity, QuantitySyntaxError } from './quantity.ts'
import type { ScalarFormat } from './schema.ts'
import { canonicalMicroTime, canonicalTime, TimeSyntaxError } from './time.ts'

const MAX_INT32 = 2 ** 31 - 1
const MAX_INT64 = 2n ** 63n - 1n

const DECODERS: Readonly<Record<ScalarFormat, Decoder>> = {
  string: (value, state) => (typeof value === 'string' ? value : mismatch(value, state, 'string')),
  boolean: (value, state) =>
    typeof value === 'boolean' ? value : mismatch(value, state, 'boolean'),
  int32: (value, state) => (isInt32(value) ? value : numberMismatch(value, state, 'int32')),
  int64: (value, state) => (isInt64(value) ? value : numberMismatch(value, state, 'int64')),
  double: decodeDouble,
  byte: decodeBytes,
  time: decodeTime,
  'micro-time': decodeMicroTime,
  quantity: decodeQuantity,
  'int-or-string': decodeIntOrString,
  raw: asItIs,
  'fields-v1': asItIs,
  json: asItIs,
}

/** What a scalar that nobody gave is in Go; times that nobody set are written as null. */
const ZERO_VALUES: Readonly<Record<ScalarFormat, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
  byte: '',
  time: null,
  'micro-time': null,
  quantity: '0',
  'int-or-string': 0,
  raw: null,
  'fields-v1': Object.freeze({}),
  json: null,
}

/** The reader of a scalar, which answers its canonical form. */
export function scalarDecoder(format: ScalarFormat): Decoder {
  return DECODERS[format]
}

/** Go's zero value of a format, as JSON has it. */
export function zeroScalar(format: ScalarFormat): unknown {
  return ZERO_VALUES[format]
}

function asItIs(value: unknown): unknown {
  return value
}

function isInt32(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && inInt32(value)
}

function inInt32(value: number): boolean {
  return value <= MAX_INT32 && value >= -MAX_INT32 - 1
}

function isInt64(value: unknown): boolean {
  if (typeof value === 'number') return Number.isSafeInteger(value)
  return typeof value === 'bigint' && value <= MAX_INT64 && value >= -MAX_INT64 - 1n
}

/** Go reads bytes from a list of numbers, too; null leaves a zero. */
function decodeListOfBytes(list: readonly unknown[], state: DecodeState): unknown {
  const bytes = list.map((item) => {
    if (item === null) return 0
    if (isInt32(item) && Number(item) >= 0 && Number(item) <= 255) return Number(item)
    state.fail(typeof item === 'number' ? `number ${item}` : describeJson(item), 'uint8')
    return 0
  })
  return Buffer.from(bytes).toString('base64')
}

function decodeDouble(value: unknown, state: DecodeState): unknown {
  if (typeof value === 'bigint') return Number(value)
  return typeof value === 'number' ? value : mismatch(value, state, 'double')
}

function decodeBytes(value: unknown, state: DecodeState): unknown {
  if (Array.isArray(value)) return decodeListOfBytes(value, state)
  if (typeof value !== 'string') return mismatch(value, state, 'byte')
  const canonical = canonicalBase64(value)
  if (typeof canonical === 'string') return canonical
  return state.fail(`illegal base64 data at input byte ${canonical.corruptAt}`, undefined)
}

function decodeTime(value: unknown, state: DecodeState): unknown {
  return typeof value === 'string'
    ? orFail(state, () => canonicalTime(value))
    : mismatch(value, state, 'time', true)
}

function decodeMicroTime(value: unknown, state: DecodeState): unknown {
  return typeof value === 'string'
    ? orFail(state, () => canonicalMicroTime(value))
    : mismatch(value, state, 'micro-time', true)
}

/** Upstream reads a quantity from the raw JSON text, so that a number will do as well. */
function decodeQuantity(value: unknown, state: DecodeState): unknown {
  const text = typeof value === 'object' ? '{' : String(value)
  return orFail(state, () => canonicalQuantity(text))
}

function decodeIntOrString(value: unknown, state: DecodeState): unknown {
  if (typeof value === 'string' || isInt32(value)) return value
  return numberMismatch(value, state, 'int32', true)
}

function orFail(state: DecodeState, read: () => unknown): unknown {
  try {
    return read()
  } catch (error) {
    if (error instanceof TimeSyntaxError || error instanceof QuantitySyntaxError) {
      return state.fail(error.message, undefined, true)
    }
    throw error
  }
}

function mismatch(value: unknown, state: DecodeState, format: ScalarFormat, isFatal = false) {
  return state.fail(describeJson(value), goTypeOf({ type: 'scalar', format }), isFatal)
}

/** Of a number that does not fit, Go quotes the number too. */
function numberMismatch(value: unknown, state: DecodeState, format: ScalarFormat, isFatal = false) {
  if (typeof value !== 'number' && typeof value !== 'bigint') {
    return mismatch(value, state, format, isFatal)
  }
  return state.fail(`number ${value}`, goTypeOf({ type: 'scalar', format }), isFatal)
}

import type { ScalarFormat } from '../../schema.ts'
import { fieldsV1Codec, intOrStringCodec, quantityCodec, rawJsonCodec } from './boxed-codecs.ts'
import {
  booleanCodec,
  bytesCodec,
  doubleCodec,
  int32Codec,
  int64Codec,
  stringCodec,
} from './plain-codecs.ts'
import { microTimeCodec, timeCodec } from './time-codec.ts'
import type { ValueCodec } from './value-codec.ts'

const CODECS: Readonly<Record<ScalarFormat, ValueCodec>> = {
  string: stringCodec,
  boolean: booleanCodec,
  int32: int32Codec,
  int64: int64Codec,
  double: doubleCodec,
  byte: bytesCodec,
  time: timeCodec,
  'micro-time': microTimeCodec,
  quantity: quantityCodec,
  'int-or-string': intOrStringCodec,
  raw: rawJsonCodec,
  'fields-v1': fieldsV1Codec,
  json: rawJsonCodec,
}

/** Go holds these as structs, whose zero values its JSON does not leave out. */
const KEEPS_ZERO: ReadonlySet<ScalarFormat> = new Set(['quantity', 'int-or-string'] as const)

/** How one scalar is read and written. */
export function scalarCodec(format: ScalarFormat): ValueCodec {
  return CODECS[format]
}

/** Whether the zero value of a field that may be absent can stand for none. */
export function mayDropZero(format: ScalarFormat): boolean {
  return !KEEPS_ZERO.has(format)
}

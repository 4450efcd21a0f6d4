import type { ValueCodec } from './value-codec.ts'
import { FIXED64, LENGTH_DELIMITED, VARINT } from './wire-reader.ts'

export const stringCodec: ValueCodec = {
  wireType: LENGTH_DELIMITED,
  read: (reader) => reader.string(),
  write: (writer, value) => writer.string(value as string),
  zero: () => '',
}

export const booleanCodec: ValueCodec = {
  wireType: VARINT,
  read: (reader) => reader.bool(),
  write: (writer, value) => writer.uint32(value === true ? 1 : 0),
  zero: () => false,
  isPackable: true,
}

export const int32Codec: ValueCodec = {
  wireType: VARINT,
  read: (reader) => reader.int32(),
  write: (writer, value) => writer.int(value as number),
  zero: () => 0,
  isPackable: true,
}

/** A number, or a bigint where a number would not be exact. */
export const int64Codec: ValueCodec = {
  wireType: VARINT,
  read: (reader) => reader.int64(),
  write: (writer, value) => writer.int(value as number | bigint),
  zero: () => 0,
  isPackable: true,
}

export const doubleCodec: ValueCodec = {
  wireType: FIXED64,
  read: (reader) => reader.double(),
  write: (writer, value) => writer.double(value as number),
  zero: () => 0,
  isPackable: true,
}

/** Bytes, which JSON has as base64 text. */
export const bytesCodec: ValueCodec = {
  wireType: LENGTH_DELIMITED,
  read: (reader) => reader.bytes().toString('base64'),
  write: (writer, value) => writer.bytes(Buffer.from(value as string, 'base64')),
  zero: () => '',
}

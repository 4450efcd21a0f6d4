import { formatTime } from '../../base/clock.ts'
import { parseJson } from '../../base/json.ts'
import type { ScalarFormat } from '../../machinery/schema.ts'
import { VARINT, WireReader } from './wire-reader.ts'

/** Reads one scalar in the form that JSON has for it; undefined for Go's zero value of a time. */
export function decodeScalar(format: ScalarFormat, reader: WireReader): unknown {
  switch (format) {
    case 'boolean':
      return reader.varint() !== 0n
    case 'int32':
      return Number(BigInt.asIntN(32, reader.varint()))
    case 'int64':
      return toInteger(BigInt.asIntN(64, reader.varint()))
    case 'double':
      return reader.double()
    case 'string':
      return reader.bytes().toString('utf8')
    case 'byte':
      return reader.bytes().toString('base64')
    case 'time':
    case 'micro-time':
      return decodeTime(reader.bytes(), format === 'micro-time')
    case 'quantity':
      return textOf(reader.bytes()) ?? '0'
    case 'int-or-string':
      return decodeIntOrString(reader.bytes())
    case 'raw':
    case 'fields-v1':
    case 'json':
      return parseJson(textOf(reader.bytes()) || 'null')
  }
}

function toInteger(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** The fields of a message with numbers or bytes alone. */
function fieldsOf(bytes: Uint8Array): ReadonlyMap<number, bigint | Buffer> {
  const fields = new Map<number, bigint | Buffer>()
  const reader = new WireReader(bytes)
  while (!reader.isAtEnd) {
    const { number, wireType } = reader.tag()
    if (wireType === VARINT) fields.set(number, reader.varint())
    else fields.set(number, reader.bytes())
  }
  return fields
}

/** Quantity, RawExtension, FieldsV1 and JSON are messages with one text or bytes in field 1. */
function textOf(bytes: Uint8Array): string | undefined {
  const first = fieldsOf(bytes).get(1)
  return Buffer.isBuffer(first) ? first.toString('utf8') : undefined
}

function decodeTime(bytes: Uint8Array, hasMicros: boolean): string | undefined {
  if (bytes.length === 0) return undefined
  const fields = fieldsOf(bytes)
  const seconds = BigInt.asIntN(64, (fields.get(1) as bigint | undefined) ?? 0n)
  const nanos = Number((fields.get(2) as bigint | undefined) ?? 0n)
  const text = formatTime(Number(seconds) * 1000)
  if (!hasMicros) return text
  const micros = String(Math.floor(nanos / 1000)).padStart(6, '0')
  return `${text.slice(0, -1)}.${micros}Z`
}

function decodeIntOrString(bytes: Uint8Array): number | string {
  const fields = fieldsOf(bytes)
  if (fields.get(1) === 1n) return (fields.get(3) as Buffer | undefined)?.toString('utf8') ?? ''
  return Number(BigInt.asIntN(32, (fields.get(2) as bigint | undefined) ?? 0n))
}

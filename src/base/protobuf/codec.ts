import { defaultOf } from './complete.ts'
import type { AnyField, Decoded, Given, MessageType } from './message.ts'
import { FIXED64, LENGTH_DELIMITED, VARINT, WireReader, WireWriter } from './wire.ts'

type Values = Record<string, unknown>

/** The bytes of a message. Proto3: what equals its default (empty, 0, false) is not written. */
export function encode<M extends MessageType>(type: M, value: Given<M>): Buffer {
  const writer = new WireWriter()
  for (const [name, field] of planFor(type).fields) {
    const item = (value as Values)[name]
    if (item === undefined) continue
    if (field.label === 'repeated') encodeList(writer, field, item as readonly unknown[])
    else if (field.label === 'map') encodeMap(writer, field, item as Record<string, string>)
    else if (field.isBoxed) writeBoxed(writer, field, item as number)
    else if (field.isOptional || !isDefault(field, item)) writeField(writer, field, item)
  }
  return writer.finish()
}

/**
 * A message from its bytes, which it shares. Unknown fields are skipped: a newer peer may send
 * them. Throws a RangeError where it is cut short.
 */
export function decode<M extends MessageType>(type: M, bytes: Uint8Array): Decoded<M> {
  const { byNumber, empty } = planFor(type)
  const value: Values = empty()
  const reader = new WireReader(bytes)
  while (!reader.isAtEnd) {
    const tag = reader.uint32()
    const wireType = tag % 8
    const entry = byNumber.get((tag - wireType) / 8)
    if (entry === undefined) reader.skip(wireType)
    else readInto(value, entry[0], entry[1], reader, wireType)
  }
  return value as Decoded<M>
}

interface Plan {
  readonly fields: readonly (readonly [string, AnyField])[]
  readonly byNumber: ReadonlyMap<number, readonly [string, AnyField]>
  readonly empty: () => Values
}

const plans = new WeakMap<MessageType, Plan>()

function planFor(type: MessageType): Plan {
  const known = plans.get(type)
  if (known !== undefined) return known
  const fields = Object.entries(type.fields)
  const byNumber = new Map(fields.map((entry) => [entry[1].number, entry] as const))
  const plan = {
    fields,
    byNumber,
    empty: () => {
      const value: Values = {}
      for (const [name, field] of fields) {
        const initial = defaultOf(field)
        if (initial !== undefined) value[name] = initial
      }
      return value
    },
  }
  plans.set(type, plan)
  return plan
}

function isDefault(field: AnyField, item: unknown): boolean {
  if (field.type === 'bytes') return (item as Uint8Array).length === 0
  return item === defaultOf(field)
}

function encodeList(writer: WireWriter, field: AnyField, items: readonly unknown[]): void {
  if (items.length === 0) return
  if (field.type === 'string' || field.type === 'message') {
    for (const item of items) writeField(writer, field, item)
    return
  }
  const packed = new WireWriter()
  for (const item of items) writeScalar(packed, field, item)
  writer.tag(field.number, LENGTH_DELIMITED)
  writer.bytes(packed.finish())
}

function encodeMap(writer: WireWriter, field: AnyField, entries: Record<string, string>): void {
  for (const [key, value] of Object.entries(entries)) {
    const entry = new WireWriter()
    writeField(entry, { ...field, number: 1 }, key)
    writeField(entry, { ...field, number: 2 }, value)
    writer.tag(field.number, LENGTH_DELIMITED)
    writer.bytes(entry.finish())
  }
}

function writeBoxed(writer: WireWriter, field: AnyField, value: number): void {
  const box = new WireWriter()
  if (value !== 0) writeField(box, { ...field, number: 1 }, value)
  writer.tag(field.number, LENGTH_DELIMITED)
  writer.bytes(box.finish())
}

function writeField(writer: WireWriter, field: AnyField, item: unknown): void {
  writer.tag(field.number, wireTypeOf(field))
  writeScalar(writer, field, item)
}

function wireTypeOf({ type }: AnyField): number {
  if (type === 'double' || type === 'fixed64') return FIXED64
  return type === 'string' || type === 'bytes' || type === 'message' ? LENGTH_DELIMITED : VARINT
}

function writeScalar(writer: WireWriter, field: AnyField, item: unknown): void {
  if (field.type === 'string') writer.string(item as string)
  else if (field.type === 'bytes') writer.bytes(item as Uint8Array)
  else if (field.type === 'double') writer.double(item as number)
  else if (field.type === 'enum') writer.int64(enumNumber(field, item))
  else if (field.message !== undefined) writer.bytes(encode(field.message, item as Values))
  else if (field.type === 'bool') writer.int64(item === true ? 1 : 0)
  else if (field.type === 'fixed64') writer.fixed64(item as bigint)
  else if (field.type === 'exactInt64') writer.exactInt64(item as bigint)
  else writer.int64(item as number)
}

function enumNumber({ values = [] }: AnyField, item: unknown): number {
  const number = values.indexOf(String(item))
  if (number < 0) throw new RangeError(`${item} is none of ${values.join(', ')}`)
  return number
}

function readInto(
  value: Values,
  name: string,
  field: AnyField,
  reader: WireReader,
  wireType: number,
): void {
  if (field.label === 'map') readEntry(value[name] as Record<string, string>, reader.bytes())
  else if (field.label === 'single') value[name] = readValue(field, reader)
  else readItems(value[name] as unknown[], field, reader, wireType)
}

/** A list of numbers may come packed in one value or one by one, whichever the sender likes. */
function readItems(items: unknown[], field: AnyField, reader: WireReader, wireType: number): void {
  if (wireTypeOf(field) === wireType) {
    items.push(readValue(field, reader))
    return
  }
  const packed = new WireReader(reader.bytes())
  while (!packed.isAtEnd) items.push(readValue(field, packed))
}

function readEntry(entries: Record<string, string>, bytes: Uint8Array): void {
  const reader = new WireReader(bytes)
  let key = ''
  let value = ''
  while (!reader.isAtEnd) {
    const number = reader.uint32() >> 3
    if (number === 1) key = reader.string()
    else value = reader.string()
  }
  // Not an assignment: `__proto__` is an ordinary label here.
  Object.defineProperty(entries, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}

function readValue(field: AnyField, reader: WireReader): unknown {
  if (field.isBoxed) return readBoxed(field, reader.bytes())
  if (field.message !== undefined) return decode(field.message, reader.bytes())
  if (field.type === 'string') return reader.string()
  if (field.type === 'bytes') return reader.bytes()
  if (field.type === 'double') return reader.double()
  if (field.type === 'bool') return reader.bool()
  if (field.type === 'fixed64') return reader.fixed64()
  if (field.type === 'exactInt64') return reader.exactInt64()
  if (field.type === 'enum') return enumName(field, reader.int64())
  return field.type.startsWith('uint') ? reader.uint64() : reader.int64()
}

function enumName({ values = [] }: AnyField, number: number): string {
  return values[number] ?? `UNRECOGNIZED_${number}`
}

function readBoxed(field: AnyField, bytes: Uint8Array): number {
  const reader = new WireReader(bytes)
  let value = 0
  while (!reader.isAtEnd) {
    reader.uint32()
    value = Number(readValue({ ...field, isBoxed: false }, reader))
  }
  return value
}

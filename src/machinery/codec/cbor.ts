import { type EncodeOptions, encode, Token, Type } from 'cborg'
import type { SchemaNode } from '../schema.ts'
import { CborReader, cborTypeName } from './cbor-reader.ts'

/** The head of tag 55799, "self-described CBOR", which is around all that upstream writes. */
export const SELF_DESCRIBED = Buffer.from([0xd9, 0xd9, 0xf7])
/** "Base64 is expected of these bytes later": what a field of bytes has in JSON. */
const BASE64_TAG = 22

/** Texts and names are byte strings, as upstream's, which checks no UTF-8 while it writes. */
const OPTIONS: EncodeOptions = {
  typeEncoders: {
    string: (text: string) => new Token(Type.bytes, new Uint8Array(Buffer.from(text))),
    Uint8Array: (bytes: Uint8Array) => [
      new Token(Type.tag, BASE64_TAG),
      new Token(Type.bytes, bytes),
    ],
    Float64Array: ([value]: Float64Array) => new Token(Type.float, value),
  },
}

/** A document that has been read. */
export interface CborDocument {
  readonly value: unknown
  /** What the outermost item is, as messages name it. */
  readonly type: string
  /** What some field of it cannot hold, such as a number beyond int64. */
  readonly fault: string | undefined
}

/**
 * Reads CBOR as upstream does. Throws CodecError for what is not well-formed, too deep, has a NaN,
 * a big number, or one of its outermost keys twice.
 */
export function decodeCbor(bytes: Uint8Array): CborDocument {
  const reader = new CborReader(bytes)
  const value = reader.read()
  return { value, type: cborTypeName(reader.type), fault: reader.fault }
}

/**
 * Writes a value of JSON as CBOR, always the same bytes for the same value: keys in order, the
 * shortest form of numbers. A schema tells which fields are bytes, and which are never integers.
 */
export function encodeCbor(value: unknown, node?: SchemaNode): Buffer {
  return Buffer.concat([SELF_DESCRIBED, encode(prepare(value, node), OPTIONS)])
}

/**
 * The same of a map with one long list, item by item: `head` are its other fields, `name` is that of
 * the list.
 */
export function* encodeCborInParts(
  head: Readonly<Record<string, unknown>>,
  name: string,
  list: { readonly length: number; items(): Iterable<unknown> },
  node?: SchemaNode,
): Iterable<Buffer> {
  const keys = [...Object.keys(head).filter((key) => head[key] !== undefined), name]
  const names = keys.map((key) => ({ key, written: encodeCborPart(key) }))
  names.sort((a, b) => Buffer.compare(a.written, b.written))
  yield Buffer.concat([SELF_DESCRIBED, headOf(MAP, names.length)])
  for (const { key, written } of names) {
    const field = fieldNodeOf(node, key)
    if (key !== name) {
      yield Buffer.concat([written, encode(prepare(head[key], field), OPTIONS)])
      continue
    }
    const items = itemsOf(field)
    yield Buffer.concat([written, headOf(ARRAY, list.length)])
    for (const item of list.items())
      yield Buffer.from(encode(prepare(item ?? null, items), OPTIONS))
  }
}

const ARRAY = 0x80
const MAP = 0xa0

/** What stands before so many items or pairs: the shortest form of their number. */
function headOf(type: number, count: number): Buffer {
  const number = Buffer.from(encode(count))
  number[0] = (number[0] as number) | type
  return number
}

/** A text without the tag around it, for what is put together of several items. */
export function encodeCborPart(text: string): Buffer {
  return Buffer.from(encode(text, OPTIONS))
}

/** The value with bytes and floating-point numbers as what `OPTIONS` knows them by. */
function prepare(value: unknown, node: SchemaNode | undefined): unknown {
  if (node?.type === 'lazy') return prepare(value, node.resolve())
  if (typeof value !== 'object' || value === null) return prepareScalar(value, node)
  if (Array.isArray(value)) {
    const items = itemsOf(node)
    return value.map((item) => prepare(item ?? null, items))
  }
  const fields = new Map<string, unknown>()
  for (const [key, field] of Object.entries(value)) {
    if (field !== undefined) fields.set(key, prepare(field, fieldNodeOf(node, key)))
  }
  return fields
}

function prepareScalar(value: unknown, node: SchemaNode | undefined): unknown {
  if (node?.type !== 'scalar') return value
  if (node.format === 'byte' && typeof value === 'string') {
    return new Uint8Array(Buffer.from(value, 'base64'))
  }
  return node.format === 'double' && typeof value === 'number' ? new Float64Array([value]) : value
}

function itemsOf(node: SchemaNode | undefined): SchemaNode | undefined {
  if (node?.type === 'lazy') return itemsOf(node.resolve())
  return node?.type === 'list' ? node.items : undefined
}

function fieldNodeOf(node: SchemaNode | undefined, key: string): SchemaNode | undefined {
  if (node?.type === 'map') return node.values
  if (node?.type !== 'struct' || !Object.hasOwn(node.fields, key)) return undefined
  return node.fields[key]?.node
}

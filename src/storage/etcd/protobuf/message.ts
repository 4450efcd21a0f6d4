import { LENGTH_DELIMITED, VARINT, WireReader, WireWriter } from './wire.ts'

/** `id` is an int64 that needs all its bits; `int64` a number, exact up to 2^53. */
type FieldType = 'string' | 'bytes' | 'bool' | 'int64' | 'id' | 'message'

/**
 * One field of a message. `T` is what decoder and encoder exchange (it does not exist at run time).
 * A field that is `always` there reads as its default when it was not sent; others as undefined.
 */
export interface Field<T, Always extends boolean> {
  readonly number: number
  readonly type: FieldType
  readonly isRepeated: boolean
  readonly isAlways: Always
  readonly message?: MessageType
  readonly typeOfValue?: T
}

type AnyField = Field<unknown, boolean>
type Shape = Readonly<Record<string, AnyField>>

/** A message declared once: its wire numbers and, through `Message`, its type. */
export interface MessageType<S extends Shape = Shape> {
  readonly fields: S
}

type ValueOf<F> = F extends { readonly typeOfValue?: infer T } ? NonNullable<T> : never
type AlwaysKeys<S extends Shape> = {
  [K in keyof S]: S[K] extends Field<unknown, true> ? K : never
}[keyof S]

/** What a decoder gives. */
export type Message<M extends MessageType> = {
  readonly [K in AlwaysKeys<M['fields']>]: ValueOf<M['fields'][K]>
} & {
  readonly [K in Exclude<keyof M['fields'], AlwaysKeys<M['fields']>>]?:
    | ValueOf<M['fields'][K]>
    | undefined
}

/** What an encoder takes: some part of a message. */
export type Given<M extends MessageType> = {
  readonly [K in keyof M['fields']]?: ValueOf<M['fields'][K]> | undefined
}

export function message<const S extends Shape>(fields: S): MessageType<S> {
  return { fields }
}

const always = <T>(number: number, type: FieldType): Field<T, true> => ({
  ...{ number, type },
  isRepeated: false,
  isAlways: true,
})

/** Bytes that hold UTF-8, such as keys, are strings too. */
export const string = (number: number) => always<string>(number, 'string')
export const bytes = (number: number) => always<Uint8Array>(number, 'bytes')
export const bool = (number: number) => always<boolean>(number, 'bool')
export const int64 = (number: number) => always<number>(number, 'int64')
export const id = (number: number) => always<bigint>(number, 'id')
/** One of a `oneof`: sent whenever it is given, also when it is 0. */
export const chosenInt64 = (number: number): Field<number, false> => ({
  ...{ number, type: 'int64' },
  isRepeated: false,
  isAlways: false,
})
export const one = <M extends MessageType>(number: number, type: M): Field<Given<M>, false> => ({
  ...{ number, type: 'message', message: type },
  isRepeated: false,
  isAlways: false,
})
/** A message that only servers send. */
export const answer = <M extends MessageType>(
  number: number,
  type: M,
): Field<Message<M>, false> => ({
  ...{ number, type: 'message', message: type },
  isRepeated: false,
  isAlways: false,
})
export const many = <M extends MessageType>(
  number: number,
  type: M,
): Field<readonly Given<M>[], true> => ({
  ...{ number, type: 'message', message: type },
  isRepeated: true,
  isAlways: true,
})
export const answers = <M extends MessageType>(
  number: number,
  type: M,
): Field<readonly Message<M>[], true> => ({
  ...{ number, type: 'message', message: type },
  isRepeated: true,
  isAlways: true,
})

type Values = Record<string, unknown>

/** The bytes of a message. Proto3: what equals its default is not written. */
export function encode<M extends MessageType>(type: M, value: Given<M>): Buffer {
  const writer = new WireWriter()
  for (const name in type.fields) {
    const field = type.fields[name] as AnyField
    const item = (value as Values)[name]
    if (item === undefined) continue
    if (field.isRepeated) for (const part of item as unknown[]) writeField(writer, field, part)
    else if (!field.isAlways || !isDefault(item)) writeField(writer, field, item)
  }
  return writer.finish()
}

function isDefault(item: unknown): boolean {
  if (item instanceof Uint8Array) return item.length === 0
  return item === 0 || item === false || item === '' || item === 0n
}

function writeField(writer: WireWriter, field: AnyField, item: unknown): void {
  const { type } = field
  const isVarint = type === 'int64' || type === 'bool' || type === 'id'
  writer.tag(field.number, isVarint ? VARINT : LENGTH_DELIMITED)
  if (type === 'int64') writer.int64(item as number)
  else if (type === 'bool') writer.int64(item === true ? 1 : 0)
  else if (type === 'id') writer.bigint(item as bigint)
  else if (type === 'string') writer.string(item as string)
  else if (field.message !== undefined)
    writer.bytes(encode(field.message, item as Given<MessageType>))
  else writer.bytes(item as Uint8Array)
}

interface Plan {
  /** Names and fields at the index of their wire number. */
  readonly byNumber: readonly (readonly [string, AnyField] | undefined)[]
  readonly defaults: readonly (readonly [string, AnyField])[]
}

const plans = new WeakMap<MessageType, Plan>()
const NO_BYTES = new Uint8Array(0)

/** A message from its bytes, which it shares. Unknown fields of newer servers are skipped. */
export function decode<M extends MessageType>(type: M, bytes: Buffer): Message<M> {
  const { byNumber, defaults } = planFor(type)
  const value: Values = {}
  for (const [name, field] of defaults) value[name] = defaultOf(field)
  const reader = new WireReader(bytes)
  while (!reader.isAtEnd) {
    const tag = reader.uint32()
    const entry = byNumber[tag >>> 3]
    if (entry === undefined) {
      reader.skip(tag & 7)
      continue
    }
    const item = readField(reader, entry[1])
    if (entry[1].isRepeated) (value[entry[0]] as unknown[]).push(item)
    else value[entry[0]] = item
  }
  return value as Message<M>
}

function readField(reader: WireReader, { type, message }: AnyField): unknown {
  if (type === 'int64') return reader.int64()
  if (type === 'string') return reader.string()
  if (message !== undefined) return decode(message, reader.bytes())
  if (type === 'bytes') return reader.bytes()
  if (type === 'id') return reader.bigint()
  return reader.uint32() !== 0
}

function defaultOf({ type, isRepeated }: AnyField): unknown {
  if (isRepeated) return []
  if (type === 'int64') return 0
  if (type === 'string') return ''
  if (type === 'bytes') return NO_BYTES
  return type === 'id' ? 0n : false
}

function planFor(type: MessageType): Plan {
  let plan = plans.get(type)
  if (plan === undefined) {
    const entries = Object.entries(type.fields)
    const byNumber: (readonly [string, AnyField] | undefined)[] = []
    for (const entry of entries) byNumber[entry[1].number] = entry
    plan = { byNumber, defaults: entries.filter(([, { isAlways }]) => isAlways) }
    plans.set(type, plan)
  }
  return plan
}

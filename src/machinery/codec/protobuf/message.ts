import { CodecError } from '../json.ts'
import type { ValueCodec } from './value-codec.ts'
import { LENGTH_DELIMITED, type WireReader } from './wire-reader.ts'
import type { WireWriter } from './wire-writer.ts'

/** One field of a message: reads into, and writes from, the object that JSON has for it. */
export interface MessageField {
  readonly number: number
  readonly wireType: number
  read(reader: WireReader, object: Record<string, unknown>): void
  /** Writes nothing for what the object has not. */
  write(writer: WireWriter, object: Readonly<Record<string, unknown>>): void
  /** A list of numbers, which may come in one piece. */
  readPacked?(reader: WireReader, object: Record<string, unknown>): void
}

/** A message as the fields that are known of it. */
export class Message {
  readonly #name: string
  /** By number. */
  readonly #fields: (MessageField | undefined)[] = []
  /** The last one first, as messages are written. */
  readonly #written: readonly MessageField[]

  /** `name` is the one of errors, such as `Pod`. */
  constructor(name: string, fields: readonly MessageField[]) {
    this.#name = name
    for (const field of fields) this.#fields[field.number] = field
    this.#written = fields.toSorted((a, b) => b.number - a.number)
  }

  /** Up to the reader's end. Unknown fields are passed over, since newer clients may send them. */
  readInto(reader: WireReader, object: Record<string, unknown>): void {
    while (reader.at < reader.end) {
      const tag = reader.tag()
      const wireType = tag & 7
      const field = this.#fields[tag >>> 3]
      if (field === undefined) reader.skip(wireType)
      else if (field.wireType === wireType) field.read(reader, object)
      else if (wireType === LENGTH_DELIMITED && field.readPacked !== undefined) {
        field.readPacked(reader, object)
      } else {
        const what = `wireType = ${wireType} for field ${field.number} of ${this.#name}`
        throw new CodecError(`proto: wrong ${what}`)
      }
    }
  }

  /** Without a length in front. */
  write(writer: WireWriter, object: Readonly<Record<string, unknown>>): void {
    for (const field of this.#written) field.write(writer, object)
  }
}

/** A message as a value that is an object in JSON too. */
export function messageCodec(get: () => Message): ValueCodec {
  let known: Message | undefined
  const message = () => {
    known ??= get()
    return known
  }
  return {
    wireType: LENGTH_DELIMITED,
    read: (reader, previous) => readMessage(reader, message(), previous),
    write(writer, value) {
      const before = writer.length
      message().write(writer, value as Record<string, unknown>)
      writer.uint32(writer.length - before)
    },
    zero: () => ({}),
    isMerged: true,
  }
}

/** A message whose fields make up something else in JSON. */
export function codecOver(
  message: Message,
  value: {
    from(fields: Readonly<Record<string, unknown>>): unknown
    to(value: unknown): Readonly<Record<string, unknown>>
    zero(): unknown
  },
): ValueCodec {
  const whole = messageCodec(() => message)
  return {
    wireType: LENGTH_DELIMITED,
    read: (reader) => value.from(readMessage(reader, message)),
    write: (writer, given) => whole.write(writer, value.to(given)),
    zero: value.zero,
  }
}

/** The message that stands next, with its length in front. */
export function readMessage(
  reader: WireReader,
  message: Message,
  previous: unknown = {},
): Record<string, unknown> {
  const object = previous as Record<string, unknown>
  const outer = reader.enter()
  message.readInto(reader, object)
  reader.leave(outer)
  return object
}

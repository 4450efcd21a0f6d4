import { CodecError } from '../json.ts'
import { singleField } from './field-codec.ts'
import { Message, messageCodec } from './message.ts'
import { bytesCodec, stringCodec } from './plain-codecs.ts'
import type { ValueCodec } from './value-codec.ts'
import { LENGTH_DELIMITED, WireReader } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

/** What every object in protobuf begins with. */
const MAGIC = Buffer.from('k8s\0')

/** An object's kind, and its bytes as a message of that kind (runtime.Unknown). */
export interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Uint8Array
}

const typeMeta = new Message('TypeMeta', [
  singleField('apiVersion', 1, stringCodec, false),
  singleField('kind', 2, stringCodec, false),
])
/** Not as text, since JSON never has it. */
const sharedBytesCodec: ValueCodec = {
  ...bytesCodec,
  read: (reader) => reader.bytes(),
  write: (writer, value) => writer.bytes(value as Uint8Array),
}
const unknown = new Message('Unknown', [
  singleField(
    'typeMeta',
    1,
    messageCodec(() => typeMeta),
    false,
  ),
  singleField('raw', 2, sharedBytesCodec, false),
  singleField('contentEncoding', 3, stringCodec, false),
  singleField('contentType', 4, stringCodec, false),
])

/** Whether bytes begin as an object in protobuf does. */
export function isEnvelope(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, at) => bytes[at] === byte)
}

/** Opens an object in protobuf; names that it does not give are empty. Throws CodecError. */
export function openEnvelope(bytes: Uint8Array): Envelope {
  if (!isEnvelope(bytes)) {
    const why = 'provided data does not appear to be a protobuf message, expected prefix'
    throw new CodecError(`${why} [${MAGIC.join(' ')}]`)
  }
  const fields: Record<string, unknown> = {}
  unknown.readInto(new WireReader(bytes, MAGIC.length), fields)
  const { typeMeta: names = {}, raw = new Uint8Array() } = fields
  const { apiVersion = '', kind = '' } = names as { apiVersion?: string; kind?: string }
  return { apiVersion, kind, raw: raw as Uint8Array }
}

/** The field of an envelope that holds the object. */
export const RAW_FIELD = 2
/** What follows the object: neither an encoding nor a type of its content is said. */
export const ENVELOPE_END: Buffer = Buffer.from([
  3 * 8 + LENGTH_DELIMITED,
  0,
  4 * 8 + LENGTH_DELIMITED,
  0,
])

/** What an object of a kind begins with, up to the field that holds its message. */
export function envelopeStart(names: {
  readonly apiVersion: string
  readonly kind: string
}): Buffer {
  const { apiVersion, kind } = names
  const writer = new WireWriter(64)
  unknown.write(writer, { typeMeta: { apiVersion, kind } })
  writer.raw(MAGIC)
  const written = writer.finish()
  return written
}

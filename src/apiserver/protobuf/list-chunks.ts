import { setImmediate } from 'node:timers/promises'
import { ENVELOPE_END, RAW_FIELD } from '../../machinery/codec/protobuf/envelope.ts'
import { LENGTH_DELIMITED } from '../../machinery/codec/protobuf/wire-reader.ts'
import { WireWriter } from '../../machinery/codec/protobuf/wire-writer.ts'
import type { StoredObject } from '../registry/stored-object.ts'
import type { View } from '../registry/view.ts'
import { apiCodec, startOf, type TypeNames } from './api-protobuf.ts'
import { LIST_META } from './meta-nodes.ts'

const METADATA_FIELD = 1

/** So many objects are encoded before others may go on: about two milliseconds of work. */
const PORTION = 100

/** The messages of a list's items; pauses where many have to be made. */
export async function listMessages(
  view: View,
  items: readonly StoredObject[],
): Promise<readonly Buffer[]> {
  const messages: Buffer[] = []
  let made = 0
  for (const item of items) {
    const isKept = view.id === '' && item.hasProtobuf
    if (!isKept && ++made % PORTION === 0) await setImmediate()
    messages.push(view.protobuf(item))
  }
  return messages
}

/**
 * A list with its envelope: the concatenation of its items as `encodeForEnvelope` made them, for an
 * envelope's object and a list's items have the same field number.
 */
export function protobufListChunks(
  names: TypeNames,
  metadata: object,
  items: readonly Uint8Array[],
): Uint8Array[] {
  const meta = apiCodec.encodeAsField(METADATA_FIELD, LIST_META, metadata)
  let length = meta.length
  for (const item of items) length += item.length
  const writer = new WireWriter(meta.length + 16)
  writer.raw(meta)
  writer.uint32(length)
  writer.uint32(RAW_FIELD * 8 + LENGTH_DELIMITED)
  return [startOf(names), writer.finish(), ...items, ENVELOPE_END]
}

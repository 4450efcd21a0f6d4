import { ENVELOPE_END, RAW_FIELD } from '../../machinery/codec/protobuf/envelope.ts'
import { LENGTH_DELIMITED } from '../../machinery/codec/protobuf/wire-reader.ts'
import { WireWriter } from '../../machinery/codec/protobuf/wire-writer.ts'
import { apiCodec, startOf, type TypeNames } from './api-protobuf.ts'
import { LIST_META } from './meta-nodes.ts'

const METADATA_FIELD = 1

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

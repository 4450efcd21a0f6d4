import { LENGTH_DELIMITED } from '../../machinery/codec/protobuf/wire-reader.ts'
import { WireWriter } from '../../machinery/codec/protobuf/wire-writer.ts'

const FIRST_TAG = 8 + LENGTH_DELIMITED
const SECOND_TAG = 2 * 8 + LENGTH_DELIMITED
const LENGTH_BYTES = 4

const writer = new WireWriter()

/**
 * One event of a watch: its length in four bytes, the highest first, then a WatchEvent, which has
 * no envelope of its own:
 *
 *     00 00 01 2c   type = 1: "ADDED"   object = 2: RawExtension { raw = 1: the whole object }
 */
export function watchFrameOf(type: string, object: Uint8Array): Buffer {
  writer.bytes(object)
  writer.uint32(FIRST_TAG)
  writer.uint32(writer.length)
  writer.uint32(SECOND_TAG)
  writer.string(type)
  writer.uint32(FIRST_TAG)
  const length = Buffer.allocUnsafe(LENGTH_BYTES)
  length.writeUInt32BE(writer.length)
  writer.raw(length)
  return writer.finish()
}

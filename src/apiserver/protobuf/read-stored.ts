import { parseJson } from '../../base/json.ts'
import { isEnvelope, openEnvelope } from '../../machinery/codec/protobuf/envelope.ts'
import { apiCodec, protobufNodeOf } from './api-protobuf.ts'
import { decodeFormer } from './former-protobuf.ts'

/**
 * A stored object as JSON has it. Ours are stored in JSON, upstream's servers write protobuf by
 * default: on a store of theirs, ours goes on with what is there. Throws for what is neither.
 */
export function readStored(bytes: Uint8Array): unknown {
  if (!isEnvelope(bytes)) {
    return parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString())
  }
  const { apiVersion, kind, raw } = openEnvelope(bytes)
  const node = protobufNodeOf({ apiVersion, kind })
  const fields = node ? apiCodec.decode(node, raw) : decodeFormer({ apiVersion, kind }, raw)
  if (fields === undefined) throw new Error(`it is a ${kind} of ${apiVersion} in protobuf`)
  return { kind, apiVersion, ...fields }
}

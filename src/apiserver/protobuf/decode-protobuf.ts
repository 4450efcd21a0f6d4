import { CodecError } from '../../machinery/codec/json.ts'
import { type Envelope, openEnvelope } from '../../machinery/codec/protobuf/envelope.ts'
import { cannotBeHandled } from '../../machinery/decode.ts'
import type { StructNode } from '../../machinery/schema.ts'
import { badRequest } from '../../machinery/status-error.ts'
import { apiCodec } from './api-protobuf.ts'

/** So many bytes of what cannot be read are quoted. */
const MOST_QUOTED = 30

/**
 * Reads a body in `application/vnd.kubernetes.protobuf` by the schema of what is expected, in the
 * shape that JSON has: with the names that the body gives, so that those of another kind can be
 * refused. Throws the BadRequest that upstream answers for what cannot be read; `refuse` makes that
 * of what does not even say what it is.
 */
export function decodeProtobuf(
  bytes: Uint8Array,
  node: StructNode,
  refuse?: (why: string) => Error,
): Record<string, unknown> {
  const expected = node.name.slice(node.name.lastIndexOf('.') + 1)
  const refused = (error: CodecError) =>
    refuse === undefined ? unrecognized(bytes, expected, error) : refuse(error.message)
  const { apiVersion, kind, raw } = open(bytes, refused)
  const names = { ...(apiVersion !== '' && { apiVersion }), ...(kind !== '' && { kind }) }
  if (kind !== '' && kind !== expected) return names
  try {
    return { ...names, ...apiCodec.decode(node, raw) }
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
    throw kind === '' ? refused(error) : cannotBeHandled({ version, kind }, error.message)
  }
}

function open(bytes: Uint8Array, refused: (error: CodecError) => Error): Envelope {
  try {
    return openEnvelope(bytes)
  } catch (error) {
    throw error instanceof CodecError ? refused(error) : error
  }
}

/** For what does not even say what it is. */
function unrecognized(bytes: Uint8Array, expected: string, { message }: CodecError): Error {
  const start = Buffer.from(bytes.subarray(0, MOST_QUOTED))
  const text = start[0] === 0x7b ? start.toString('utf8') : start.toString('hex')
  const quoted = bytes.length > MOST_QUOTED ? `${text} ...` : text
  const what = `the object provided is unrecognized (must be of type ${expected})`
  return badRequest(`${what}: ${message} (${quoted})`)
}

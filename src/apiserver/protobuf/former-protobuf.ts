import { FormerMessages } from '../../kinds/former/former-messages.ts'
import { ProtobufCodec } from '../../machinery/codec/protobuf/protobuf-codec.ts'
import { apiCodec, protobufNodeOf, type TypeNames } from './api-protobuf.ts'
import { FORMER_VERSIONS } from './former-versions.data.ts'

let own: { readonly messages: FormerMessages; readonly codec: ProtobufCodec } | undefined

/**
 * Reads the message of an object in a version that is not served any more; undefined for what
 * nobody has stored.
 */
export function decodeFormer(
  { apiVersion, kind }: TypeNames,
  message: Uint8Array,
): Record<string, unknown> | undefined {
  const same = FORMER_VERSIONS.find(
    (former) => former.apiVersion === apiVersion && former.kinds.includes(kind),
  )
  const node = same && protobufNodeOf({ apiVersion: same.as, kind })
  if (node !== undefined) return apiCodec.decode(node, message)
  if (own === undefined) {
    const messages = new FormerMessages()
    own = { messages, codec: new ProtobufCodec(messages) }
  }
  const ownNode = own.messages.nodes.get(`${apiVersion} ${kind}`)
  return ownNode && own.codec.decode(ownNode, message)
}

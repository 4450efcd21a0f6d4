import type { Message } from './message.ts'
import {
  DEFINITIONS_FIELD,
  definitionsMessage,
  documentMessage,
  PATHS_FIELD,
  pathsMessage,
} from './swagger-messages.ts'
import { LENGTH_DELIMITED } from './wire-reader.ts'
import { WireWriter } from './wire-writer.ts'

/** A Swagger 2.0 document, as far as its protobuf form needs to know it. */
export interface SwaggerDocument {
  readonly paths?: unknown
  readonly definitions?: unknown
  readonly [name: string]: unknown
}

/** So many paths or definitions are written before others may go on. */
const PORTION = 20

/**
 * A Swagger 2.0 document in the protobuf form that clients ask for as
 * `application/com.github.proto-openapi.spec.v2.v1.0+protobuf`. Pauses again and again.
 */
export async function encodeSwagger(
  document: SwaggerDocument,
  pause: () => Promise<unknown>,
): Promise<Buffer> {
  const { paths = {}, definitions = {}, ...rest } = document
  const writer = new WireWriter()
  documentMessage.write(writer, rest)
  return Buffer.concat([
    writer.finish(),
    ...(await encodeEntries(PATHS_FIELD, pathsMessage, paths as object, pause)),
    ...(await encodeEntries(DEFINITIONS_FIELD, definitionsMessage, definitions as object, pause)),
  ])
}

/** One field of the document, with its tag and length: the entries are messages of their own. */
async function encodeEntries(
  field: number,
  message: Message,
  given: object,
  pause: () => Promise<unknown>,
): Promise<readonly Buffer[]> {
  const writer = new WireWriter()
  const all = Object.entries(given)
  const portions: Buffer[] = []
  let length = 0
  for (let start = 0; start < all.length; start += PORTION) {
    const entries = Object.fromEntries(all.slice(start, start + PORTION))
    message.write(writer, { entries })
    const portion = writer.finish()
    portions.push(portion)
    length += portion.length
    await pause()
  }
  writer.uint32(length)
  writer.uint32(field * 8 + LENGTH_DELIMITED)
  return [writer.finish(), ...portions]
}

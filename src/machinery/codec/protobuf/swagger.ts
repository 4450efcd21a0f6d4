import { encodeEntries } from './encode-entries.ts'
import {
  DEFINITIONS_FIELD,
  definitionsMessage,
  documentMessage,
  PATHS_FIELD,
  pathsMessage,
} from './swagger-messages.ts'
import { WireWriter } from './wire-writer.ts'

/** A Swagger 2.0 document, as far as its protobuf form needs to know it. */
export interface SwaggerDocument {
  readonly paths?: unknown
  readonly definitions?: unknown
  readonly [name: string]: unknown
}

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

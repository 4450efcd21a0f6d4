import { around, encodeEntries } from './encode-entries.ts'
import {
  COMPONENTS_FIELD,
  componentsMessage,
  documentMessage,
  PATHS_FIELD,
  pathsMessage,
  SCHEMAS_FIELD,
  schemasMessage,
} from './openapi-messages.ts'
import { WireWriter } from './wire-writer.ts'

/** An OpenAPI 3.0 document, as far as its protobuf form needs to know it. */
export interface OpenApiDocument {
  readonly paths?: unknown
  readonly components?: { readonly schemas?: unknown; readonly [name: string]: unknown }
  readonly [name: string]: unknown
}

/**
 * An OpenAPI 3.0 document in the protobuf form that clients ask for as
 * `application/com.github.proto-openapi.spec.v3.v1.0+protobuf`. Pauses again and again.
 */
export async function encodeOpenApi(
  document: OpenApiDocument,
  pause: () => Promise<unknown>,
): Promise<Buffer> {
  const { paths = {}, components, ...rest } = document
  const writer = new WireWriter()
  documentMessage.write(writer, rest)
  const parts = [writer.finish()]
  parts.push(...(await encodeEntries(PATHS_FIELD, pathsMessage, paths as object, pause)))
  if (components !== undefined) {
    const { schemas, ...others } = components
    const own: Buffer[] = []
    if (schemas !== undefined) {
      own.push(...(await encodeEntries(SCHEMAS_FIELD, schemasMessage, schemas as object, pause)))
    }
    componentsMessage.write(writer, others)
    own.push(writer.finish())
    parts.push(...around(COMPONENTS_FIELD, own))
  }
  return Buffer.concat(parts)
}

import { indentJson, stringifyJson } from '../../base/json.ts'
import { writeYaml } from '../../machinery/codec/yaml-writer.ts'
import { encodeApiCbor } from '../cbor/api-cbor.ts'
import { CBOR } from '../cbor/media-type.ts'
import { encodeProtobuf, hasProtobuf, type TypeNames } from '../protobuf/api-protobuf.ts'
import { PROTOBUF } from '../protobuf/media-type.ts'
import type { ServerRequest } from '../request.ts'
import { MEDIA_TYPES, type MediaType, negotiate, TEXT_TYPES } from './accept.ts'

/** Programs whose users read the answer themselves get it indented, as upstream does. */
const HUMAN_AGENTS = /^(curl|Wget|Mozilla\/5\.0)/

/** How an object is written for one client. */
export interface Encoding {
  readonly mediaType: MediaType
  readonly isPretty: boolean
}

/**
 * What the client accepts. An error must be told even where it accepts nothing that exists, and has
 * no other form than its own: then it is JSON for human eyes.
 */
export function chooseEncoding(
  request: ServerRequest,
  object: () => unknown,
  isError = false,
  hasNoCbor = false,
): Encoding {
  const given = request.headers['accept']
  const accept = hasNoCbor && given?.includes(CBOR) === true ? withoutCbor(given) : given
  try {
    const hasForm = accept?.includes('protobuf') === true && hasProtobuf(object())
    const offered = hasForm ? MEDIA_TYPES : TEXT_TYPES
    const { mediaType, isPretty } = negotiate(accept, () => !isError, offered)
    return { mediaType, isPretty: isPretty || wantsPretty(request) }
  } catch {
    return { mediaType: 'application/json', isPretty: isError }
  }
}

/** The bytes of a value. JSON on one line ends in a line feed, as upstream's does. */
export function encode(object: unknown, { mediaType, isPretty }: Encoding): Uint8Array {
  if (mediaType === PROTOBUF) return encodeProtobuf(object as TypeNames)
  if (mediaType === CBOR) return encodeApiCbor(object)
  if (mediaType === 'application/yaml') return Buffer.from(writeYaml(object))
  return Buffer.from(isPretty ? indentJson(object) : `${stringifyJson(object)}\n`)
}

/** The other clauses of an Accept header. */
function withoutCbor(accept: string): string {
  const clauses = accept.split(',').map((clause) => clause.trim())
  return clauses.filter((clause) => clause.split(';')[0]?.trim() !== CBOR).join(',')
}

/** As Go reads a boolean: what is none counts as not given. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False'].map((text) => [text, false] as const),
])

function wantsPretty({ query, headers }: ServerRequest): boolean {
  const given = query.has('pretty') ? BOOLEANS.get(query.get('pretty') ?? '') : undefined
  if (given !== undefined) return given
  return HUMAN_AGENTS.test(headers['user-agent'] ?? '')
}

import { isUtf8 } from 'node:buffer'
import { JsonSyntaxError } from '../../base/json.ts'
import { CodecError, type DecodedDocument, decodeJsonBody } from '../../machinery/codec/json.ts'
import { decodeObject, strictDecodingError, strictProblems } from '../../machinery/decode.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import type { SchemaNode, StructNode } from '../../machinery/schema.ts'
import { badRequest, StatusError } from '../../machinery/status-error.ts'
import { decodeCborBody, unknownCborField } from '../cbor/decode-body.ts'
import { CBOR } from '../cbor/media-type.ts'
import { apiCodec } from '../protobuf/api-protobuf.ts'
import { decodeProtobuf } from '../protobuf/decode-protobuf.ts'
import { PROTOBUF } from '../protobuf/media-type.ts'
import { asStruct } from '../protobuf/meta-nodes.ts'
import type { ServerRequest } from '../request.ts'
import { checkBodyNames, checkCustomNames, unrecognized } from './body-names.ts'
import type { FieldValidation } from './write-options.ts'

const ACCEPTED = ['application/json', 'application/yaml']

/** The body of a request as an untyped value by a schema; undefined for an empty one. */
export async function readValue(request: ServerRequest, node: SchemaNode): Promise<unknown> {
  const bytes = await bodyOf(request)
  if (bytes?.length === 0) return undefined
  return (await readDocument(request, asStruct(node), false, badRequest)).value
}

/** The media type of the body, without parameters. */
export function mediaTypeOf({ headers }: ServerRequest): string {
  const [type = ''] = (headers['content-type'] ?? '').split(';')
  return type.trim().toLowerCase() || 'application/json'
}

/**
 * The body as an object of a kind, with its defaults: 400 for what cannot be one. A body of the
 * kind's schema may name one of `otherVersions` too, with which its faults are then told.
 */
export async function readObject(
  request: ServerRequest,
  expected: Kind,
  fieldValidation: FieldValidation,
  otherVersions: readonly string[] = NO_VERSIONS,
): Promise<KubeObject> {
  const bytes = (await bodyOf(request)) ?? NO_BYTES
  const refuse = (why: string) => unrecognized(expected, why, bytes)
  const findDuplicates = fieldValidation !== 'Ignore'
  const isMerged = expected.custom === undefined
  const document = await readDocument(request, expected.schema, findDuplicates, refuse, isMerged)
  request.trace?.event('About to convert to expected version')
  const kind =
    otherVersions === NO_VERSIONS ? expected : inVersionOf(document.value, expected, otherVersions)
  if (kind.custom === undefined) checkBodyNames(kind, document.value, refuse)
  else if (request.object === undefined) checkCustomNames(kind, document.value, bytes, refuse)
  const { value: object, problems: found } = decodeObject(kind, document.value ?? {})
  const problems = found.length === 0 ? found : asTold(request, kind, document.value, found)
  // Custom objects are read whole before anybody asks for their schema.
  const all =
    kind.custom === undefined
      ? strictProblems(document, problems)
      : [...document.problems, ...problems]
  if (all.length > 0 && fieldValidation === 'Strict') throw strictDecodingError(kind, all)
  if (fieldValidation === 'Warn') request.addDecodingWarnings(all)
  request.trace?.event('Conversion done')
  return complete(kind, kind === expected ? object : { ...object, apiVersion: expected.apiVersion })
}

/** The findings of a decoder as upstream's of the same format tells them. */
function asTold(
  request: ServerRequest,
  kind: Kind,
  value: unknown,
  found: readonly string[],
): readonly string[] {
  if (request.object !== undefined) return found
  const type = mediaTypeOf(request)
  if (kind.custom !== undefined) return found
  // YAML becomes JSON, with its keys in order, before upstream looks for fields.
  if (type === 'application/yaml') return found.toSorted()
  return type === CBOR ? unknownCborField(value, found) : found
}

/** A decoded object with metadata, and with the defaults that depend on other fields. */
export function complete(kind: Kind, object: KubeObject): KubeObject {
  const { metadata = {} } = object as Partial<KubeObject>
  const whole = metadata === object.metadata ? object : ({ ...object, metadata } as KubeObject)
  return kind.setDefaults?.(whole) ?? whole
}

const NO_BYTES = new Uint8Array()
const NO_VERSIONS: readonly string[] = []

/** The kind in the version that a body names, where that is one of the others. */
function inVersionOf(value: unknown, kind: Kind, otherVersions: readonly string[]): Kind {
  const { apiVersion } = (value ?? {}) as { readonly apiVersion?: unknown }
  const other = otherVersions.find((one) => one === apiVersion)
  if (other === undefined) return kind
  return { ...kind, apiVersion: other, version: other.slice(other.indexOf('/') + 1) }
}

/** Undefined for a caller in this process, who has sent a value. */
async function bodyOf(request: ServerRequest): Promise<Uint8Array | undefined> {
  return request.object === undefined ? request.body() : undefined
}

/** The 400 for a body that cannot be read, for a reason. */
type Refuse = (why: string) => StatusError

async function readDocument(
  request: ServerRequest,
  node: StructNode,
  findDuplicates: boolean,
  refuse: Refuse,
  isMerged = false,
): Promise<DecodedDocument> {
  const document = await decodeBody(request, node, findDuplicates, refuse, isMerged)
  request.submitted = document.value
  return document
}

async function decodeBody(
  request: ServerRequest,
  node: StructNode,
  findDuplicates: boolean,
  refuse: Refuse,
  isMerged: boolean,
): Promise<DecodedDocument> {
  if (request.object !== undefined) return { value: request.object, problems: [] }
  const bytes = await request.body()
  request.bodyBytes = bytes.length
  request.trace?.event('limitedReadBody succeeded', { len: bytes.length })
  const type = mediaTypeOf(request)
  if (type === CBOR) return decodeCborBody(bytes, namesOf(node), refuse)
  const isKnown = type === PROTOBUF ? apiCodec.supports(node) : ACCEPTED.includes(type)
  if (!isKnown) throw unknownFormat([...ACCEPTED, PROTOBUF])
  if (type === PROTOBUF) return { value: decodeProtobuf(bytes, node, refuse), problems: [] }
  const isJson = type === 'application/json'
  try {
    const document = isJson
      ? decodeJsonBody(
          bytes,
          isMerged ? { findDuplicates: true, schema: node } : { findDuplicates },
        )
      : request.decodeYaml(yamlText(bytes), findDuplicates)
    return document instanceof Promise ? await document : document
  } catch (error) {
    if (!(error instanceof JsonSyntaxError) && !(error instanceof CodecError)) throw error
    const where = isJson ? "couldn't get version/kind; json parse error: " : ''
    throw refuse(where + error.message)
  }
}

/** The kind and version of a schema such as `core.v1.Pod`. */
function namesOf({ name }: StructNode): { readonly kind: string; readonly version: string } {
  const [kind = '', version = ''] = name.split('.').reverse()
  return { kind, version }
}

/** Go's reader of YAML wants UTF-8, where that of JSON replaces what is none. */
function yamlText(bytes: Uint8Array): string {
  if (!isUtf8(bytes)) throw new CodecError('yaml: invalid UTF-8')
  return new TextDecoder().decode(bytes)
}

/** The 415 for a body of another format. */
export function unknownFormat(accepted: readonly string[]): StatusError {
  return new StatusError(
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: ' +
      accepted.join(', '),
  )
}

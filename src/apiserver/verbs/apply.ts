import { formatTime } from '../../base/clock.ts'
import { JsonSyntaxError } from '../../base/json.ts'
import { type ApplyOptions, formatKind, formatObject } from '../../machinery/apply/field-manager.ts'
import { CodecError, type DecodedDocument, decodeJsonBody } from '../../machinery/codec/json.ts'
import { decodeObject } from '../../machinery/decode.ts'
import { FieldPath, required } from '../../machinery/field-error.ts'
import { describeJson, isJsonObject } from '../../machinery/json-value.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { badRequest, conflict, invalidObject, StatusError } from '../../machinery/status-error.ts'
import { fieldManagerOf } from '../apply/field-managers.ts'
import { withManagedFields } from '../apply/managed-fields.ts'
import { decodeCborConfiguration } from '../cbor/decode-body.ts'
import { withConversions } from '../registry/conversions.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { ServerRequest } from '../request.ts'
import { complete, mediaTypeOf } from './read-object.ts'
import { checkName } from './request-name.ts'
import type { Updated } from './update.ts'
import { type WriteContext, withRequestNamespace } from './write-context.ts'
import type { WriteOptions } from './write-options.ts'

const OPEN_BRACE = 0x7b
export const APPLY_PATCH = 'application/apply-patch+yaml'
const APPLY_CBOR = 'application/apply-patch+cbor'

/** Whether a patch is an apply, in YAML (and so in JSON) or in CBOR. */
export function isApply(request: ServerRequest): boolean {
  const type = mediaTypeOf(request)
  return type === APPLY_PATCH || type === APPLY_CBOR
}

/** Server-side apply: how a configuration becomes the new state of its object. */
export async function readApply(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
  options: WriteOptions,
): Promise<Updated> {
  const { kind } = resource
  const config = await readConfiguration(request, options)
  const manager = fieldManagerOf(resource, request.info.subresource)
  const applied = (current: KubeObject | undefined) => {
    const live = current && resource.fromStored(current)
    const given = applyOptions(options, context)
    const { object: result, managedFields } = manager.apply(live, config, given)
    if (current !== undefined && result === (live as object)) {
      // Another version than the stored one may say the same in another way.
      return withManagedFields(current, managedFields)
    }
    const value =
      kind.custom?.decodeApplied(result) ??
      decodeObject(kind, result, cannotBeConverted(config)).value
    const object = withRequestNamespace(complete(kind, value), request, resource)
    checkTarget(object, live, request, resource)
    return resource.toStored(withManagedFields(object, managedFields))
  }
  if (resource.family.size < 2) return applied
  return (current) => withConversions(() => applied(current))
}

/** The error for a configuration that fits the schema, but holds a value that cannot be read. */
function cannotBeConverted(config: Record<string, unknown>): (kind: Kind, why: string) => Error {
  return (_kind, why) => {
    const { apiVersion, kind } = config
    const reason = why
      .replace(
        /^json: cannot unmarshal number \S+ into Go struct field \S+ of type (u?int\d+)$/,
        'cannot convert float64 to $1',
      )
      .replace(/ Go struct field \S+ of type /, ' Go value of type ')
      .replace(/^(?=illegal base64)/, 'error decoding from json: ')
    const what = `failed to convert new object (${formatObject(config)}) to proper version`
    const how = `unable to convert unstructured object to ${formatKind(apiVersion, kind)}`
    return new StatusError('', `${what}: ${how}: ${reason}`)
  }
}

/** Who applies, when, and how resolutely. */
export function applyOptions(
  { fieldManager, force }: WriteOptions,
  { clock }: WriteContext,
): ApplyOptions {
  const time = formatTime(clock.now())
  return { manager: fieldManager, time, isForced: force === true }
}

/**
 * The body as it was sent: defaults are not part of what its manager wants. An apply must name its
 * manager.
 */
export async function readConfiguration(
  request: ServerRequest,
  { fieldManager, fieldValidation }: WriteOptions,
): Promise<Record<string, unknown>> {
  if (fieldManager === '') {
    const error = required(FieldPath.root.child('fieldManager'), 'is required for apply patch')
    throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [error])
  }
  const { value, problems } = await readYaml(request, fieldValidation !== 'Ignore')
  request.submitted = value
  if (value === null || value === undefined) return {}
  if (!isJsonObject(value)) {
    const what = `cannot unmarshal ${describeJson(value)} into Go value of type`
    const why = `while decoding JSON: json: ${what} map[string]interface {}`
    throw badRequest(`error decoding YAML: error unmarshaling JSON: ${why}`)
  }
  if (problems.length > 0 && fieldValidation === 'Strict') {
    const why = `error converting YAML to JSON: ${problems.join(', ')}`
    throw badRequest(`error strict decoding YAML: ${why}`)
  }
  request.addDecodingWarnings(problems)
  return value
}

async function readYaml(request: ServerRequest, findDuplicates: boolean) {
  if (request.object !== undefined) return { value: request.object, problems: [] }
  const bytes = await request.body()
  request.bodyBytes = bytes.length
  request.trace?.event('limitedReadBody succeeded', { len: bytes.length })
  if (mediaTypeOf(request) === APPLY_CBOR) return decodeCborConfiguration(bytes)
  try {
    const text = () => new TextDecoder().decode(bytes)
    const json = readJson(bytes)
    const document = json instanceof Promise ? await json : json
    return document ?? (await request.decodeYaml(text(), findDuplicates))
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    throw badRequest(`error decoding YAML: error converting YAML to JSON: ${error.message}`)
  }
}

/**
 * Most clients send JSON, which is YAML that can be read much faster. Whatever is special in it (an
 * error, a duplicate, a number that YAML reads otherwise, a character that only JSON may write as
 * two) is left to the reader of YAML.
 */
function readJson(
  bytes: Uint8Array,
): DecodedDocument | undefined | Promise<DecodedDocument | undefined> {
  if (bytes[0] !== OPEN_BRACE || hasSurrogates(bytes)) return undefined
  try {
    const document = decodeJsonBody(bytes, { findDuplicates: true })
    return document instanceof Promise ? document.then(plain, noJson) : plain(document)
  } catch (error) {
    return noJson(error)
  }
}

function hasSurrogates(bytes: Uint8Array): boolean {
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  return body.includes('\\ud') || body.includes('\\uD')
}

function plain(document: DecodedDocument): DecodedDocument | undefined {
  return document.problems.length === 0 ? document : undefined
}

function noJson(error: unknown): undefined {
  if (error instanceof CodecError || error instanceof JsonSyntaxError) return undefined
  throw error
}

/** The configuration must be of the object in the path, and of the one that is there. */
function checkTarget(
  object: KubeObject,
  live: KubeObject | undefined,
  { info }: ServerRequest,
  { store }: ServedResource,
): void {
  const { uid = '' } = object.metadata
  if (live === undefined && uid !== '') {
    const why = `the provided object specified uid ${uid}, and no existing object was found`
    throw conflict(store.kind, info.name, `uid mismatch: ${why}`)
  }
  checkName(object, info.name)
}

import { CodecError } from '../../machinery/codec/json.ts'
import { decodeYaml } from '../../machinery/codec/yaml.ts'
import { decodeObject } from '../../machinery/decode.ts'
import { FieldPath, required } from '../../machinery/field-error.ts'
import { isJsonObject } from '../../machinery/json-value.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { badRequest, conflict, invalidObject, StatusError } from '../../machinery/status-error.ts'
import { writeManagers } from '../apply/managed-fields.ts'
import { applyConfiguration } from '../apply/ownership.ts'
import { shapeOf } from '../apply/shape.ts'
import { managersOf, writerOf } from '../apply/track.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { withMetadata } from '../registry/strategy.ts'
import type { ServerRequest } from '../request.ts'
import { complete } from './read-object.ts'
import type { Updated } from './update.ts'
import { type WriteContext, withRequestNamespace } from './write-context.ts'
import type { WriteOptions } from './write-options.ts'

export const APPLY_PATCH = 'application/apply-patch+yaml'

/** Server-side apply: how a configuration becomes the new state of its object. */
export async function readApply(
  request: ServerRequest,
  resource: ServedResource,
  { clock }: WriteContext,
  options: WriteOptions,
): Promise<Updated> {
  if (options.fieldManager === '') {
    const error = required(FieldPath.root.child('fieldManager'), 'is required for apply patch')
    throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [error])
  }
  const { kind } = resource
  const config = await readConfiguration(request, kind, options)
  return (current) => {
    const live = current && resource.fromStored(current)
    const writer = writerOf(request, kind, 'Apply', clock.now())
    const applied = applyConfiguration(
      shapeOf(kind.schema),
      live ?? { metadata: {} },
      config,
      managersOf(kind, live),
      writer,
      options.force === true,
    )
    const { value } = decodeObject(kind, applied.object)
    const object = withRequestNamespace(complete(kind, value), request, resource)
    checkTarget(object, live, request, resource)
    const managedFields = writeManagers(applied.managers)
    return resource.toStored(withMetadata(object, { ...object.metadata, managedFields }))
  }
}

/** The body as it was sent: defaults are not part of what its manager wants. */
async function readConfiguration(
  request: ServerRequest,
  kind: Kind,
  { fieldValidation }: WriteOptions,
): Promise<Record<string, unknown>> {
  const { value, problems } = await readYaml(request, fieldValidation !== 'Ignore')
  if (!isJsonObject(value)) throw badRequest('error decoding YAML: it is no object')
  const { apiVersion, metadata } = value
  if (apiVersion !== kind.apiVersion) {
    throw badRequest(
      'Incorrect version specified in apply patch. ' +
        `Specified patch version: ${String(apiVersion ?? '')}, expected: ${kind.apiVersion}`,
    )
  }
  if (isJsonObject(metadata) && metadata['managedFields'] !== undefined) {
    throw badRequest('metadata.managedFields must be nil')
  }
  const unknown = decodeObject(kind, value).problems
  const [first] = unknown
  if (first !== undefined) throw undeclared(kind, value, first)
  if (problems.length > 0 && fieldValidation === 'Strict') {
    throw badRequest(`error strict decoding YAML: ${problems.join(', ')}`)
  }
  for (const problem of problems) request.addWarning(problem)
  return value
}

async function readYaml(request: ServerRequest, findDuplicates: boolean) {
  if (request.object !== undefined) return { value: request.object, problems: [] }
  try {
    return decodeYaml(new TextDecoder().decode(await request.body()), { findDuplicates })
  } catch (error) {
    if (!(error instanceof CodecError)) throw error
    throw badRequest(`error decoding YAML: ${error.message}`)
  }
}

/** A field without a type cannot have an owner: upstream answers this as a plain failure. */
function undeclared(kind: Kind, value: Record<string, unknown>, problem: string): StatusError {
  const { metadata = {} } = value as { metadata?: { namespace?: string; name?: string } }
  const { namespace = '', name = '' } = metadata
  const field = /^unknown field "(.*)"$/.exec(problem)?.[1] ?? problem
  const what = `${namespace}/${name}; ${kind.apiVersion}, Kind=${kind.kind}`
  return new StatusError(
    '',
    `failed to create typed patch object (${what}): .${field}: field not declared in schema`,
  )
}

/** The configuration must be of the object in the path, and of the one that is there. */
function checkTarget(
  object: KubeObject,
  live: KubeObject | undefined,
  { info }: ServerRequest,
  { store }: ServedResource,
): void {
  const { name = '', uid = '' } = object.metadata
  if (live === undefined && uid !== '') {
    const why = `the provided object specified uid ${uid}, and no existing object was found`
    throw conflict(store.kind, info.name, `uid mismatch: ${why}`)
  }
  if (name === info.name) return
  throw badRequest(
    `the name of the object (${name}) does not match the name on the URL (${info.name})`,
  )
}

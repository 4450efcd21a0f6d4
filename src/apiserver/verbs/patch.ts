import { decodeObject } from '../../machinery/decode.ts'
import { FieldPath, forbidden, invalid } from '../../machinery/field-error.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import {
  applyJsonPatch,
  jsonPatchProblems,
  readJsonPatch,
} from '../../machinery/patch/json-patch.ts'
import { applyMergePatch } from '../../machinery/patch/merge-patch.ts'
import { PatchError, statusOfPatchError } from '../../machinery/patch/patch-error.ts'
import { applyStrategicMergePatch } from '../../machinery/patch/strategic-merge.ts'
import { badRequest, invalidObject, notFound, StatusError } from '../../machinery/status-error.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { ServerRequest, ServerResponse } from '../request.ts'
import { APPLY_PATCH, readApply } from './apply.ts'
import { complete, mediaTypeOf, readPatch, unknownFormat } from './read-object.ts'
import { respondWith } from './respond.ts'
import { admitAndUpdate, type Updated, type UpdateRules } from './update.ts'
import { type WriteContext, withRequestNamespace } from './write-context.ts'
import { readWriteOptions, type WriteOptions } from './write-options.ts'

const JSON_PATCH = 'application/json-patch+json'
const MERGE_PATCH = 'application/merge-patch+json'
const STRATEGIC_MERGE_PATCH = 'application/strategic-merge-patch+json'

/** The new state of an untyped object. Throws the StatusError of a patch that does not fit. */
export type Patch = (object: unknown) => unknown

/** PATCH of an object, or of its `status`. */
export async function patch(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
  rules?: UpdateRules,
): Promise<ServerResponse> {
  const options = readWriteOptions(request, 'PatchOptions')
  if (options.force !== undefined && mediaTypeOf(request) !== APPLY_PATCH) {
    const path = FieldPath.root.child('force')
    const error = forbidden(path, 'may not be specified for non-apply patch')
    throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [error])
  }
  const isApply = mediaTypeOf(request) === APPLY_PATCH
  const updated = isApply
    ? await readApply(request, resource, context, options)
    : await readUpdated(request, resource, options)
  const { isDryRun } = options
  const change = { updated, isApply, isDryRun }
  const outcome = await admitAndUpdate(request, resource, context, change, rules)
  const code = outcome.type === 'created' ? 201 : 200
  return respondWith(request, resource, outcome.stored, code, { now: context.clock.now() })
}

/** What a patch makes of the present state of its object. */
async function readUpdated(
  request: ServerRequest,
  resource: ServedResource,
  options: WriteOptions,
): Promise<Updated> {
  const apply = await readPatchOf(request, resource.kind, options)
  return (current) => {
    if (current === undefined) throw notFound(resource.kind, request.info.name)
    const before = resource.fromStored(current)
    const after = decodePatched(request, resource.kind, apply(before), options)
    checkName(after, before)
    return resource.toStored(withRequestNamespace(after, request, resource))
  }
}

/** The body as a patch of one kind's objects; 415 for what is none. */
export async function readPatchOf(
  request: ServerRequest,
  kind: Kind,
  { fieldValidation }: WriteOptions,
): Promise<Patch> {
  const type = mediaTypeOf(request)
  const known = [JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH]
  if (!known.includes(type)) throw unknownFormat([...known, APPLY_PATCH])
  const { value, problems: duplicates } = await readPatch(request, fieldValidation)
  if (fieldValidation === 'Strict' && duplicates.length > 0) {
    throw badRequest(`strict decoding error: ${duplicates.join(', ')}`)
  }
  for (const problem of duplicates) request.addWarning(problem)
  switch (type) {
    case JSON_PATCH: {
      const operations = readOrThrow(() => readJsonPatch(value))
      const problems = jsonPatchProblems(operations)
      if (fieldValidation === 'Strict' && problems.length > 0) {
        throw badRequest(`strict decoding error: ${problems.join(', ')}`)
      }
      if (fieldValidation === 'Warn') for (const problem of problems) request.addWarning(problem)
      return (object) => readOrThrow(() => applyJsonPatch(object, operations))
    }
    case MERGE_PATCH:
      return (object) => readOrThrow(() => applyMergePatch(object, value))
    default:
      return (object) => readOrThrow(() => applyStrategicMergePatch(kind.schema, object, value))
  }
}

function readOrThrow<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof PatchError ? statusOfPatchError(error) : error
  }
}

/** What a patch makes must still be an object of the kind; 422 says why it is not. */
export function decodePatched(
  request: ServerRequest,
  kind: Kind,
  value: unknown,
  { fieldValidation }: WriteOptions,
): KubeObject {
  let decoded: ReturnType<typeof decodeObject>
  try {
    decoded = decodeObject(kind, value)
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    throw unfit(value, error.message)
  }
  const { value: object, problems } = decoded
  if (problems.length > 0 && fieldValidation === 'Strict') {
    throw unfit(value, `strict decoding error: ${problems.join(', ')}`)
  }
  if (fieldValidation === 'Warn') for (const problem of problems) request.addWarning(problem)
  return complete(kind, object)
}

function unfit(value: unknown, why: string): StatusError {
  const error = invalid(FieldPath.root.child('patch'), value, why)
  return invalidObject({ group: '', kind: '' }, '', [error])
}

/** A patch addresses one object and cannot make it another. */
function checkName({ metadata }: KubeObject, before: KubeObject): void {
  const { name = '' } = metadata ?? {}
  if (name === before.metadata.name) return
  throw badRequest(
    `the name of the object (${name}) does not match the name on the URL ` +
      `(${before.metadata.name})`,
  )
}

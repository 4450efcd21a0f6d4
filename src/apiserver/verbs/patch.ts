import { FieldPath, forbidden } from '../../machinery/field-error.ts'
import { invalidObject, notFound } from '../../machinery/status-error.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { isApply, readApply } from './apply.ts'
import { readPatchOf } from './read-patch.ts'
import { checkName } from './request-name.ts'
import { respondWith } from './respond.ts'
import { admitAndUpdate, type Updated, type UpdateRules } from './update.ts'
import { type WriteContext, withRequestNamespace } from './write-context.ts'
import { readWriteOptions, type WriteOptions } from './write-options.ts'

/** PATCH of an object, or of its `status`. */
export async function patch(
  request: ServerRequest,
  resource: ServedResource,
  context: WriteContext,
  rules?: UpdateRules,
): Promise<ServerResponse> {
  const options = readWriteOptions(request, 'PatchOptions')
  const applies = isApply(request)
  if (options.force !== undefined && !applies) {
    const path = FieldPath.root.child('force')
    const error = forbidden(path, 'may not be specified for non-apply patch')
    throw invalidObject({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [error])
  }
  const updated = applies
    ? await readApply(request, resource, context, options)
    : await readUpdated(request, resource, options)
  const { isDryRun } = options
  const change = { updated, isApply: applies, isDryRun }
  const outcome = await admitAndUpdate(request, resource, context, change, rules)
  request.trace?.event('Object stored in database')
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
    request.trace?.event('About to apply patch')
    const after = apply(before)
    checkName(after, request.info.name)
    return resource.toStored(withRequestNamespace(after, request, resource))
  }
}

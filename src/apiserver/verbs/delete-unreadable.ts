import { type FieldErrors, FieldPath, invalid } from '../../machinery/field-error.ts'
import type { DeleteOptions } from '../../machinery/meta-options.ts'
import {
  forbiddenError,
  internalError,
  invalidObject,
  type StatusError,
} from '../../machinery/status-error.ts'
import { attributesOf } from '../authorization/authorizer.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { respondWithObject } from './respond.ts'
import type { WriteContext } from './write-context.ts'

const OPTION = 'ignoreStoreReadErrorWithClusterBreakingPotential'
const PATH = FieldPath.root.child(OPTION)
/** What one must be allowed beside `delete`. */
const VERB = 'unsafe-delete-ignore-read-errors'
const EXCLUSIVE = [
  'dryRun',
  'propagationPolicy',
  'orphanDependents',
  'gracePeriodSeconds',
  'preconditions',
] as const

/** Nothing else can be asked of a deletion that looks at nothing (ValidateIgnoreStoreReadError). */
export function* validateIgnoreReadError(options: DeleteOptions): FieldErrors {
  if (options[OPTION] !== true) return
  for (const name of EXCLUSIVE) {
    const value = options[name]
    const isSet = Array.isArray(value) ? value.length > 0 : value !== undefined
    if (isSet) yield invalid(PATH, true, `cannot be set together with .${name}`)
  }
}

/** A collection holds no objects that cannot be read. */
export function refuseForCollection(options: DeleteOptions): void {
  if (options[OPTION] !== true) return
  const why = 'is not allowed with DELETECOLLECTION, try again after removing the option'
  const kind = { group: 'meta.k8s.io', kind: 'DeleteOptions' }
  throw invalidObject(kind, '', [invalid(PATH, true, why)])
}

/**
 * DELETE of what is stored but cannot be read, for those who may do so. Upstream has this behind
 * the gate AllowUnsafeMalformedObjectDeletion; here it is on, since the right to it is given to
 * nobody but administrators, and there is no other way to get rid of such an object.
 */
export async function deleteUnreadable(
  request: ServerRequest,
  resource: ServedResource,
  { authorizer }: WriteContext,
): Promise<ServerResponse> {
  const { namespace, name } = request.info
  request.auditAnnotations.set('apiserver.k8s.io/unsafe-delete-ignore-read-error', '')
  if (authorizer === undefined || request.user === undefined) {
    throw internalError('no authorizer provided, unable to authorize unsafe delete')
  }
  const attributes = { ...attributesOf(request, request.user), verb: VERB }
  const { verdict, reason } = await authorizer.authorize(attributes)
  if (verdict !== 'Allow') {
    const why = `not permitted to do ${JSON.stringify(VERB)}, reason: ${reason}`
    throw forbiddenError(resource.kind, name, why)
  }
  const { store, kind } = resource
  const isGone = await store.removeUnreadable(store.isNamespaced ? namespace : '', name)
  if (!isGone) throw notCorrupt(resource, name)
  const success = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
  return respondWithObject({ ...success, details: { name, kind: kind.kind }, code: 200 })
}

/** Upstream names the resource where a kind would stand. */
function notCorrupt({ kind }: ServedResource, name: string): StatusError {
  const why = 'is exclusively used to delete corrupt object(s), try again by removing this option'
  const resource = { group: kind.group, kind: kind.plural }
  return invalidObject(resource, name, [invalid(PATH, true, why)])
}

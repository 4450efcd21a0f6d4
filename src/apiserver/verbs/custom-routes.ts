import type { Kind, Verb } from '../../machinery/kind.ts'
import { badRequest, formatResource, notFound, StatusError } from '../../machinery/status-error.ts'
import type { ServerRequest } from '../request.ts'
import { APPLY_PATCH, isApply } from './apply.ts'
import { mediaTypeOf, unknownFormat } from './read-object.ts'

const SUBRESOURCE_VERBS: readonly Verb[] = ['get', 'update', 'patch']
const PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json', APPLY_PATCH]

/** Whether a path has the scope of a custom kind: nobody answers it otherwise. */
export function isCustomPath({ info }: ServerRequest, { scope }: Kind): boolean {
  const { namespace, verb } = info
  if (scope !== 'Namespaced') return namespace === ''
  return namespace !== '' || verb === 'list' || verb === 'watch'
}

/**
 * Refuses what the path of a custom kind does not take. These paths come and go, so that upstream
 * has no routes for them and answers otherwise than for kinds that are always there.
 */
export function checkCustomRoute(request: ServerRequest, kind: Kind): void {
  const { subresource, verb, name } = request.info
  if (subresource !== '' && !hasSubresource(kind, subresource)) throw notFound(kind, name)
  const verbs = subresource === '' ? kind.verbs : SUBRESOURCE_VERBS
  if (!verbs.some((one) => one === verb)) throw notSupported(kind, verb)
  if (name === '' && (verb === 'update' || verb === 'patch' || verb === 'get')) {
    throw badRequest('name must be provided')
  }
  if (verb !== 'patch' || isApply(request) || PATCH_TYPES.includes(mediaTypeOf(request))) return
  throw unknownFormat(PATCH_TYPES)
}

function hasSubresource(kind: Kind, subresource: string): boolean {
  if (subresource === 'status') return kind.hasStatusSubresource === true
  return subresource === 'scale' && kind.scale !== undefined
}

/** 405 for a verb that a resource's routes would let through. */
export function notSupported({ group, plural }: Kind, verb: string): StatusError {
  const resource = JSON.stringify(formatResource({ group, plural }))
  return new StatusError(
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind ${resource}`,
    { details: { ...(group !== '' && { group }), kind: plural } },
  )
}

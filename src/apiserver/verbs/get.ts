import { badRequest, notFound } from '../../machinery/status-error.ts'
import { parseResourceVersion } from '../registry/resource-version.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { Answer, ServerRequest, ServerResponse } from '../request.ts'
import { isTrue } from '../request-info.ts'
import { type RespondContext, respondWith } from './respond.ts'

const EXPORT = 'the export parameter, deprecated since v1.14, is no longer supported'

/** GET of one object: at once, where the cache is known to be fresh. */
export function get(
  request: ServerRequest,
  resource: ServedResource,
  context: RespondContext,
): Answer {
  const { cache } = resource.store
  if (isTrue(request.query.get('export'))) throw badRequest(EXPORT)
  const answer = () => respond(request, resource, context)
  const version = request.query.get('resourceVersion') ?? ''
  if (version !== '') return cache.notOlderThan(parseResourceVersion(version)).then(answer)
  return cache.isFresh ? answer() : cache.fresh().then(answer)
}

function respond(
  request: ServerRequest,
  resource: ServedResource,
  context: RespondContext,
): ServerResponse {
  const { namespace, name } = request.info
  const { store } = resource
  const stored = store.cache.get(store.isNamespaced ? namespace : '', name)
  if (stored === undefined) throw notFound(resource.kind, name)
  return respondWith(request, resource, stored, 200, context)
}

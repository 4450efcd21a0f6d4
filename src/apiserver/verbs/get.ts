import { notFound } from '../../machinery/status-error.ts'
import { parseResourceVersion } from '../registry/resource-version.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { ServerRequest, ServerResponse } from '../request.ts'
import { type RespondContext, respondWith } from './respond.ts'

/** GET of one object. */
export async function get(
  request: ServerRequest,
  resource: ServedResource,
  context: RespondContext,
): Promise<ServerResponse> {
  const { namespace, name } = request.info
  const { store } = resource
  const version = request.query.get('resourceVersion') ?? ''
  if (version !== '') await store.cache.notOlderThan(parseResourceVersion(version))
  else if (!store.cache.isFresh) await store.cache.fresh()
  const stored = store.cache.get(store.isNamespaced ? namespace : '', name)
  if (stored === undefined) throw notFound(resource.kind, name)
  return respondWith(request, resource, stored, 200, context)
}

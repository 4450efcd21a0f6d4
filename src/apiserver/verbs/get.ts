import { andThen } from '../../base/eventual.ts'
import { badRequest, notFound } from '../../machinery/status-error.ts'
import type { Answer } from '../handler.ts'
import { parseResourceVersion } from '../registry/resource-version.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { StoredObject } from '../registry/stored-object.ts'
import type { ServerRequest } from '../request.ts'
import { isTrue } from '../request-info.ts'
import { checkAcceptable } from './negotiate.ts'
import { type RespondContext, respondWith } from './respond.ts'

const EXPORT = 'the export parameter, deprecated since v1.14, is no longer supported'

/** GET of one object: at once, where the cache is known to be fresh. */
export function get(
  request: ServerRequest,
  resource: ServedResource,
  context: RespondContext,
): Answer {
  const { store } = resource
  const { cache } = store
  if (isTrue(request.query.get('export'))) throw badRequest(EXPORT)
  const { name } = request.info
  const namespace = store.isNamespaced ? request.info.namespace : ''
  const answer = (stored: StoredObject | undefined) => {
    if (stored === undefined) {
      checkAcceptable(request, resource.kind)
      throw notFound(resource.kind, name)
    }
    return respondWith(request, resource, stored, 200, context)
  }
  request.trace?.event('About to Get from storage')
  const version = request.query.get('resourceVersion') ?? ''
  if (version !== '') {
    const known = cache.notOlderThan(parseResourceVersion(version))
    return known.then(() => answer(cache.get(namespace, name)))
  }
  const { trace } = request
  if (trace === undefined) return andThen(store.find(namespace, name), answer)
  const key = store.keyOf(namespace, name).slice('/registry'.length)
  const about = { key, 'resource-version': version }
  return trace.during('cacher.Get', about, () => store.find(namespace, name)).then(answer)
}

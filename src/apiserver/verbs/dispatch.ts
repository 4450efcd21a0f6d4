import type { Kind } from '../../machinery/kind.ts'
import { formatResource, StatusError } from '../../machinery/status-error.ts'
import type { Answer, Handler } from '../handler.ts'
import type { ResourceTable } from '../registry/resource-table.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { hasStatusSubresource } from '../registry/strategy.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { create } from './create.ts'
import { checkCustomRoute, isCustomPath, notSupported } from './custom-routes.ts'
import { deleteCollection, deleteObject } from './delete.ts'
import { noteDeprecation } from './deprecations.ts'
import { get } from './get.ts'
import { list } from './list.ts'
import { checkAcceptable, refuseTables } from './negotiate.ts'
import { patch } from './patch.ts'
import { checkRoute, noSuchPath, notAllowed } from './routes.ts'
import { update } from './update.ts'
import { watch } from './watch.ts'
import type { WriteContext } from './write-context.ts'

/** All that verbs need. */
export interface VerbContext extends WriteContext {
  readonly resources: ResourceTable
}

/** Answers a request for one subresource, whatever its verb. */
export type SubresourceHandler = (
  request: ServerRequest,
  resource: ServedResource,
  context: VerbContext,
) => Answer

/** Answers a kind that is not stored, such as a SubjectAccessReview. */
export type VirtualHandler = (
  request: ServerRequest,
  kind: Kind,
  context: VerbContext,
) => Promise<ServerResponse>

export interface DispatchOptions extends VerbContext {
  /**
   * By `group/plural/subresource`, without `status`; `/pods/log` for instance. `(custom)/scale` is
   * that of all custom resources.
   */
  readonly subresources: ReadonlyMap<string, SubresourceHandler>
  /** By `group/plural`. */
  readonly virtual: ReadonlyMap<string, VirtualHandler>
  /** See `WatchContext`. */
  readonly shortestWatchSeconds?: number | undefined
  /** Whatever is no resource request: discovery, OpenAPI, health. */
  readonly others: Handler
}

/** The end of a request's way: its verb. */
export function dispatch(options: DispatchOptions): Handler {
  return (request) => {
    const { info } = request
    if (!info.isResourceRequest) return options.others(request)
    const { group, version, resource: plural, subresource } = info
    const virtual = options.resources.findVirtual(group, version, plural)
    if (virtual !== undefined) {
      if (!request.isInProcess) checkRoute(request, virtual)
      return answerVirtual(request, virtual, options)
    }
    const resource = options.resources.find(group, version, plural)
    if (resource === undefined) return options.others(request)
    if (resource.kind.custom !== undefined) {
      if (!isCustomPath(request, resource.kind)) return options.others(request)
      noteDeprecation(request, resource.kind)
      checkCustomRoute(request, resource.kind)
    } else {
      if (!request.isInProcess) checkRoute(request, resource.kind)
      noteDeprecation(request, resource.kind)
    }
    if (resource.store.isNamespaced !== (info.namespace !== '') && !isNamespaceItself(request)) {
      // Only lists and watches reach across namespaces.
      if (!resource.store.isNamespaced) throw noSuchPath()
      if (info.verb !== 'list' && info.verb !== 'watch')
        throw info.name === '' ? notAllowed() : noSuchPath()
    }
    if (subresource === '') return answerMain(request, resource, options)
    return answerSubresource(request, resource, options)
  }
}

/** The namespace of `/api/v1/namespaces/x` is x, though the resource has cluster scope. */
function isNamespaceItself({ info }: ServerRequest): boolean {
  return info.group === '' && info.resource === 'namespaces'
}

function answerMain(
  request: ServerRequest,
  resource: ServedResource,
  options: DispatchOptions,
): Answer {
  const { verb, name } = request.info
  const { clock } = options
  if (!resource.kind.verbs.some((one) => one === verb)) throw notAllowed()
  const isCollection = verb === 'list' || verb === 'watch' || verb === 'deletecollection'
  const isPlaced = isCollection || (name === '') === (verb === 'create')
  if (!isPlaced && resource.kind.custom === undefined) throw notAllowed()
  if (verb !== 'get') checkAcceptable(request, resource.kind)
  switch (verb) {
    case 'get':
      return get(request, resource, { now: clock.now() })
    case 'list':
      return list(request, resource, { now: clock.now() })
    case 'watch':
      return watch(request, resource, options)
    case 'create':
      return create(request, resource, options)
    case 'update':
      return update(request, resource, options)
    case 'patch':
      return patch(request, resource, options)
    case 'delete':
      return deleteObject(request, resource, options)
    case 'deletecollection':
      return deleteCollection(request, resource, options)
    default:
      throw notAllowed()
  }
}

async function answerSubresource(
  request: ServerRequest,
  resource: ServedResource,
  options: DispatchOptions,
): Promise<ServerResponse> {
  const { subresource, verb } = request.info
  const { kind } = resource
  const handler = options.subresources.get(
    kind.custom === undefined
      ? `${kind.group}/${kind.plural}/${subresource}`
      : `(custom)/${subresource}`,
  )
  if (handler !== undefined) return handler(request, resource, options)
  if (subresource !== 'status' || !hasStatusSubresource(kind)) throw noSuchPath()
  if (verb === 'get') return get(request, resource, { now: options.clock.now() })
  if (verb !== 'update' && verb !== 'patch') throw notAllowed()
  checkAcceptable(request, kind)
  return verb === 'update' ? update(request, resource, options) : patch(request, resource, options)
}

function answerVirtual(
  request: ServerRequest,
  kind: Kind,
  options: DispatchOptions,
): Promise<ServerResponse> {
  const handler = options.virtual.get(`${kind.group}/${kind.plural}`)
  if (handler === undefined) {
    throw new StatusError('NotFound', `${formatResource(kind)} are not served here`)
  }
  const { verb } = request.info
  if (verb === 'watch' && kind.verbs.includes('list')) {
    noteDeprecation(request, kind)
    throw notSupported(kind, verb)
  }
  if (!kind.verbs.some((one) => one === verb)) throw notAllowed()
  if (verb === 'create') refuseTables(request, kind)
  noteDeprecation(request, kind)
  return handler(request, kind, options)
}

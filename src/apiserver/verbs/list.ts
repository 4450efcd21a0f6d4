import { type FieldError, FieldPath, forbidden, notSupported } from '../../machinery/field-error.ts'
import { badRequest, invalidObject } from '../../machinery/status-error.ts'
import { CompactedError, FutureRevisionError, type Storage } from '../../storage/storage.ts'
import {
  continueTooOld,
  decodeContinue,
  encodeContinue,
  INCONSISTENT,
} from '../registry/continue-token.ts'
import {
  listTooOld,
  parseListVersion,
  tooLargeResourceVersion,
} from '../registry/resource-version.ts'
import { matcherOf, type Selection } from '../registry/selection.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { StoredObject } from '../registry/stored-object.ts'
import type { ServerRequest, ServerResponse } from '../request.ts'
import { readQueryInteger } from './query-integer.ts'
import { readSelection } from './read-selection.ts'
import { type ListInfo, type RespondContext, respondWithList } from './respond.ts'

/** How much of a list is wanted, and of which revision. */
export interface ListOptions {
  /** 0 for all. */
  readonly limit: number
  readonly continue: string
  readonly resourceVersion: string
  readonly match: string
}

export interface ListPage {
  readonly items: readonly StoredObject[]
  readonly info: ListInfo
}

/** GET of a collection. */
export async function list(
  request: ServerRequest,
  resource: ServedResource,
  context: RespondContext,
): Promise<ServerResponse> {
  const page = await listPage(request, resource)
  return respondWithList(request, resource, page.items, page.info, context)
}

/** The objects that a request selects, by upstream's rules for versions and pages. */
export async function listPage(
  request: ServerRequest,
  resource: ServedResource,
): Promise<ListPage> {
  const options = readListOptions(request)
  const selection = readSelection(request, resource)
  const { cache, storage } = resource.store
  if (options.continue !== '') {
    if (!['', '0'].includes(options.resourceVersion)) {
      throw badRequest('specifying resource version is not allowed when using continue')
    }
    return continuePage(resource, storage, selection, options)
  }
  const revision = parseListVersion(options.resourceVersion)
  if (options.resourceVersion === '') await cache.fresh()
  else await cache.notOlderThan(revision)
  const isExact = options.match === 'Exact' && revision !== cache.revision
  if (isExact) return exactPage(resource, storage, selection, options, revision)
  return cachedPage(resource, selection, options)
}

/**
 * How much of a collection a list asks for. Throws what upstream answers for options that are none,
 * 422 for those that do not go together.
 */
export function readListOptions({ query }: ServerRequest): ListOptions {
  const resourceVersion = query.get('resourceVersion') ?? ''
  if (query.has('timeoutSeconds')) readQueryInteger(query, 'timeoutSeconds')
  const limit = Math.max(0, readQueryInteger(query, 'limit') ?? 0)
  const options = {
    // Whoever takes any state gets all of it at once, as from upstream's cache.
    limit: resourceVersion === '0' ? 0 : limit,
    continue: query.get('continue') ?? '',
    resourceVersion,
    match: query.get('resourceVersionMatch') ?? '',
  }
  const errors = [...checkListOptions(options, query.get('sendInitialEvents') !== null)]
  if (errors.length > 0) {
    throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
  }
  return options
}

function* checkListOptions(
  options: ListOptions,
  sendsInitialEvents: boolean,
): Iterable<FieldError> {
  const path = FieldPath.root.child('resourceVersionMatch')
  const { match } = options
  if (match !== '') {
    if (options.resourceVersion === '') {
      const why = 'resourceVersionMatch is forbidden unless resourceVersion is provided'
      yield forbidden(path, why)
    }
    if (options.continue !== '') {
      yield forbidden(path, 'resourceVersionMatch is forbidden when continue is provided')
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      yield notSupported(path, match, ['Exact', 'NotOlderThan', ''])
    }
    if (match === 'Exact' && options.resourceVersion === '0') {
      const why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
      yield forbidden(path, why)
    }
  }
  if (!sendsInitialEvents) return
  yield forbidden(
    FieldPath.root.child('sendInitialEvents'),
    'sendInitialEvents is forbidden for list',
  )
}

function cachedPage(
  { store }: ServedResource,
  selection: Selection,
  { limit }: ListOptions,
): ListPage {
  const { cache } = store
  const { revision } = cache
  const resourceVersion = String(revision)
  const items = cache.list(selection)
  if (limit === 0 || items.length <= limit) return { items, info: { resourceVersion } }
  const page = items.slice(0, limit)
  const last = page.at(-1)?.key ?? ''
  const hasPredicate = selection.predicate !== undefined || selection.name !== ''
  return {
    items: page,
    info: {
      resourceVersion,
      continue: encodeContinue({ revision, startKey: `${last.slice(store.prefix.length)}\0` }),
      remainingItemCount: hasPredicate ? undefined : items.length - limit,
    },
  }
}

async function exactPage(
  resource: ServedResource,
  storage: Storage,
  selection: Selection,
  { limit }: ListOptions,
  revision: number,
): Promise<ListPage> {
  const { prefix } = resource.store
  try {
    return await storagePage(resource, storage, selection, { revision, startKey: prefix, limit })
  } catch (error) {
    throw error instanceof CompactedError ? listTooOld() : error
  }
}

async function continuePage(
  resource: ServedResource,
  storage: Storage,
  selection: Selection,
  { continue: token, limit }: ListOptions,
): Promise<ListPage> {
  const { prefix, cache } = resource.store
  const { revision, startKey } = decodeContinue(token)
  const from = { startKey: `${prefix}${startKey}`, limit }
  if (revision !== INCONSISTENT) {
    try {
      return await storagePage(resource, storage, selection, { ...from, revision })
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error
      throw continueTooOld(startKey)
    }
  }
  await cache.fresh()
  return storagePage(resource, storage, selection, { ...from, revision: cache.revision })
}

/** Objects as they were: read from the storage, until the page is full or the prefix ends. */
async function storagePage(
  { store }: ServedResource,
  storage: Storage,
  selection: Selection,
  from: { readonly revision: number; readonly startKey: string; readonly limit: number },
): Promise<ListPage> {
  const { revision, limit } = from
  const matches = matcherOf({ ...selection, indexKey: undefined })
  const prefix = selection.namespace === '' ? store.prefix : store.keyOf(selection.namespace, '')
  const items: StoredObject[] = []
  let startKey = from.startKey
  for (;;) {
    const wanted = limit === 0 ? {} : { limit: limit - items.length }
    const found = await readAt(storage, prefix, { revision, startKey, ...wanted })
    for (const { key, value, modRevision } of found.items) {
      const stored = new StoredObject(store.cache.bytes, key, value, modRevision)
      if (store.cache.isReadable(stored) && (matches?.(stored) ?? true)) items.push(stored)
    }
    const last = found.items.at(-1)?.key ?? ''
    startKey = `${last}\0`
    if (!found.more) return { items, info: { resourceVersion: String(revision) } }
    if (items.length < limit) continue
    const hasPredicate = selection.predicate !== undefined || selection.name !== ''
    return {
      items,
      info: {
        resourceVersion: String(revision),
        continue: encodeContinue({ revision, startKey: startKey.slice(store.prefix.length) }),
        remainingItemCount: hasPredicate ? undefined : found.count - found.items.length,
      },
    }
  }
}

async function readAt(
  storage: Storage,
  prefix: string,
  options: { readonly revision: number; readonly startKey: string; readonly limit?: number },
) {
  try {
    return await storage.list(prefix, options)
  } catch (error) {
    if (error instanceof FutureRevisionError) {
      throw tooLargeResourceVersion(options.revision, error.currentRevision)
    }
    throw error
  }
}

import { type FieldError, FieldPath, forbidden, notSupported } from '../../machinery/field-error.ts'
import { badRequest, formatResource, invalidObject } from '../../machinery/status-error.ts'
import { CompactedError, type Storage } from '../../storage/storage.ts'
import {
  continueTooOld,
  decodeContinue,
  encodeContinue,
  INCONSISTENT,
} from '../registry/continue-token.ts'
import { selectInPortions } from '../registry/in-portions.ts'
import { listTooOld, parseListVersion } from '../registry/resource-version.ts'
import type { Selection } from '../registry/selection.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { StoredObject } from '../registry/stored-object.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { readQueryInteger } from './query-integer.ts'
import { readSelection } from './read-selection.ts'
import { type ListInfo, type RespondContext, respondWithList } from './respond.ts'
import { type PageStart, prefixOf, storagePage } from './storage-page.ts'

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
  const { trace } = request
  const page = await (trace === undefined
    ? listPage(request, resource)
    : trace.during('cacher.GetList', { type: formatResource(resource.kind) }, () =>
        listPage(request, resource),
      ))
  return respondWithList(request, resource, page.items, page.info, context)
}

/**
 * The objects that a request selects, by upstream's rules for versions and pages. `isPaged` for
 * those that upstream reads in pages of its own, so that a version means exactly that one.
 */
export async function listPage(
  request: ServerRequest,
  resource: ServedResource,
  isPaged = false,
): Promise<ListPage> {
  const options = readListOptions(request)
  const selection = readSelection(request, resource)
  const { cache, storage } = resource.store
  if (options.continue !== '') {
    return continuePage(resource, storage, selection, options)
  }
  const revision = parseListVersion(options.resourceVersion)
  if (options.resourceVersion === '') {
    await cache.fresh()
    resource.store.statistics.consistentReads++
  } else await cache.notOlderThan(revision)
  request.trace?.event('watchCache fresh enough')
  // One object by its name is read as such, which knows no pages.
  const isOne =
    selection.name !== '' && (selection.namespace !== '' || !resource.store.isNamespaced)
  if (isExact(options, isOne, isPaged) && revision !== cache.revision) {
    return exactPage(resource, storage, selection, options, revision)
  }
  const page = await cachedPage(resource, selection, options)
  request.trace?.event('Listed items from cache', { count: page.items.length })
  return page
}

/** Pages are of exactly the version that is asked for, unless that says otherwise. */
function isExact(
  { match, limit, resourceVersion }: ListOptions,
  isOne: boolean,
  isPaged: boolean,
): boolean {
  if (match !== '') return match === 'Exact'
  if (isOne) return false
  if (isPaged && resourceVersion !== '0') return resourceVersion !== ''
  return limit > 0 && resourceVersion !== ''
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

/** Some of the newest state, from a key on if one is given. */
async function cachedPage(
  { store }: ServedResource,
  selection: Selection,
  { limit, startKey }: { readonly limit: number; readonly startKey?: string },
  resourceVersion = store.cache.revision,
): Promise<ListPage> {
  const { candidates: all, matches } = store.cache.select(selection)
  const candidates = startKey === undefined ? all : all.slice(indexOfKey(all, startKey))
  const selected = selectInPortions(candidates, matches, limit)
  const { items, seen } = selected instanceof Promise ? await selected : selected
  store.statistics.noteList(selection.indexKey?.index ?? '', seen, items.length)
  const info = { resourceVersion: String(resourceVersion) }
  if (seen === candidates.length) return { items, info }
  const last = items.at(-1)?.key ?? ''
  const hasPredicate = selection.predicate !== undefined || selection.name !== ''
  return {
    items,
    info: {
      ...info,
      continue: encodeContinue({
        revision: resourceVersion,
        startKey: `${last.slice(prefixOf(store, selection).length)}\0`,
      }),
      remainingItemCount: hasPredicate ? undefined : candidates.length - seen,
    },
  }
}

/** Where the keys begin that are not before this one. */
function indexOfKey(ordered: readonly StoredObject[], key: string): number {
  let low = 0
  let high = ordered.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ordered[middle] as StoredObject).key < key) low = middle + 1
    else high = middle
  }
  return low
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
    return await pageAt(resource, storage, selection, { revision, startKey: prefix, limit })
  } catch (error) {
    throw error instanceof CompactedError ? listTooOld() : error
  }
}

async function continuePage(
  resource: ServedResource,
  storage: Storage,
  selection: Selection,
  { continue: token, limit, resourceVersion }: ListOptions,
): Promise<ListPage> {
  const { cache } = resource.store
  const { revision, startKey } = decodeContinue(token)
  if (!['', '0'].includes(resourceVersion)) {
    throw badRequest('specifying resource version is not allowed when using continue')
  }
  const from = { startKey: `${prefixOf(resource.store, selection)}${startKey}`, limit }
  if (revision !== INCONSISTENT) {
    try {
      return await pageAt(resource, storage, selection, { ...from, revision })
    } catch (error) {
      if (!(error instanceof CompactedError)) throw error
      throw continueTooOld(startKey)
    }
  }
  await cache.fresh()
  return pageAt(resource, storage, selection, { ...from, revision: cache.revision })
}

/** A page of the state of a revision: from the cache where that is still the state. */
function pageAt(
  resource: ServedResource,
  storage: Storage,
  selection: Selection,
  from: PageStart,
): Promise<ListPage> {
  const { revision } = from
  // Of another server's compaction only the storage knows.
  const isHere = storage.isShared !== true && storage.compactedRevision() <= revision
  if (!isHere || !resource.store.cache.isStateOf(revision)) {
    return storagePage(resource, storage, selection, from)
  }
  return cachedPage(resource, selection, from, revision)
}

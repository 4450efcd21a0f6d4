import type { Clock } from '../../base/clock.ts'
import type { Random } from '../../base/random.ts'
import { zeroObject } from '../../machinery/apply/zero-object.ts'
import { type FieldError, FieldPath, forbidden, notSupported } from '../../machinery/field-error.ts'
import type { Kind } from '../../machinery/kind.ts'
import { formatResource, invalidObject, StatusError } from '../../machinery/status-error.ts'
import { CBOR_SEQUENCE } from '../cbor/media-type.ts'
import { negotiate as negotiateMedia, notAcceptable } from '../listener/accept.ts'
import { PROTOBUF } from '../protobuf/media-type.ts'
import type { CacheWatcher } from '../registry/cache-watcher.ts'
import type { ResourceCache } from '../registry/resource-cache.ts'
import { parseResourceVersion } from '../registry/resource-version.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import type { View } from '../registry/view.ts'
import type { BookmarkNames } from '../registry/watch-frame.ts'
import type { ServerRequest } from '../request.ts'
import { isTrue } from '../request-info.ts'
import type { ServerResponse } from '../response.ts'
import { wantsWebSocket, watchOverWebSocket } from '../streaming/websocket-answer.ts'
import { watchFormatOf } from '../watch-format.ts'
import { negotiate } from './negotiate.ts'
import { partialMetadataNames, partialMetadataView } from './partial-metadata.ts'
import { readQueryInteger } from './query-integer.ts'
import { readSelection } from './read-selection.ts'
import { tableBookmark, tableView } from './table-view.ts'

const YAML = 'application/yaml'
/** What upstream's `--min-request-timeout` is by default. */
const SHORTEST_WATCH_SECONDS = 1800

/** So long before a watch's end its last bookmark comes (upstream's). */
const LAST_BOOKMARK_SECONDS = 2

export interface WatchContext {
  readonly clock: Clock
  readonly random: Random
  /** A watch without a timeout of its own lasts between one and two of these; 1800 when absent. */
  readonly shortestWatchSeconds?: number | undefined
}

interface WatchOptions {
  readonly resourceVersion: string
  readonly match: string
  readonly sendInitialEvents: boolean | undefined
  readonly allowWatchBookmarks: boolean
  readonly timeoutSeconds: number
}

/** GET of a collection with `watch=true`. */
export async function watch(
  request: ServerRequest,
  resource: ServedResource,
  { clock, random, shortestWatchSeconds = SHORTEST_WATCH_SECONDS }: WatchContext,
): Promise<ServerResponse> {
  const options = readWatchOptions(request)
  const selection = readSelection(request, resource)
  const { cache } = resource.store
  const { resourceVersion, sendInitialEvents } = options
  const revision = parseResourceVersion(resourceVersion)
  const beginsWithState = sendInitialEvents ?? revision === 0
  const failure = beginsWithState && revision > 0 ? await reach(cache, revision) : undefined
  if (!beginsWithState || revision === 0) await newest(cache, request)
  const { contentType, ...views } = watchViews(request, resource, () => clock.now())
  const hasState = beginsWithState && failure === undefined
  const after = afterRevision(hasState, revision, cache.revision)
  const since = after ?? cache.revision
  const watcher = cache.watch({
    selection,
    ...views,
    afterRevision: after,
    wantsBookmarks: options.allowWatchBookmarks,
    // Also for those who begin with the state as clients did before they could ask for its end.
    marksInitialEventsEnd: beginsWithState && options.allowWatchBookmarks,
  })
  const seconds = options.timeoutSeconds || shortestWatchSeconds * (1 + random.next())
  // Whose time is over before it begins is told nothing.
  if (seconds <= 0) await watcher.return()
  if (failure !== undefined) watcher.end(failure)
  endWith(watcher, request.signal, clock, seconds)
  if (watcher.wantsBookmarks && !watcher.isEnded) {
    bookmarkBeforeEnd(watcher, clock, seconds, () => cache.bookmark(watcher, since))
  }
  if (wantsWebSocket(request)) {
    return watchOverWebSocket(request, watchFormatOf(contentType), watcher, () => watcher.end())
  }
  const onBegun = (listener: () => void) => watcher.onBegun(listener)
  return { type: 'watch', code: 200, contentType, batches: watcher, onBegun }
}

function newest(cache: ResourceCache, { trace, info }: ServerRequest): Promise<void> {
  if (trace === undefined) return cache.fresh()
  const { group, resource: plural } = info
  return trace.during('cacher.Watch', { type: formatResource({ group, plural }) }, () =>
    cache.fresh().then(() => trace.event('watchCache fresh enough')),
  )
}

/** Waits for the revision that a state must have; gives why it has not come. */
async function reach(cache: ResourceCache, revision: number): Promise<StatusError | undefined> {
  try {
    await cache.notOlderThan(revision)
    return undefined
  } catch (error) {
    if (error instanceof StatusError && error.reason === 'Timeout') return error
    throw error
  }
}

/** Undefined where the present state comes first. */
function afterRevision(beginsWithState: boolean, asked: number, current: number) {
  if (beginsWithState) return undefined
  return asked === 0 ? current : asked
}

/** Ends the watch with its request, or when its time is over. */
function endWith(watcher: CacheWatcher, signal: AbortSignal, clock: Clock, seconds: number): void {
  const end = () => watcher.end()
  if (signal.aborted) {
    end()
    return
  }
  const timer = clock.after(seconds * 1000, end)
  signal.addEventListener('abort', end, { once: true })
  watcher.onEnded(() => {
    timer[Symbol.dispose]()
    signal.removeEventListener('abort', end)
  })
}

/** So that whoever begins again at once misses as little as possible. */
function bookmarkBeforeEnd(
  watcher: CacheWatcher,
  clock: Clock,
  seconds: number,
  bookmark: () => void,
): void {
  if (seconds <= LAST_BOOKMARK_SECONDS) return
  const timer = clock.after((seconds - LAST_BOOKMARK_SECONDS) * 1000, bookmark)
  watcher.onEnded(() => timer[Symbol.dispose]())
}

interface WatchViews {
  readonly contentType: string
  readonly view: View
  readonly firstView?: View
  readonly names: BookmarkNames
}

function watchViews(
  request: ServerRequest,
  resource: ServedResource,
  now: () => number,
): WatchViews {
  const { as, isProtobuf, isCbor, metaVersion } = negotiate(request, resource.kind)
  const contentType = isCbor ? CBOR_SEQUENCE : isProtobuf ? PROTOBUF_STREAM : 'application/json'
  if (!isProtobuf && !isCbor && isYaml(request)) throw notAcceptable(STREAMED)
  if (as === undefined) {
    return { contentType, view: resource.view, names: bookmarkNames(resource.kind) }
  }
  if (as === 'PartialObjectMetadata') {
    const names = partialMetadataNames(metaVersion)
    return { contentType, view: partialMetadataView(resource.view, metaVersion), names }
  }
  const context = { now, version: metaVersion }
  return {
    contentType,
    names: tableNames(request, resource, context),
    view: tableView(request, resource, false, context),
    firstView: tableView(request, resource, true, context),
  }
}

const PROTOBUF_STREAM = `${PROTOBUF};stream=watch`
const STREAMED = ['application/json;stream=watch', PROTOBUF_STREAM]

/** YAML has no form in which one event would follow another. */
function isYaml({ headers }: ServerRequest): boolean {
  const { accept = '' } = headers
  return accept.includes('yaml') && negotiateMedia(accept, () => true).mediaType === YAML
}

/** A bookmark is an object of the kind of which nothing was set. */
function bookmarkNames(kind: Kind): BookmarkNames {
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    get fields() {
      return kind.custom === undefined ? zeroObject(kind) : {}
    },
  }
}

function tableNames(
  request: ServerRequest,
  resource: ServedResource,
  context: Parameters<typeof tableBookmark>[2],
): BookmarkNames {
  const { apiVersion, kind, fields = {} } = bookmarkNames(resource.kind)
  return { apiVersion, kind, fields, show: tableBookmark(request, resource, context) }
}

function readWatchOptions({ query }: ServerRequest): WatchOptions {
  const sendInitialEvents = query.get('sendInitialEvents')
  const options = {
    resourceVersion: query.get('resourceVersion') ?? '',
    match: query.get('resourceVersionMatch') ?? '',
    sendInitialEvents: sendInitialEvents === null ? undefined : isTrue(sendInitialEvents),
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds: readQueryInteger(query, 'timeoutSeconds') ?? 0,
  }
  const errors = [...checkWatchOptions(options, query.get('continue') ?? '')]
  if (errors.length > 0) {
    throw invalidObject({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors)
  }
  return options
}

function* checkWatchOptions(
  { match, sendInitialEvents, resourceVersion }: WatchOptions,
  continues: string,
): Iterable<FieldError> {
  const path = FieldPath.root.child('resourceVersionMatch')
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    const why = 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'
    yield forbidden(path, why)
  }
  if (match !== '') yield* checkWatchMatch(path, match, sendInitialEvents)
  // Whoever takes any state is taken for one who asks for that of now, with its match.
  const isUsual = sendInitialEvents === undefined && ['', '0'].includes(resourceVersion)
  if (continues !== '' && (match !== '' || isUsual)) {
    yield forbidden(path, 'resourceVersionMatch is forbidden when continue is provided')
  }
}

function* checkWatchMatch(
  path: FieldPath,
  match: string,
  sendInitialEvents: boolean | undefined,
): Iterable<FieldError> {
  if (sendInitialEvents === undefined) {
    const why = 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'
    yield forbidden(path, why)
  }
  if (match !== 'NotOlderThan') yield notSupported(path, match, ['NotOlderThan'])
}

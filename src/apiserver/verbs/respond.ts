import type { Kind, KubeObject } from '../../machinery/kind.ts'
import { StatusError } from '../../machinery/status-error.ts'
import type { Chunk } from '../chunk.ts'
import type { LongList } from '../long-list.ts'
import { enclose, type TypeNames } from '../protobuf/api-protobuf.ts'
import { listMessages, protobufListChunks } from '../protobuf/list-chunks.ts'
import { PROTOBUF } from '../protobuf/media-type.ts'
import { ObjectBytes } from '../registry/object-bytes.ts'
import type { ShownResource } from '../registry/served-resource.ts'
import { StoredObject } from '../registry/stored-object.ts'
import { STORED_VIEW, type View } from '../registry/view.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { internalPackage } from './body-names.ts'
import { negotiate } from './negotiate.ts'
import { partialMetadataNames, partialMetadataView } from './partial-metadata.ts'
import { tableList, tableOf } from './table-view.ts'

const JSON_TYPE = 'application/json'
/** Each JSON document ends in one, as upstream's do. */
const END_OF_OBJECT = Buffer.from('\n')

/** What tables and the like need beside the object. */
export interface RespondContext {
  /** Wall-clock milliseconds, for ages. */
  readonly now: number
}

/** One object in the shape that the client accepts; bytes that exist are sent as they are. */
export function respondWith(
  request: ServerRequest,
  resource: ShownResource,
  stored: StoredObject,
  code: number,
  { now }: RespondContext,
): ServerResponse {
  const { as, isPlainJson, isProtobuf, metaVersion, isOfList } = negotiate(request, resource.kind)
  if (isOfList) throw wrongForm(resource.kind, resource.kind.kind, 'PartialObjectMetadataList')
  if (as === 'Table') {
    const table = tableOf(request, resource, [stored], { now, version: metaVersion })
    return { type: 'object', code, object: table }
  }
  const isWhole = as === undefined
  const view = isWhole ? resource.view : partialMetadataView(resource.view, metaVersion)
  if (isProtobuf) {
    const names = isWhole ? resource.kind : partialMetadataNames(metaVersion)
    return protobufResponse(view, stored, names, code)
  }
  if (!isPlainJson) return { type: 'object', code, object: view.value(stored) }
  return encoded(view, stored, code)
}

function encoded(view: View, stored: StoredObject, code: number): ServerResponse {
  return {
    type: 'encoded',
    code,
    contentType: JSON_TYPE,
    chunks: () => [view.chunk(stored), END_OF_OBJECT],
    object: () => view.value(stored),
  }
}

function protobufResponse(
  view: View,
  stored: StoredObject,
  names: TypeNames,
  code: number,
): ServerResponse {
  return {
    type: 'encoded',
    code,
    contentType: PROTOBUF,
    chunks: () => [enclose(names, view.protobuf(stored))],
    object: () => view.value(stored),
  }
}

/** The metadata of a list. */
export interface ListInfo {
  /** Absent where nothing is stored. */
  readonly resourceVersion?: string
  readonly continue?: string | undefined
  readonly remainingItemCount?: number | undefined
}

/** A list in the shape that the client accepts: a concatenation of what its objects have. */
export async function respondWithList(
  request: ServerRequest,
  resource: ShownResource,
  items: readonly StoredObject[],
  given: ListInfo,
  { now }: RespondContext,
): Promise<ServerResponse> {
  const { as, isPlainJson, isProtobuf, metaVersion, isOfList } = negotiate(request, resource.kind)
  const { kind } = resource
  if (as === 'PartialObjectMetadata' && !isOfList) throw wrongForm(kind, kind.listKind, as)
  if (as === 'Table') {
    const context = { now, list: given, version: metaVersion }
    return items.length > MOST_MADE_AT_ONCE
      ? respondWithLong(tableList(request, resource, items, context))
      : respondWithObject(tableOf(request, resource, items, context))
  }
  const isPartial = as === 'PartialObjectMetadata'
  // Upstream's untyped lists say that nothing follows, too.
  const metadata = kind.custom === undefined || isPartial ? given : { continue: '', ...given }
  const view = isPartial ? partialMetadataView(resource.view, metaVersion) : resource.view
  const names = isPartial
    ? { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${metaVersion}` }
    : { kind: kind.listKind, apiVersion: kind.apiVersion }
  // An empty list of metadata alone is null, as upstream's.
  const isNull = isPartial && items.length === 0 && !request.isInProcess
  const shows = request.isInProcess || isPartial || kind.custom !== undefined
  const itemOf = (item: StoredObject) => (shows ? view.value(item) : unnamed(view.value(item)))
  const object = () => ({ ...names, metadata, items: isNull ? null : items.map(itemOf) })
  if (isProtobuf) {
    const messages = await listMessages(view, items)
    const chunks = () => protobufListChunks(names, metadata, messages)
    return { type: 'encoded', code: 200, contentType: PROTOBUF, chunks, object }
  }
  const list: LongList = {
    head: { ...names, metadata },
    field: 'items',
    length: items.length,
    *items() {
      for (const item of items) yield itemOf(item)
    },
  }
  if (!isPlainJson) return isNull ? respondWithObject(object()) : respondWithLong(list)
  const parts = () => {
    const head = { ...names, metadata }
    return listParts(head, items, itemWriter(view, resource, shows))
  }
  return {
    type: 'encoded',
    code: 200,
    contentType: JSON_TYPE,
    chunks: () => (isNull ? [Buffer.from(`${JSON.stringify(object())}\n`)] : [...parts()]),
    object,
    ...(items.length > MOST_ITEMS_AT_ONCE && { parts }),
    ...(items.length > MOST_MADE_AT_ONCE && { list }),
  }
}

/** A list of which nothing is encoded yet: a long one is made while it is sent. */
function respondWithLong(list: LongList): ServerResponse {
  const whole = () => ({ ...list.head, [list.field]: [...list.items()] })
  if (list.length <= MOST_MADE_AT_ONCE) return respondWithObject(whole())
  return {
    type: 'object',
    code: 200,
    get object() {
      return whole()
    },
    list,
  }
}

/** 406 for who wants the metadata of a list as that of one object, or the other way round. */
function wrongForm({ group, custom }: Kind, name: string, wanted: string): StatusError {
  const isList = wanted === 'PartialObjectMetadata'
  const unstructured = isList ? 'UnstructuredList' : 'Unstructured'
  const type =
    custom === undefined ? `${internalPackage(group)}.${name}` : `unstructured.${unstructured}`
  const what = isList ? 'is a list' : 'is not a list'
  const why = `you requested ${wanted}, but the requested object ${what} (*${type})`
  return new StatusError('NotAcceptable', why)
}

/** Items of built-in kinds leave out kind and version, which are the list's, as upstream's do. */
function unnamed(object: unknown): unknown {
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object as KubeObject
  return rest
}

/** The parts of a longer list are made while it is sent, so that others are served meanwhile. */
const MOST_ITEMS_AT_ONCE = 500
/** Of items that have to be encoded, which takes longer than to copy their bytes. */
const MOST_MADE_AT_ONCE = 50

const OPEN_ITEM = Buffer.from('{')
const NEXT_ITEM = Buffer.from(',{')
const END_OF_LIST = Buffer.from(']}\n')

/** The bytes of an item, from after its opening brace on. */
type ItemWriter = (item: StoredObject) => Chunk

function itemWriter(view: View, { isStoredVersion }: ShownResource, shows: boolean): ItemWriter {
  if (shows) return (item) => view.bytes(item).subarray(1)
  if (isStoredVersion && view.id === '') return (item) => item.listItem
  return (item) => Buffer.from(JSON.stringify(unnamed(view.value(item)))).subarray(1)
}

function* listParts(
  head: object,
  items: readonly StoredObject[],
  write: ItemWriter,
): Iterable<Chunk> {
  yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`)
  let open = OPEN_ITEM
  for (const item of items) {
    yield open
    yield write(item)
    open = NEXT_ITEM
  }
  yield END_OF_LIST
}

/** An object that is made from another, such as a Scale, in the shape that the client accepts. */
export function respondWithValue(
  request: ServerRequest,
  kind: Kind,
  object: KubeObject,
  { now }: RespondContext,
): ServerResponse {
  const { as, metaVersion } = negotiate(request, kind)
  if (as !== 'Table') return respondWithAnswer(request, kind, object, 200)
  const revision = Number(object.metadata.resourceVersion ?? 0)
  const stored = new StoredObject(new ObjectBytes(kind), '', NO_BYTES, revision, object)
  const shown = { kind, view: STORED_VIEW, isStoredVersion: true }
  return respondWithObject(tableOf(request, shown, [stored], { now, version: metaVersion }))
}

const NO_BYTES = new Uint8Array()

/** What a client asked, answered: a review or a token. It is shown whole, or its metadata alone. */
export function respondWithAnswer(
  request: ServerRequest,
  kind: Kind,
  object: KubeObject,
  code = 201,
): ServerResponse {
  const { as, metaVersion } = negotiate(request, kind)
  if (as === undefined) return respondWithObject(object, code)
  const names = partialMetadataNames(metaVersion)
  return respondWithObject({ ...names, metadata: object.metadata }, code)
}

/** A value that has one shape only, such as a Status. */
export function respondWithObject(object: unknown, code = 200): ServerResponse {
  return { type: 'object', code, object }
}

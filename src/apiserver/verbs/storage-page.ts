import { setImmediate } from 'node:timers/promises'
import {
  FutureRevisionError,
  type KeyValue,
  type ListResult,
  type Storage,
} from '../../storage/storage.ts'
import { encodeContinue } from '../registry/continue-token.ts'
import { tooLargeResourceVersion } from '../registry/resource-version.ts'
import { matcherOf, type Selection } from '../registry/selection.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { StoredObject } from '../registry/stored-object.ts'
import type { ListPage } from './list.ts'

/** A page that objects are chosen for is read so many at a time at least, then twice as many. */
const LEAST_READ = 500
const MOST_READ = 4000
/** So many objects are decoded before others may go on, and so many are found in the cache. */
const DECODED_AT_ONCE = 50
const FOUND_AT_ONCE = 500

/** Where in the storage a page begins. */
export interface PageStart {
  readonly revision: number
  /** With the resource's prefix. */
  readonly startKey: string
  /** 0 for all. */
  readonly limit: number
}

/**
 * Objects as they were: read from the storage, until the page is full or the prefix ends. Those
 * that have not changed since are the cache's, so that they need not be decoded.
 */
export async function storagePage(
  resource: ServedResource,
  storage: Storage,
  selection: Selection,
  { revision, startKey, limit }: PageStart,
): Promise<ListPage> {
  const { store } = resource
  const matches = matcherOf({ ...selection, indexKey: undefined })
  const hasPredicate = selection.predicate !== undefined || selection.name !== ''
  const prefix = prefixOf(store, selection)
  const readable = new ReadableObjects(resource)
  const items: StoredObject[] = []
  const resourceVersion = String(revision)
  const from = { revision, skipsCount: hasPredicate || limit === 0 }
  let wanted = hasPredicate ? Math.max(limit, LEAST_READ) : limit
  let next = startKey
  for (;;) {
    const page = { ...from, startKey: next, ...(limit !== 0 && { limit: wanted }) }
    const found = await readAt(storage, prefix, page)
    let seen = 0
    const before = items.length
    for (const keyValue of found.items) {
      const stored = readable.read(keyValue)
      if (stored !== undefined && (matches?.(stored) ?? true)) items.push(stored)
      next = `${keyValue.key}\0`
      seen++
      if (readable.isPauseDue) await readable.pause()
      if (limit !== 0 && items.length >= limit) break
    }
    store.statistics.noteStorageList(found.items.length, items.length - before)
    const isFull = limit !== 0 && items.length >= limit
    const hasMore = found.more || seen < found.items.length
    if (isFull && hasMore) {
      const point = { revision, startKey: next.slice(prefix.length) }
      const remainingItemCount = hasPredicate ? undefined : found.count - found.items.length
      return {
        items,
        info: { resourceVersion, continue: encodeContinue(point), remainingItemCount },
      }
    }
    if (!hasMore) return { items, info: { resourceVersion } }
    wanted = Math.min(2 * wanted, Math.max(wanted, MOST_READ))
    await setImmediate()
  }
}

/** What all keys of a list begin with; what follows is where a page begins, as clients see it. */
export function prefixOf(store: ServedResource['store'], { namespace }: Selection): string {
  return namespace === '' ? store.prefix : store.keyOf(namespace, '')
}

/** Objects of what the storage holds, with word of when others should have their turn. */
class ReadableObjects {
  readonly #cache: ServedResource['store']['cache']
  #decoded = 0
  #found = 0

  constructor({ store }: ServedResource) {
    this.#cache = store.cache
  }

  /** Undefined for one that is left out. */
  read({ key, value, modRevision }: KeyValue): StoredObject | undefined {
    const known = this.#cache.versionOf(key, modRevision)
    if (known !== undefined) {
      this.#found++
      return known
    }
    this.#decoded++
    const stored = new StoredObject(this.#cache.bytes, key, value, modRevision)
    return this.#cache.isReadable(stored) ? stored : undefined
  }

  get isPauseDue(): boolean {
    return this.#decoded >= DECODED_AT_ONCE || this.#found >= FOUND_AT_ONCE
  }

  pause(): Promise<void> {
    this.#decoded = 0
    this.#found = 0
    return setImmediate()
  }
}

async function readAt(
  storage: Storage,
  prefix: string,
  options: { readonly revision: number; readonly startKey: string; readonly limit?: number },
): Promise<ListResult> {
  try {
    return await storage.list(prefix, options)
  } catch (error) {
    if (error instanceof FutureRevisionError) {
      throw tooLargeResourceVersion(options.revision, error.currentRevision)
    }
    throw error
  }
}

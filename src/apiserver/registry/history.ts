import type { Storage, WatchEvent } from '../../storage/storage.ts'
import { CacheEvent } from './cache-event.ts'
import type { ObjectBytes } from './object-bytes.ts'
import { StoredObject } from './stored-object.ts'

/** What an empty store begins with: nothing was changed before. */
const EMPTY_REVISION = 1

/**
 * The changes of a prefix after one revision and up to another, from the storage's history. Rejects
 * with CompactedError where a part of it is gone. Objects that cannot be read are left out.
 */
export async function readHistory(options: {
  readonly storage: Storage
  readonly prefix: string
  readonly bytes: ObjectBytes
  readonly after: number
  readonly until: number
}): Promise<CacheEvent[]> {
  const { storage, prefix, bytes, after, until } = options
  const events: CacheEvent[] = []
  let failure: { readonly error: unknown } | undefined
  using watch = storage.watch(prefix, Math.max(after, EMPTY_REVISION), {
    wantsPrevious: true,
    onEvents(found) {
      for (const event of found) {
        if (event.modRevision <= until) events.push(...toCacheEvent(event, bytes))
      }
    },
    onError(error) {
      failure = { error }
    },
  })
  try {
    await watch.reached(until)
  } catch (error) {
    throw failure?.error ?? error
  }
  return events
}

function toCacheEvent(event: WatchEvent, bytes: ObjectBytes): CacheEvent[] {
  const { type, key, value, modRevision, previous: before } = event
  const current =
    type === 'PUT' ? readable(new StoredObject(bytes, key, value, modRevision)) : undefined
  const previous =
    before && readable(new StoredObject(bytes, key, before.value, before.modRevision))
  if (current === undefined && previous === undefined) return []
  return [new CacheEvent(modRevision, key, current, previous)]
}

function readable(stored: StoredObject): StoredObject | undefined {
  return stored.readable() === undefined ? undefined : stored
}

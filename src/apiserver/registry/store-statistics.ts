import type { Clock } from '../../base/clock.ts'
import { Distribution } from '../endpoints/metric-series.ts'

/** What a store is asked for, in the words of upstream's metrics. */
export type StoreOperation = 'create' | 'update' | 'delete' | 'get' | 'list'

/** How often something was listed, of how many objects. */
export interface ListCounts {
  lists: number
  /** Looked at. */
  fetched: number
  /** Given to who asked. */
  returned: number
}

/** How often the store was asked for one operation, and how long it took. */
export interface OperationCounts {
  readonly durations: Distribution
  total: number
  errors: number
}

/** Upstream's, in seconds. */
export const OPERATION_BUCKETS = [
  ...[0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5],
  ...[2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60],
]
/** Of waits for a cache, upstream's too. */
export const WAIT_BUCKETS = [0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1, 1.25, 1.5, 2, 3]

/** What one store and its cache have done: plain additions, which metrics read when asked. */
export class StoreStatistics {
  /** Changes that the store has told the cache of. */
  eventsReceived = 0
  /** How often the cache was filled from the store. */
  initializations = 0
  /** Objects that watches were sent to begin with. */
  initialEvents = 0
  /** Watches that were ended since their clients were too slow. */
  terminatedWatchers = 0
  /** Stored values that could not be read. */
  decodeErrors = 0
  /** Lists of the newest state that the cache has answered. */
  consistentReads = 0
  /** By the name of the index that a list was looked up in; most in none. */
  readonly cacheLists = new Map<string, ListCounts>()
  readonly storageLists: ListCounts = { lists: 0, fetched: 0, returned: 0 }
  /** Only of requests that had to wait for the cache. */
  readonly waits = new Distribution({}, WAIT_BUCKETS)
  readonly operations = new Map<StoreOperation, OperationCounts>()

  noteList(index: string, fetched: number, returned: number): void {
    let counts = this.cacheLists.get(index)
    if (counts === undefined) {
      counts = { lists: 0, fetched: 0, returned: 0 }
      this.cacheLists.set(index, counts)
    }
    counts.lists++
    counts.fetched += fetched
    counts.returned += returned
  }

  /** A list of a past state, or of all to fill the cache. */
  noteStorageList(fetched: number, returned: number): void {
    this.storageLists.lists++
    this.storageLists.fetched += fetched
    this.storageLists.returned += returned
  }

  /** The cache has been filled with so many objects. */
  noteLoad(count: number, ms: number): void {
    this.initializations++
    this.noteOperation('list', ms)
    this.noteStorageList(count, count)
  }

  /** Notes how long a request waits until the cache is fresh; not if it never is. */
  async timeWait(clock: Clock, waiting: Promise<void>): Promise<void> {
    const began = clock.monotonic()
    await waiting
    this.waits.observe((clock.monotonic() - began) / 1000)
  }

  /** The store has answered, or has not. */
  noteOperation(operation: StoreOperation, ms: number, isError = false): void {
    let counts = this.operations.get(operation)
    if (counts === undefined) {
      counts = { durations: new Distribution({}, OPERATION_BUCKETS), total: 0, errors: 0 }
      this.operations.set(operation, counts)
    }
    counts.total++
    if (isError) counts.errors++
    counts.durations.observe(ms / 1000)
  }
}

/** One version of one key, as it is stored. `value` is shared: nobody may modify it. */
export interface KeyValue {
  readonly key: string
  readonly value: Uint8Array
  /** The revision that created the key (again, after its last deletion). */
  readonly createRevision: number
  /** The revision of this version; what a compare-and-swap names. */
  readonly modRevision: number
  /** How many times the key was written since its creation; 1 for a new key. */
  readonly version: number
}

export interface WriteOptions {
  /**
   * The write is made only if this is the key's modRevision at that moment; 0 means that the key
   * must not exist. Undefined writes unconditionally.
   */
  readonly expectedModRevision?: number | undefined
  /**
   * The store deletes the key when so much time has passed since this write, a second more or less
   * (a remote one up to a twentieth or a minute later, since keys share its leases), also across
   * restarts. A later write of the key has its own, or none.
   */
  readonly ttlSeconds?: number | undefined
  /**
   * Handed to the watches of this process with the event, and never stored: the decoded object of
   * a writer saves its readers the decoding. A watch that replays history does not get it.
   */
  readonly attachment?: unknown
}

/** The compare failed: an expected outcome. `current` is what the key holds instead. */
export interface Conflict {
  readonly code: 'Conflict'
  readonly current: KeyValue | undefined
}

export type PutResult = { readonly code: 'Done'; readonly keyValue: KeyValue } | Conflict

export type DeleteResult =
  | { readonly code: 'Done'; readonly revision: number }
  | { readonly code: 'NotFound' }
  | Conflict

export interface ReadOptions {
  /** Reads the state as of this revision instead of the newest. */
  readonly revision?: number | undefined
}

export interface ListOptions extends ReadOptions {
  /** The first key that may be returned; it need not exist. Default: the prefix's first. */
  readonly startKey?: string | undefined
  /** At most so many items. Default: all. */
  readonly limit?: number | undefined
  /** Nobody asks how many there are: to count them may cost more than to read a few. */
  readonly skipsCount?: boolean | undefined
}

export interface ListResult {
  /** Ordered by the bytes of the keys. */
  readonly items: readonly KeyValue[]
  /** The revision that the items are the state of. */
  readonly revision: number
  /**
   * The keys from `startKey` to the prefix's end, those past the limit too. With `skipsCount` there
   * may be more of them.
   */
  readonly count: number
  /** Whether the limit left keys out. */
  readonly more: boolean
}

/**
 * A change of one key. A deletion has an empty value, and 0 as createRevision and version. Keys
 * that a remote store deletes together, since their time has come, share one revision; else every
 * event has its own.
 */
export interface WatchEvent {
  readonly type: 'PUT' | 'DELETE'
  readonly key: string
  readonly value: Uint8Array
  readonly createRevision: number
  readonly modRevision: number
  readonly version: number
  /** What the writer attached, where this is the same process and the event is fresh. */
  readonly attachment: unknown
  /** What the key held before. Read on first use: use it inside the handler or not at all. */
  readonly previous: KeyValue | undefined
}

export interface WatchHandler {
  /** It reads `previous` of its events: a storage for which that is costly asks for nobody else. */
  readonly wantsPrevious?: true
  /** Fresh events in revision order; never empty. To throw ends this watch, and only this one. */
  onEvents(events: readonly WatchEvent[]): void
  /**
   * The watch has ended and no event follows: a CompactedError, a FutureRevisionError, a
   * StorageClosedError, or what the handler threw. Not called for a watch that was disposed.
   */
  onError(error: unknown): void
}

/** A running watch. To dispose it ends it: no call of its handler begins after that. */
export interface Watch extends Disposable {
  /** All events up to this revision have been delivered. */
  readonly revision: number
  /** Resolves once `revision` is at least this; rejects if the watch ends before. */
  reached(revision: number): Promise<void>
}

/**
 * A key-value store with etcd's model: every write has a revision of its own, each one more than
 * the last; reads see the newest state or that of an old revision, until compaction drops it.
 *
 * 1. A write's promise resolves when the write is as durable as the engine makes it, and nothing
 *    (no read, no watch, no `revision()`) shows a write before that.
 * 2. A watch gets every event after its revision, once each, in the order of their revisions.
 * 3. Embedded engines (memory, lmdb) have called the handlers of all live watches when a write's
 *    promise resolves. On a remote one, `watch.reached(revision)` says when it is so.
 * 4. A write that rejects was not made and never appears. Only where the engine is remote, or the
 *    disk itself failed during the flush, may it still show up: read before writing again.
 * 5. Prefixes are empty or end in '/', so that they never match half a name.
 */
export interface Storage {
  /** Whether other processes write to it, too. */
  readonly isShared?: boolean
  /** The newest revision that this process has seen; an empty store has 1. */
  revision(): number
  /** The newest revision of the store, whoever wrote it. Embedded engines: `revision()`. */
  currentRevision(): Promise<number>
  /** States before this revision are gone. 0 where nothing was compacted. */
  compactedRevision(): number

  /** Rejects with CompactedError or FutureRevisionError, as do `list` and `count`. */
  get(key: string, options?: ReadOptions): Promise<KeyValue | undefined>
  list(prefix: string, options?: ListOptions): Promise<ListResult>
  count(prefix: string, options?: ReadOptions): Promise<number>

  put(key: string, value: Uint8Array, options?: WriteOptions): Promise<PutResult>
  delete(key: string, options?: WriteOptions): Promise<DeleteResult>

  /**
   * Delivers every change of a prefix (ending in '/', or empty for all) or of one key, made after
   * `afterRevision`: the revision of the list that it continues. History comes first, then what is
   * new, without gap or double. All failures go to the handler, none is thrown: it ends with
   * CompactedError if history that it still needs was compacted.
   */
  watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler): Watch

  /**
   * Forgets the states before `revision`: what was overwritten or deleted up to then. Resolves when
   * that is decided durably; the space is freed in small steps afterwards.
   */
  compact(revision: number): Promise<void>
  /** A key as the store itself has it; absent where that is the same. */
  keyBelow?(key: string): string
  /** Why the last commit failed, until one succeeds again. */
  writeFailure?(): unknown
  /** What the store takes on disk; absent where there is none. Rejects where nobody answers. */
  sizeBytes?(): Promise<number>
  /** Ends all watches, waits for the writes under way, and frees what the engine holds. */
  close(): Promise<void>
}

/** A read or a watch needs a revision that was compacted away: list again. */
export class CompactedError extends Error {
  readonly compactedRevision: number

  constructor(compactedRevision: number) {
    super(`required revision has been compacted (oldest is ${compactedRevision})`)
    this.name = 'CompactedError'
    this.compactedRevision = compactedRevision
  }
}

/** A read or a watch names a revision that the store has not reached. */
export class FutureRevisionError extends Error {
  readonly currentRevision: number

  constructor(revision: number, currentRevision: number) {
    super(`required revision ${revision} is a future revision (newest is ${currentRevision})`)
    this.name = 'FutureRevisionError'
    this.currentRevision = currentRevision
  }
}

/** A remote store did not answer, and nothing was changed in it. */
export class StorageUnavailableError extends Error {
  constructor(cause: Error) {
    super('the store is not available', { cause })
    this.name = 'StorageUnavailableError'
  }
}

/** The disk takes no write, for lack of space or worse; the store says so in its log. */
export class StorageWriteError extends Error {
  constructor(cause: unknown) {
    super('writing to the store', { cause })
    this.name = 'StorageWriteError'
  }
}

/** A remote store said no, such as to a value beyond its limit or for lack of space. */
export class StorageRefusedError extends Error {
  /** It was the size of what was to be written. */
  readonly isTooLarge: boolean

  constructor(why: string, cause: Error, isTooLarge = false) {
    super(why, { cause })
    this.isTooLarge = isTooLarge
    this.name = 'StorageRefusedError'
  }
}

/**
 * The answer to a write was lost: it was made, or will be, or will never be. Only a read tells, and
 * not at once, since the write may still be on its way.
 */
export class UnknownOutcomeError extends Error {
  constructor(key: string, cause: Error) {
    super(`whether ${key} was written is unknown`, { cause })
    this.name = 'UnknownOutcomeError'
  }
}

/** The storage was closed. */
export class StorageClosedError extends Error {
  constructor() {
    super('the storage is closed')
    this.name = 'StorageClosedError'
  }
}

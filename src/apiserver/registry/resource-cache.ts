import { type Clock, deadline } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { internalError } from '../../machinery/status-error.ts'
import type { Storage, Watch, WatchEvent } from '../../storage/storage.ts'
import { CacheEvent } from './cache-event.ts'
import { CacheWatcher } from './cache-watcher.ts'
import { EventWindow, type WindowCapacity } from './event-window.ts'
import { History } from './history.ts'
import { inPortions } from './in-portions.ts'
import type { InitialFrames } from './initial-frames.ts'
import { ObjectBytes, type ObjectNames } from './object-bytes.ts'
import { ObjectKeys } from './object-keys.ts'
import { type IndexValues, ObjectSet } from './object-set.ts'
import { tooLargeResourceVersion, watchEnded } from './resource-version.ts'
import { type Candidates, matcherOf, type Selection } from './selection.ts'
import { PeriodicBookmarks, sendBookmarks } from './send-bookmarks.ts'
import { storeIsBehind } from './storage-failure.ts'
import type { StoreStatistics } from './store-statistics.ts'
import { Attachment, StoredObject } from './stored-object.ts'
import { Unreadable } from './unreadable.ts'
import { type CacheWatchOptions, historyFrames, presentFrames } from './watch-beginning.ts'
import { WatcherSet } from './watcher-set.ts'

/** How many changes a resource keeps at hand; older ones are read from the storage. */
export const WINDOW: WindowCapacity = { events: 512, bytes: 4 * 1024 * 1024 }
/** How long a request waits for a revision that this server has not seen. */
const FRESHNESS_TIMEOUT_MS = 3000
/** How long a request waits for events of writes that are known to have been made. */
const BEHIND_TIMEOUT_MS = 10_000
/** How often a request lists anew because the watch of the store has ended. */
const MOST_RELOADS = 3
const DONE = Promise.resolve()
/** Indexes by label that clients may bring about, for each resource: they can name any. */
const MOST_LABEL_INDEXES = 16

export interface ResourceCacheOptions {
  readonly storage: Storage
  readonly clock: Clock
  readonly logger: Logger
  /** Of all keys of the resource; ends in '/'. */
  readonly prefix: string
  readonly names: ObjectNames
  readonly isNamespaced: boolean
  readonly statistics: StoreStatistics
  /** Why a stored value could not be decrypted. */
  errorOf?(value: Uint8Array): Error | undefined
}

/**
 * The current objects of one resource with their bytes, their recent changes and their watches.
 * Loaded with the first request, and from then on never behind what the store has acknowledged:
 * embedded engines deliver a change before the write resolves, and for others `fresh` waits.
 */
export class ResourceCache {
  readonly bytes: ObjectBytes
  readonly #options: ResourceCacheOptions
  #objects = new ObjectSet()
  #window = new EventWindow(WINDOW, 0)
  readonly #watchers: WatcherSet
  readonly #keys: ObjectKeys
  readonly #indexes = new Map<string, IndexValues>()
  readonly #labels = new Set<string>()
  #watch: Watch | undefined
  #loading: Promise<void> | undefined
  readonly #bookmarks: PeriodicBookmarks
  readonly #unreadable: Unreadable
  #changes = 0
  /** The revision of the last change, or of when it was loaded. */
  #changedAt = 0
  #isClosed = false

  constructor(options: ResourceCacheOptions) {
    this.#options = options
    this.#unreadable = new Unreadable(options.errorOf, options.clock)
    this.bytes = new ObjectBytes(options.names)
    this.#watchers = new WatcherSet(options.isNamespaced)
    this.#bookmarks = new PeriodicBookmarks(options.clock, this.#watchers, () => this.revision)
    this.#keys = new ObjectKeys(options.prefix, options.isNamespaced)
  }

  /** Everything up to this revision of the store is here. */
  get revision(): number {
    return this.#watch?.revision ?? 0
  }

  get size(): number {
    return this.#objects.size
  }

  /** Of the values of its objects. */
  get storedBytes(): number {
    return this.#objects.bytes
  }

  /** Differs from what it was before whenever an object may have changed. */
  get changes(): number {
    return this.#changes
  }

  /** Whether it has been loaded once: what it has then stays in force while it is loaded anew. */
  get isLoaded(): boolean {
    return this.#changes > 0
  }

  get watcherCount(): number {
    return this.#watchers.size
  }

  /** How many watches are told of every change of an object. */
  watchersOf(namespace: string, name: string): number {
    return this.#watchers.countOf(namespace, name)
  }

  /**
   * Whether the cache is known to show everything that was acknowledged by now. Without waiting
   * that is known only of a store to which nobody else writes.
   */
  get isFresh(): boolean {
    const watch = this.#watch
    const { storage } = this.#options
    if (watch === undefined || this.#unreadable.isDue) return false
    return storage.isShared !== true && watch.revision >= storage.revision()
  }

  /**
   * Waits until the cache shows everything that was acknowledged before the call, by any server. A
   * watch that ends meanwhile is begun again; one that stands still gives upstream's 504.
   */
  fresh(): Promise<void> {
    return this.isFresh ? DONE : this.#timed(this.#becomeFresh())
  }

  async #becomeFresh(): Promise<void> {
    if (this.#unreadable.isDue) await this.#unreadable.retry(() => this.#readAgain())
    for (let tries = 1; ; tries++) {
      if (this.#watch === undefined) await this.#load()
      const watch = this.#watch
      const revision = await this.#options.storage.currentRevision()
      if (watch !== undefined && watch === this.#watch) {
        if (watch.revision >= revision) return
        const outcome = await this.#reached(watch, revision)
        if (outcome === 'Reached') return
        if (outcome === 'Late') throw storeIsBehind(revision, watch.revision)
      }
      if (tries >= MOST_RELOADS) throw watchEnded()
    }
  }

  /** Embedded engines are there at once; a remote one sends its events when it can. */
  async #reached(watch: Watch, revision: number): Promise<'Reached' | 'Late' | 'Ended'> {
    const { clock } = this.#options
    try {
      await deadline(clock, BEHIND_TIMEOUT_MS, 'the store sends no events', watch.reached(revision))
      return 'Reached'
    } catch {
      return watch === this.#watch ? 'Late' : 'Ended'
    }
  }

  /** Waits for this revision, for a client that has heard of it; 504 if it does not come soon. */
  async notOlderThan(revision: number): Promise<void> {
    if (this.#watch === undefined) await this.#load()
    if (this.#unreadable.isDue) await this.#unreadable.retry(() => this.#readAgain())
    const watch = this.#watch
    if (watch === undefined || this.revision >= revision) return
    try {
      const why = 'the revision was not reached'
      const reached = watch.reached(revision)
      await this.#timed(deadline(this.#options.clock, FRESHNESS_TIMEOUT_MS, why, reached))
    } catch {
      throw tooLargeResourceVersion(revision, this.revision)
    }
  }

  #timed(waiting: Promise<void>): Promise<void> {
    return this.#options.statistics.timeWait(this.#options.clock, waiting)
  }

  get(namespace: string, name: string): StoredObject | undefined {
    if (this.#unreadable.isAny) this.#unreadable.checkKey(this.#keys.keyOf(namespace, name))
    return this.#objects.get(namespace, name)
  }

  /** Whether there is an object under this name that cannot be read; needs `fresh` before. */
  isUnreadable(namespace: string, name: string): boolean {
    return this.#unreadable.has(this.#keys.keyOf(namespace, name))
  }

  /** The objects of a selection in key order. */
  list(selection: Selection): readonly StoredObject[] {
    const { candidates, matches } = this.select(selection)
    return matches === undefined ? candidates : candidates.filter(matches)
  }

  /** The same before its selectors are asked, which takes long for many objects. */
  select(selection: Selection): Candidates {
    if (this.#unreadable.isAny) this.#unreadable.checkList(this.#keys.startOf(selection))
    const candidates = this.#objects.candidates(selection)
    const isExact = this.#objects.isExact(selection)
    const matches = matcherOf(isExact ? { ...selection, namespace: '', name: '' } : selection)
    return { candidates, matches }
  }

  /** Whether nothing has changed since this revision: then its state is the present one. */
  isStateOf(revision: number): boolean {
    return this.#watch !== undefined && revision >= this.#changedAt && revision <= this.revision
  }

  /** This version of an object, if it is the present one. */
  versionOf(key: string, revision: number): StoredObject | undefined {
    const stored = this.#objects.get(...this.#keys.split(key))
    return stored?.revision === revision ? stored : undefined
  }

  /** How many objects a namespace has, or the whole resource. */
  count(namespace: string): number {
    return this.#objects.count(namespace)
  }

  /** Makes an index that selections can name. */
  ensureIndex(name: string, values: IndexValues): void {
    this.#indexes.set(name, values)
    this.#objects.ensureIndex(name, values)
  }

  /** Makes the index of a label, and gives its name; undefined where there are too many. */
  ensureLabelIndex(key: string): string | undefined {
    if (!this.#labels.has(key)) {
      if (this.#labels.size >= MOST_LABEL_INDEXES) return undefined
      this.#labels.add(key)
      this.ensureIndex(`label ${key}`, ({ metadata: { labels = {} } }) => {
        const value = Object.hasOwn(labels, key) ? labels[key] : undefined
        return value === undefined ? [] : [value]
      })
    }
    return `label ${key}`
  }

  /** Whether any object has this value in an index that exists. */
  hasIndexed(index: string, value: string): boolean {
    return this.#objects.hasIndexed(index, value)
  }

  /**
   * Begins a watch; needs `fresh` or `notOlderThan` before. One whose history is gone ends with
   * upstream's 410.
   */
  watch(options: CacheWatchOptions): CacheWatcher {
    const { bytes } = this
    const { afterRevision } = options
    if (afterRevision === undefined) {
      const selected = this.select(options.selection)
      const { statistics } = this.#options
      return this.#begin(options, presentFrames(options, selected, this.revision, statistics))
    }
    const { startRevision } = this.#window
    const history =
      afterRevision < startRevision
        ? new History({ ...this.#options, bytes, after: afterRevision, until: startRevision })
        : undefined
    const recent = this.#window.after(afterRevision)
    return this.#begin(options, historyFrames(options, history, recent))
  }

  /** Tells one watch how far it is, where anything has changed since a revision. */
  bookmark(watcher: CacheWatcher, since: number): void {
    if (this.#changedAt > since) sendBookmarks([watcher], this.revision)
  }

  /** Ends all watches. */
  close(): void {
    this.#isClosed = true
    this.#watch?.[Symbol.dispose]()
    this.#watch = undefined
    this.#bookmarks.stop()
    for (const watcher of this.#watchers.all()) watcher.end()
  }

  #begin(options: CacheWatchOptions, initial: InitialFrames | undefined): CacheWatcher {
    const watcher = new CacheWatcher({
      ...options,
      initial,
      onEnd: (ended) => this.#forget(ended),
    })
    const index = options.selection.indexKey?.index
    this.#watchers.add(watcher, index === undefined ? undefined : this.#indexes.get(index))
    if (this.#isClosed) watcher.end()
    else if (watcher.wantsBookmarks) this.#bookmarks.start()
    return watcher
  }

  #forget(watcher: CacheWatcher): void {
    if (watcher.isTooSlow) this.#options.statistics.terminatedWatchers++
    this.#watchers.delete(watcher)
    if (this.#watchers.size === 0) this.#bookmarks.stop()
  }

  #load(): Promise<void> {
    this.#loading ??= this.#reload().finally(() => {
      this.#loading = undefined
    })
    return this.#loading
  }

  async #reload(): Promise<void> {
    const { storage, prefix, clock, statistics } = this.#options
    const began = clock.monotonic()
    const { items, revision } = await storage.list(prefix)
    if (this.#isClosed) throw watchEnded()
    statistics.noteLoad(items.length, clock.monotonic() - began)
    const objects = new ObjectSet()
    this.#unreadable.clear()
    await inPortions(items, ({ key, value, modRevision }) => {
      const stored = this.#readable(new StoredObject(this.bytes, key, value, modRevision))
      if (stored !== undefined) objects.set(stored)
    })
    if (this.#isClosed) throw watchEnded()
    // More of them may have come up in the pauses.
    for (const [name, values] of this.#indexes) objects.ensureIndex(name, values)
    this.#objects = objects
    this.#changes++
    this.#changedAt = revision
    this.#window = new EventWindow(WINDOW, revision)
    this.#watch = storage.watch(prefix, revision, {
      onEvents: (events) => {
        for (const event of events) this.#onEvent(event)
      },
      onError: (error) => this.#onWatchEnded(error),
    })
  }

  /** Takes in what can be decrypted by now. To watches it is older than their beginning. */
  async #readAgain(): Promise<void> {
    const watch = this.#watch
    const { items } = await this.#options.storage.list(this.#options.prefix)
    if (watch === undefined || watch !== this.#watch) return
    for (const stored of this.#unreadable.cured(items, this.bytes)) {
      if (this.#readable(stored) !== undefined) this.#objects.set(stored)
      this.#changes++
    }
  }

  #onEvent({ type, key, value, modRevision, attachment }: WatchEvent): void {
    let current: StoredObject | undefined
    let previous: StoredObject | undefined
    this.#changes++
    this.#options.statistics.eventsReceived++
    this.#changedAt = modRevision
    if (this.#unreadable.isAny) this.#unreadable.delete(key)
    if (type === 'PUT') {
      const source = attachment instanceof Attachment ? attachment.object : undefined
      const stored = new StoredObject(this.bytes, key, value, modRevision, source)
      current = this.#readable(stored)
      const error = current === undefined ? this.#unreadable.decryptionError(stored) : undefined
      // A server with another key has written it: to say that it was deleted would be a lie.
      if (error !== undefined) throw error
    }
    if (current !== undefined) previous = this.#objects.set(current)
    else previous = this.#objects.delete(...this.#keys.split(key))
    if (current === undefined && previous === undefined) return
    const event = new CacheEvent(modRevision, key, current, previous)
    this.#window.push(event)
    this.#watchers.dispatch(event)
  }

  /** False for an object that is left out; throws 500 for one that cannot be decrypted. */
  isReadable(stored: StoredObject): boolean {
    if (stored.readable() !== undefined) return true
    const error = this.#unreadable.decryptionError(stored)
    if (error !== undefined) throw internalError(error)
    return false
  }

  /** One object that cannot be read is left out, and logged: the others must not suffer. */
  #readable(stored: StoredObject): StoredObject | undefined {
    try {
      const { namespace = '', name } = (stored.object as KubeObject).metadata
      if (this.#keys.keyOf(namespace, name) === stored.key) return stored
      throw new Error('it is under another key')
    } catch (cause) {
      this.#options.statistics.decodeErrors++
      const error = formatError(this.#unreadable.add(stored, cause))
      this.#options.logger.error('a stored object cannot be read', { key: stored.key, error })
      return undefined
    }
  }

  #onWatchEnded(error: unknown): void {
    this.#watch = undefined
    if (this.#isClosed) return
    this.#options.logger.error('the watch of a resource ended; its clients will list again', {
      prefix: this.#options.prefix,
      error: formatError(error),
    })
    // What happened since is unknown: clients resume by their revision once it is loaded again.
    for (const watcher of this.#watchers.all()) watcher.end()
  }
}

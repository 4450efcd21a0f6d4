import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import {
  type DeleteResult,
  type KeyValue,
  type ListOptions,
  type ListResult,
  type PutResult,
  type ReadOptions,
  type Storage,
  StorageClosedError,
  type Watch,
  type WatchHandler,
  type WriteOptions,
} from '../storage.ts'
import { VersionEvent } from './event.ts'
import { Expirer } from './expirer.ts'
import type { KeyIndex } from './key-index.ts'
import { orderKeyOf, prefixRange } from './key-order.ts'
import type { WriteRequest } from './plan-write.ts'
import { NO_VALUE, toKeyValue, type Version } from './version.ts'
import { WatchHub } from './watch-hub.ts'

/** What embedded engines share: reads and watches on a key index. They add values and writes. */
export abstract class EmbeddedStorage implements Storage {
  protected readonly index: KeyIndex
  protected readonly hub: WatchHub
  protected isClosed = false
  readonly #clock: Clock
  readonly #expirer: Expirer

  protected constructor(index: KeyIndex, clock: Clock, logger: Logger) {
    this.index = index
    this.#clock = clock
    const remove = ({ key, modRevision }: Version) =>
      this.delete(key, { expectedModRevision: modRevision })
    this.#expirer = new Expirer({ index, clock, logger, remove })
    this.#expirer.arm()
    this.hub = new WatchHub(index, (version) => this.eventOf(version, undefined), logger)
  }

  revision(): number {
    return this.index.revision
  }

  async currentRevision(): Promise<number> {
    return this.index.revision
  }

  compactedRevision(): number {
    return this.index.compactedRevision
  }

  async get(key: string, options: ReadOptions = {}): Promise<KeyValue | undefined> {
    const version = this.index.get(key, this.#revisionOf(options))
    return version && this.keyValueOf(version)
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    const { limit = Number.POSITIVE_INFINITY, startKey, skipsCount } = options
    const revision = this.#revisionOf(options)
    const range = prefixRange(prefix, startKey)
    const { versions, count, more } = this.index.list(range, revision, limit, skipsCount !== true)
    const items = await this.readAll(versions)
    return { items, revision, count, more }
  }

  async count(prefix: string, options: ReadOptions = {}): Promise<number> {
    return this.index.count(prefixRange(prefix), this.#revisionOf(options))
  }

  /** The seconds left of each key of a prefix that has a time to live. */
  async timesToLive(prefix: string): Promise<ReadonlyMap<string, number>> {
    const range = prefixRange(prefix)
    const all = this.index.list(range, this.#revisionOf({}), Number.POSITIVE_INFINITY)
    const now = this.#clock.now()
    const expiring = all.versions.filter(({ expiryTime }) => expiryTime > 0)
    return new Map(
      expiring.map(({ key, expiryTime }) => [key, Math.max(1, (expiryTime - now) / 1000)]),
    )
  }

  watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler): Watch {
    const watch = this.hub.watch(prefixOrKey, afterRevision, handler)
    if (this.isClosed) queueMicrotask(() => this.hub.close(new StorageClosedError()))
    return watch
  }

  abstract put(key: string, value: Uint8Array, options?: WriteOptions): Promise<PutResult>
  abstract delete(key: string, options?: WriteOptions): Promise<DeleteResult>
  abstract compact(revision: number): Promise<void>
  abstract close(): Promise<void>

  protected abstract valueOf(version: Version): Uint8Array
  /** All values as of now, whatever is compacted meanwhile. */
  protected abstract readAll(versions: readonly Version[]): Promise<KeyValue[]>

  protected keyValueOf(version: Version): KeyValue {
    return toKeyValue(version, this.valueOf(version))
  }

  /** `fresh` is what the writer gave; history has neither that nor an attachment. */
  protected eventOf(
    version: Version,
    fresh: { value: Uint8Array | undefined; attachment?: unknown } | undefined,
  ): VersionEvent {
    const value = version.isDeleted ? NO_VALUE : (fresh?.value ?? this.valueOf(version))
    return new VersionEvent(version, value, fresh?.attachment, (before) => this.keyValueOf(before))
  }

  /** Throws what concerns one write only, before others share a commit with it. */
  protected requestOf(
    key: string,
    value: Uint8Array | undefined,
    { expectedModRevision, ttlSeconds, attachment }: WriteOptions,
  ): WriteRequest {
    this.assertOpen()
    orderKeyOf(key)
    const expiryTime = ttlSeconds === undefined ? 0 : this.#clock.now() + ttlSeconds * 1000
    return { key, value, expiryTime, expectedModRevision, attachment }
  }

  /** To be called in the turn in which the index got the versions. */
  protected announce(events: readonly VersionEvent[]): void {
    this.hub.deliver(events)
    this.#expirer.arm()
  }

  /** From now on calls are refused. Watches end with `hub.close`, when writes are finished. */
  protected stopAccepting(): void {
    this.isClosed = true
    this.#expirer[Symbol.dispose]()
  }

  protected assertOpen(): void {
    if (this.isClosed) throw new StorageClosedError()
  }

  #revisionOf({ revision }: ReadOptions): number {
    this.assertOpen()
    if (revision === undefined) return this.index.revision
    this.index.check(revision)
    return revision
  }
}

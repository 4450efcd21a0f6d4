import { type Clock, deadline } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Decoded } from '../../base/protobuf/message.ts'
import type { Random } from '../../base/random.ts'
import type { Tracer } from '../../base/tracing/tracer.ts'
import {
  CompactedError,
  type DeleteResult,
  FutureRevisionError,
  type KeyValue,
  type ListOptions,
  type ListResult,
  type PutResult,
  type ReadOptions,
  type Storage,
  StorageClosedError,
  StorageRefusedError,
  StorageUnavailableError,
  UnknownOutcomeError,
  type Watch,
  type WatchHandler,
  type WriteOptions,
} from '../storage.ts'
import { Attachments } from './attachments.ts'
import type { Endpoint } from './endpoint.ts'
import { EtcdClient, type EtcdTls } from './etcd-client.ts'
import { EtcdCallError, isTooLarge } from './failure.ts'
import { LeasePool } from './lease-pool.ts'
import type { transactionResponse } from './messages.ts'
import * as methods from './methods.ts'
import { RemoteWatchHub } from './remote-watch-hub.ts'
import {
  assertKey,
  deleteTransaction,
  getRequest,
  keyAfter,
  listRequest,
  putTransaction,
  type RangeRequest,
  REVISION_REQUEST,
  type TransactionRequest,
} from './requests.ts'
import { assertSupported } from './server-version.ts'
import { SharedRead } from './shared-read.ts'
import { toKeyValue } from './watch-event.ts'

export interface EtcdStorageOptions {
  /** Members of one cluster. */
  readonly endpoints: readonly Endpoint[]
  readonly tls: EtcdTls
  readonly tracer?: Tracer | undefined
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
}

/** How much is read at once: a list of any length never makes one answer of that length. */
const PAGE_KEYS = 1000
const ALL_KEYS = Number.POSITIVE_INFINITY
/** After so many lists that a compaction has overtaken, one is read without pages. */
const LIST_TRIES = 3
/** How long `close` waits for the events of the last writes. */
const LAST_EVENTS_MS = 2000
const NO_LEASE = 0n

/**
 * A store in an etcd cluster, which any number of API servers may share, upstream's among them:
 * keys and values are upstream's, and so is the way that they are written.
 */
export class EtcdStorage implements Storage {
  readonly isShared = true
  readonly #client: EtcdClient
  readonly #options: EtcdStorageOptions
  readonly #hub: RemoteWatchHub
  readonly #attachments = new Attachments()
  readonly #leases: LeasePool
  readonly #currentRead: SharedRead<number>
  readonly #writing = new Set<Promise<unknown>>()
  #revision: number
  #compactedRevision = 0
  #isClosed = false

  private constructor(client: EtcdClient, revision: number, options: EtcdStorageOptions) {
    this.#client = client
    this.#options = options
    this.#revision = revision
    this.#leases = new LeasePool({ clock: options.clock, grant: (ttl) => this.#grant(ttl) })
    this.#currentRead = new SharedRead(async () => {
      const { header } = await this.#range(REVISION_REQUEST)
      return header?.revision ?? 0
    })
    const { clock, random, logger } = options
    this.#hub = new RemoteWatchHub(revision, {
      ...{ client, clock, random, logger },
      currentRevision: () => this.#currentRead.get(),
      seenRevision: () => this.#revision,
      compactedRevision: () => this.#compactedRevision,
      onCompacted: (revision) => this.#noteCompaction(revision),
      onRegressed: (revision) => {
        this.#revision = revision
      },
      onSeen: (revision) => this.#seen(revision),
      attach: (events) => {
        if (this.#attachments.size > 0) for (const event of events) this.#attachments.attach(event)
      },
    })
  }

  /** Rejects with what is in the way: no member answers, or it is older than etcd 3.4. */
  static async open(options: EtcdStorageOptions): Promise<EtcdStorage> {
    const client = await EtcdClient.load(options)
    try {
      const { version } = await client.call(methods.status, {})
      assertSupported(version, client.urls)
      const { header } = await client.call(methods.range, REVISION_REQUEST)
      return new EtcdStorage(client, header?.revision ?? 0, options)
    } catch (error) {
      client.close()
      throw error instanceof EtcdCallError ? new StorageUnavailableError(error) : error
    }
  }

  revision(): number {
    return this.#revision
  }

  async currentRevision(): Promise<number> {
    this.#assertOpen()
    return this.#currentRead.get()
  }

  /** Of the member that answers. */
  async sizeBytes(): Promise<number> {
    this.#assertOpen()
    const { dbSize } = await this.#client.call(methods.status, {})
    return Number(dbSize ?? 0)
  }

  compactedRevision(): number {
    return this.#compactedRevision
  }

  async get(key: string, options: ReadOptions = {}): Promise<KeyValue | undefined> {
    assertKey(key)
    const { items } = await this.#range(getRequest(key, options))
    const found = items[0]
    return found && toKeyValue(found)
  }

  async list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#listPages(prefix, options, tries < LIST_TRIES ? PAGE_KEYS : ALL_KEYS)
      } catch (error) {
        // The newest state cannot be too old: it became so between two of its pages.
        const isOvertaken = error instanceof CompactedError && options.revision === undefined
        if (!isOvertaken || tries >= LIST_TRIES) throw error
      }
    }
  }

  async count(prefix: string, { revision = 0 }: ReadOptions = {}): Promise<number> {
    const request = listRequest(prefix)
    const { count } = await this.#range({ ...request, revision, countOnly: true })
    return count
  }

  /** The seconds left of each key of a prefix that has a time to live. */
  async timesToLive(prefix: string): Promise<ReadonlyMap<string, number>> {
    const request = listRequest(prefix)
    const { items } = await this.#range({ ...request, keysOnly: true })
    const leases = new Set(items.map(({ lease }) => lease).filter((lease) => lease !== NO_LEASE))
    const left = new Map<bigint, number>()
    for (const id of leases) {
      const { ttl } = await this.#client.call(methods.leaseTimeToLive, { id })
      left.set(id, Math.max(1, ttl))
    }
    const expiring = items.filter(({ lease }) => left.has(lease))
    return new Map(expiring.map(({ key, lease }) => [key, left.get(lease) ?? 1]))
  }

  async put(key: string, value: Uint8Array, options: WriteOptions = {}): Promise<PutResult> {
    const { expectedModRevision, ttlSeconds } = options
    assertKey(key)
    this.#assertOpen()
    const write = async (): Promise<PutResult> => {
      const lease = ttlSeconds === undefined ? NO_LEASE : await this.#leaseFor(ttlSeconds)
      const answer = await this.#write(
        key,
        value,
        putTransaction(key, value, lease, expectedModRevision),
        options,
      )
      if (!answer.succeeded) return conflictOf(answer)
      const written = answer.responses[1]?.range?.items[0]
      if (written === undefined) throw new Error(`etcd did not answer with what it wrote: ${key}`)
      const { createRevision, modRevision, version } = written
      return { code: 'Done', keyValue: { key, value, createRevision, modRevision, version } }
    }
    return this.#track(write())
  }

  async delete(key: string, options: WriteOptions = {}): Promise<DeleteResult> {
    assertKey(key)
    this.#assertOpen()
    const { expectedModRevision } = options
    const remove = async (): Promise<DeleteResult> => {
      const request = deleteTransaction(key, expectedModRevision)
      const answer = await this.#write(key, undefined, request, options)
      if (!answer.succeeded) {
        const conflict = conflictOf(answer)
        return conflict.current === undefined ? { code: 'NotFound' } : conflict
      }
      if (answer.responses[0]?.delete?.deleted !== 1) return { code: 'NotFound' }
      return { code: 'Done', revision: answer.header?.revision ?? 0 }
    }
    return this.#track(remove())
  }

  watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler): Watch {
    return this.#hub.watch(prefixOrKey, afterRevision, handler)
  }

  async compact(revision: number): Promise<void> {
    this.#assertOpen()
    try {
      await this.#client.call(methods.compact, { revision })
      this.#noteCompaction(revision)
    } catch (error) {
      if (!isCompacted(error) || this.#compactedRevision !== revision) {
        throw await this.#readErrorOf(error, revision)
      }
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#client.giveUp()
    await Promise.allSettled(this.#writing)
    await this.#lastEvents()
    this.#hub.close(new StorageClosedError())
    this.#client.close()
  }

  async #listPages(
    prefix: string,
    { limit = ALL_KEYS, startKey, revision: asked = 0 }: ListOptions,
    pageKeys: number,
  ): Promise<ListResult> {
    const request = listRequest(prefix, startKey)
    const items: KeyValue[] = []
    let { key } = request
    let revision = asked
    let count = 0
    for (;;) {
      const left = Math.min(pageKeys, limit - items.length)
      const pageLimit = left === ALL_KEYS ? 0 : left
      const page = await this.#range({ ...request, key, revision, limit: pageLimit })
      if (items.length === 0) count = page.count
      // The first page says which moment the others have to be of.
      if (revision === 0) revision = page.header?.revision ?? 0
      for (const item of page.items) items.push(toKeyValue(item))
      const last = items.at(-1)
      if (!page.more || items.length >= limit || last === undefined) break
      key = keyAfter(last.key)
    }
    return { items, revision, count, more: count > items.length }
  }

  async #range(request: RangeRequest): Promise<Decoded<typeof methods.range.response>> {
    this.#assertOpen()
    try {
      const answer = await this.#client.call(methods.range, request)
      if (answer.header !== undefined) this.#seen(answer.header.revision)
      return answer
    } catch (error) {
      throw await this.#readErrorOf(error, request.revision ?? 0)
    }
  }

  async #write(
    key: string,
    value: Uint8Array | undefined,
    request: TransactionRequest,
    { attachment }: WriteOptions,
  ): Promise<Decoded<typeof transactionResponse>> {
    const passed = (revision: number) => this.#hub.position >= revision
    const attached =
      attachment === undefined ? undefined : this.#attachments.add(key, value, attachment, passed)
    try {
      const answer = await this.#client.call(methods.transaction, request)
      const revision = answer.header?.revision ?? 0
      this.#seen(revision)
      if (answer.succeeded) attached?.done(revision)
      else attached?.failed()
      return answer
    } catch (error) {
      attached?.failed()
      throw this.#writeErrorOf(error, key)
    }
  }

  async #leaseFor(ttlSeconds: number): Promise<bigint> {
    try {
      return await this.#leases.leaseFor(ttlSeconds)
    } catch (error) {
      throw error instanceof EtcdCallError ? new StorageUnavailableError(error) : error
    }
  }

  async #grant(ttl: number): Promise<bigint> {
    const { id, error } = await this.#client.call(methods.leaseGrant, { ttl })
    if (error !== '') throw new Error(`etcd grants no lease: ${error}`)
    return id
  }

  #seen(revision: number): void {
    if (revision > this.#revision) this.#revision = revision
    if (revision > this.#hub.position) this.#hub.expect(revision)
  }

  #noteCompaction(revision: number): void {
    this.#compactedRevision = Math.max(this.#compactedRevision, revision)
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new StorageClosedError()
  }

  #track<T>(write: Promise<T>): Promise<T> {
    this.#writing.add(write)
    const done = () => void this.#writing.delete(write)
    write.then(done, done)
    return write
  }

  async #lastEvents(): Promise<void> {
    const { clock } = this.#options
    const watch = this.#hub.watch('', this.#hub.position, { onEvents() {}, onError() {} })
    const why = 'the last events did not come'
    await deadline(clock, LAST_EVENTS_MS, why, watch.reached(this.#revision)).catch(() => {})
    watch[Symbol.dispose]()
  }

  #writeErrorOf(error: unknown, key: string): unknown {
    if (!(error instanceof EtcdCallError)) return error
    if (this.#isClosed && error.code === 'NotSent') return new StorageClosedError()
    if (error.details.includes('requested lease not found')) this.#leases.forget()
    if (error.code === 'Lost') return new UnknownOutcomeError(key, error)
    if (error.code === 'NotSent') return new StorageUnavailableError(error)
    return new StorageRefusedError(error.details, error, isTooLarge(error))
  }

  async #readErrorOf(error: unknown, revision: number): Promise<unknown> {
    if (!(error instanceof EtcdCallError)) return error
    if (this.#isClosed) return new StorageClosedError()
    if (error.code === 'Compacted') return new CompactedError(await this.#learnCompaction(revision))
    if (error.code === 'Future') {
      return new FutureRevisionError(revision, await this.currentRevision())
    }
    if (error.code === 'Refused') return new StorageRefusedError(error.details, error)
    return new StorageUnavailableError(error)
  }

  /** etcd says that a revision was compacted, but not which is the oldest: only a watch is told. */
  async #learnCompaction(refused: number): Promise<number> {
    if (this.#compactedRevision <= refused) {
      const found = await this.#client.compactedRevision()
      this.#noteCompaction(Math.max(found, refused + 1))
    }
    return this.#compactedRevision
  }
}

function conflictOf({ responses }: Decoded<typeof transactionResponse>): {
  readonly code: 'Conflict'
  readonly current: KeyValue | undefined
} {
  const current = responses[0]?.range?.items[0]
  return { code: 'Conflict', current: current && toKeyValue(current) }
}

function isCompacted(error: unknown): boolean {
  return error instanceof EtcdCallError && error.code === 'Compacted'
}

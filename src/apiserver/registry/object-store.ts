import type { Clock } from '../../base/clock.ts'
import type { Eventual } from '../../base/eventual.ts'
import type { Logger } from '../../base/logger.ts'
import { decodeObject } from '../../machinery/decode.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { emptyListsAsNull } from '../../machinery/empty-lists.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import {
  alreadyExists,
  notFound,
  type ResourceName,
  StatusError,
} from '../../machinery/status-error.ts'
import type { KeyValue, PutResult, Storage } from '../../storage/storage.ts'
import { WrappingStorage } from '../../storage/wrapping/wrapping-storage.ts'
import { EncryptingStorage } from '../encryption/encrypting-storage.ts'
import type { ValueTransformer } from '../encryption/value-transformer.ts'
import type { ObjectNames } from './object-bytes.ts'
import { ResourceCache } from './resource-cache.ts'
import type { ServedResource } from './served-resource.ts'
import { type StoreOperation, StoreStatistics } from './store-statistics.ts'
import { Attachment, StoredObject } from './stored-object.ts'
import { withMetadata } from './strategy.ts'

export interface ObjectStoreOptions {
  /** As it is stored. */
  readonly kind: Kind
  readonly storage: Storage
  readonly clock: Clock
  readonly logger: Logger
  /** How long an object stays after its last write; for ever when absent. */
  readonly ttlSeconds?: number | undefined
  /** Encrypts what is stored; absent where it is stored as it is. */
  readonly transformer?: ValueTransformer | undefined
  /** What stands between this store and its storage, encrypted or not; nothing when absent. */
  readonly wrap?: StorageWrapper | undefined
}

/** Makes a storage of another, such as one that converts what is in it. */
export type StorageWrapper = (storage: Storage) => Storage

/** What is to be done to an object: a new state, or its deletion. */
export type Change =
  | { readonly type: 'put'; readonly object: KubeObject }
  /**
   * `shown` is what whoever asked for it sees of the object, where that is not its last state: with
   * the version of that, as upstream answers what empties the finalizers.
   */
  | { readonly type: 'delete'; readonly shown?: KubeObject | undefined }
  /** What watches see of it before it goes: that its deletion has begun. */
  | { readonly type: 'delete'; readonly marked: KubeObject }

/** What was done: the new state (or the one that nothing changed), or what was deleted. */
export interface Outcome {
  readonly type: 'created' | 'updated' | 'unchanged' | 'deleted'
  readonly stored: StoredObject
}

/**
 * The objects of one kind in the storage: reads by way of its cache, writes by compare-and-swap.
 */
export class ObjectStore {
  readonly kind: Kind
  readonly cache: ResourceCache
  readonly prefix: string
  readonly isNamespaced: boolean
  /** The versions in which its objects are served, by apiVersion. */
  readonly served = new Map<string, ServedResource>()
  /** Where the objects are, in plain. */
  readonly storage: Storage
  /** Read by metrics. */
  readonly statistics = new StoreStatistics()
  readonly #clock: Clock
  readonly #encrypting: EncryptingStorage | undefined
  readonly #wrapping: WrappingStorage | undefined
  readonly #isWrapped: boolean
  readonly #emptyAsNull: ReturnType<typeof emptyListsAsNull>
  readonly #ttlSeconds: number | undefined

  constructor(options: ObjectStoreOptions) {
    const { kind, clock, logger, ttlSeconds, transformer, wrap } = options
    this.#encrypting = transformer && new EncryptingStorage(options.storage, transformer)
    const plain = this.#encrypting ?? options.storage
    const storage = wrap?.(plain) ?? plain
    this.#clock = clock
    this.#ttlSeconds = ttlSeconds
    this.#wrapping = storage instanceof WrappingStorage ? storage : undefined
    this.#isWrapped = wrap !== undefined
    this.kind = kind
    this.#emptyAsNull = kind.custom === undefined ? emptyListsAsNull(kind.schema) : undefined
    this.isNamespaced = kind.scope === 'Namespaced'
    this.prefix = storagePrefixOf(kind)
    this.storage = storage
    this.cache = new ResourceCache({
      storage,
      clock,
      logger,
      prefix: this.prefix,
      names: this.#names(),
      isNamespaced: this.isNamespaced,
      statistics: this.statistics,
      errorOf: (value) => this.#encrypting?.errorOf(value),
    })
  }

  /** What another server has stored in a version that is served, is converted as requests are. */
  #names(): ObjectNames {
    const { kind } = this
    if (kind.custom !== undefined) return kind
    const fromOtherVersion = (stored: KubeObject) => {
      const served = this.served.get(stored.apiVersion)
      return served?.toStored(stored) ?? kind.fromOtherVersion?.(stored) ?? stored
    }
    const fromOutside = (stored: KubeObject) => {
      const { value } = decodeObject(kind, stored)
      return kind.setDefaults?.(value) ?? value
    }
    const rule = kind.completeOnRead
    const completeOnRead = rule && {
      looksComplete: (bytes: Buffer) => rule.looksComplete(bytes),
      // What is incomplete is read as if it had been sent: with all that is always written.
      complete: (object: KubeObject) =>
        rule.complete(object) === object ? object : rule.complete(fromOutside(object)),
    }
    const names = { kind: kind.kind, apiVersion: kind.apiVersion, completeOnRead }
    return { ...names, fromOtherVersion, fromProtobuf: fromOutside }
  }

  keyOf(namespace: string, name: string): string {
    return this.isNamespaced ? `${this.prefix}${namespace}/${name}` : `${this.prefix}${name}`
  }

  /** The newest state; undefined where there is none. */
  find(namespace: string, name: string): Eventual<StoredObject | undefined> {
    if (this.cache.isFresh) return this.cache.get(namespace, name)
    return this.cache.fresh().then(
      () => this.cache.get(namespace, name),
      (error: unknown) => this.#findAlone(this.keyOf(namespace, name), error),
    )
  }

  /** Others that nobody can convert do not keep this one from being read. */
  async #findAlone(key: string, error: unknown): Promise<StoredObject | undefined> {
    if (!this.#isWrapped) throw error
    const found = await this.storage.get(key)
    if (found === undefined) return undefined
    const { value, modRevision } = found
    const stored = new StoredObject(this.cache.bytes, key, value, modRevision)
    if (stored.readable() === undefined) throw error
    return stored
  }

  /** The newest state; 404 where there is none. */
  async get(namespace: string, name: string): Promise<StoredObject> {
    const stored = await this.find(namespace, name)
    if (stored === undefined) throw notFound(this.kind, name)
    return stored
  }

  /** Stores a new object, or throws 409 AlreadyExists, which names the resource of the request. */
  async create(
    given: KubeObject,
    isDryRun = false,
    resource: ResourceName = this.kind,
  ): Promise<StoredObject> {
    const object = this.asStored(given, isDryRun)
    const { namespace = '', name } = object.metadata
    const key = this.keyOf(namespace, name)
    const value = this.cache.bytes.encode(object)
    if (isDryRun) {
      if ((await this.find(namespace, name)) !== undefined)
        throw await this.#exists(resource, namespace, name)
      return this.#rehearsed(key, value, 0, object)
    }
    const attachment = new Attachment(object)
    const result = await this.#put(key, value, 0, attachment)
    if (result.code === 'Conflict') throw await this.#exists(resource, namespace, name)
    return this.#written(result.keyValue, value, attachment.object)
  }

  /** 409, which tells of one that is on its way out: it may be tried again. */
  async #exists(resource: ResourceName, namespace: string, name: string): Promise<StatusError> {
    const error = alreadyExists(resource, name)
    const found = await this.#findReadable(namespace, name)
    if (found?.object.metadata.deletionTimestamp === undefined) return error
    const { message, details = {} } = error
    return new StatusError('AlreadyExists', `object is being deleted: ${message}`, { details })
  }

  /** Undefined, too, for what is there and cannot be read. */
  async #findReadable(namespace: string, name: string): Promise<StoredObject | undefined> {
    try {
      return await this.find(namespace, name)
    } catch {
      return undefined
    }
  }

  /**
   * Changes one object. `decide` sees its newest state (undefined where there is none) and is asked
   * again whenever another writer was faster; what it throws is thrown. A change to the same state
   * writes nothing.
   */
  async change(
    namespace: string,
    name: string,
    decide: (current: StoredObject | undefined) => Change | Promise<Change>,
    isDryRun = false,
  ): Promise<Outcome> {
    const { cache } = this
    let current = cache.isFresh ? cache.get(namespace, name) : await this.find(namespace, name)
    for (;;) {
      const decided = decide(current)
      const change = decided instanceof Promise ? await decided : decided
      const outcome = await this.#try(this.keyOf(namespace, name), current, change, isDryRun)
      if ('type' in outcome) return outcome
      current = outcome.conflict && this.#stored(outcome.conflict)
    }
  }

  /**
   * Removes an object that cannot be read, with no regard to finalizers, admission or watches.
   * False where there is none under this name, or where it can be read.
   */
  async removeUnreadable(namespace: string, name: string): Promise<boolean> {
    await this.cache.fresh()
    if (!this.cache.isUnreadable(namespace, name)) return false
    const { code } = await this.storage.delete(this.keyOf(namespace, name))
    return code !== 'NotFound'
  }

  close(): void {
    this.cache.close()
  }

  async #try(
    key: string,
    current: StoredObject | undefined,
    change: Change,
    isDryRun: boolean,
  ): Promise<Outcome | { readonly conflict: KeyValue | undefined }> {
    if (change.type === 'delete') {
      if (!('marked' in change)) return this.#delete(key, current, change.shown, isDryRun)
      if (isDryRun) return this.#delete(key, current, change.marked, isDryRun)
      const put = { type: 'put', object: change.marked } as const
      const marked = await this.#try(key, current, put, isDryRun)
      return 'type' in marked ? this.#delete(key, marked.stored, undefined, isDryRun) : marked
    }
    const { bytes } = this.cache
    const object = this.asStored(change.object, isDryRun)
    if (current !== undefined && isShared(current, object) && this.#isFresh(current)) {
      return { type: 'unchanged', stored: current }
    }
    const value = bytes.encode(object)
    if (current !== undefined && isSame(current, value, object) && this.#isFresh(current)) {
      return { type: 'unchanged', stored: current }
    }
    const type = current === undefined ? 'created' : 'updated'
    if (isDryRun) {
      return { type, stored: await this.#rehearsed(key, value, current?.revision ?? 0, object) }
    }
    const attachment = new Attachment(object)
    const result = await this.#put(key, value, current?.revision ?? 0, attachment)
    if (result.code === 'Conflict') return { conflict: result.current }
    return { type, stored: this.#written(result.keyValue, value, object) }
  }

  /** What a dry run would have stored: conversion may change it, or fail. */
  async #rehearsed(key: string, value: Uint8Array, revision: number, object: KubeObject) {
    const { bytes } = this.cache
    const read = (await this.#wrapping?.rehearse(value, new Attachment(object))) ?? value
    return new StoredObject(bytes, key, read, revision, read === value ? object : undefined)
  }

  async #put(
    key: string,
    value: Uint8Array,
    expectedModRevision: number,
    attachment: Attachment,
  ): Promise<PutResult> {
    const operation = expectedModRevision === 0 ? 'create' : 'update'
    const ttlSeconds = this.#ttlSeconds
    const began = this.#clock.monotonic()
    try {
      const options = { expectedModRevision, attachment, ttlSeconds }
      const result = await this.storage.put(key, value, options)
      this.#note(operation, began)
      return result
    } catch (error) {
      this.#note(operation, began, true)
      throw error
    }
  }

  #note(operation: StoreOperation, began: number, isError = false): void {
    this.statistics.noteOperation(operation, this.#clock.monotonic() - began, isError)
  }

  /** As it is written: without a link to itself, and null where upstream has none of some lists. */
  asStored(given: KubeObject, isDryRun: boolean): KubeObject {
    const hasLink = !isDryRun && given.metadata.selfLink !== undefined
    const object = hasLink ? withMetadata(given, { ...given.metadata, selfLink: undefined }) : given
    return this.#emptyAsNull === undefined ? object : (this.#emptyAsNull(object) as KubeObject)
  }

  /** A storage that converts may have written something else. */
  #written(written: KeyValue, value: Uint8Array, object: KubeObject): StoredObject {
    const isOther = this.#isWrapped && written.value !== value
    return this.#stored(written, isOther ? undefined : object)
  }

  async #delete(
    key: string,
    current: StoredObject | undefined,
    shown: KubeObject | undefined,
    isDryRun: boolean,
  ) {
    if (current === undefined) throw notFound(this.kind, key.slice(key.lastIndexOf('/') + 1))
    const asShown = (revision: number) =>
      shown === undefined
        ? current.at(revision)
        : new StoredObject(
            this.cache.bytes,
            key,
            this.cache.bytes.encode(shown),
            current.revision,
            shown,
          )
    if (isDryRun) return { type: 'deleted' as const, stored: asShown(current.revision) }
    const expectedModRevision = current.revision
    const began = this.#clock.monotonic()
    const result = await this.storage.delete(key, { expectedModRevision }).catch((error) => {
      this.#note('delete', began, true)
      throw error
    })
    this.#note('delete', began)
    if (result.code === 'Conflict') return { conflict: result.current }
    if (result.code === 'NotFound') return { conflict: undefined }
    return { type: 'deleted' as const, stored: asShown(result.revision) }
  }

  /** What stands in another form than it would be written in is written again though the same. */
  #isFresh({ storedBytes }: StoredObject): boolean {
    return this.cache.bytes.canServe(storedBytes) && !this.#wrapping?.isStale(storedBytes)
  }

  /** The cache's own value where it has it, so that all share one. */
  #stored({ key, value, modRevision }: KeyValue, source?: KubeObject): StoredObject {
    const rest = key.slice(this.prefix.length)
    const slash = rest.indexOf('/')
    const name = this.isNamespaced ? rest.slice(slash + 1) : rest
    const cached = this.cache.get(this.isNamespaced ? rest.slice(0, slash) : '', name)
    if (cached?.revision === modRevision) return cached
    return new StoredObject(this.cache.bytes, key, value, modRevision, source)
  }
}

/** Upstream's layout: `/registry/pods/`, `/registry/deployments/`, with the group for others. */
function storagePrefixOf({ plural, storagePrefix }: Kind): string {
  return `/registry/${storagePrefix ?? plural}/`
}

/** Without encoding it: an object that took everything but its metadata over, and that is equal. */
function isShared({ object }: StoredObject, changed: KubeObject): boolean {
  const before = object as KubeObject & Readonly<Record<string, unknown>>
  for (const [name, value] of Object.entries(changed)) {
    if (name !== 'metadata' && value !== before[name]) return false
  }
  return isEqual(before, changed)
}

/** The bytes may differ in the order of keys alone, as clients send them in any. */
function isSame(current: StoredObject, value: Uint8Array, object: KubeObject): boolean {
  if (current.isStoredAs(value)) return true
  return current.storedLength === value.length && isEqual(current.object, object)
}

/** Whatever their resource versions are. */
function isEqual(one: KubeObject, other: KubeObject): boolean {
  const { resourceVersion: _, ...metadata } = one.metadata
  const { resourceVersion: __, ...otherMetadata } = other.metadata
  return deepEqual({ ...one, metadata }, { ...other, metadata: otherMetadata })
}

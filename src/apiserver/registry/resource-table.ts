import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Kind, KindRef } from '../../machinery/kind.ts'
import type { Storage } from '../../storage/storage.ts'
import type { TransformerSource } from '../encryption/encryption.ts'
import { ObjectStore, type StorageWrapper } from './object-store.ts'
import { ServedResource } from './served-resource.ts'

const EVENTS = '/events'
const EVENT_TTL_SECONDS = 3600

export interface ResourceTableOptions {
  readonly kinds: readonly Kind[]
  readonly storage: Storage
  /** Where a kind is stored, if not all are there. */
  readonly storageOf?: ((kind: Kind) => Storage) | undefined
  /** So long after they came last events go; never where it is 0. An hour when absent. */
  readonly eventTtlSeconds?: number | undefined
  readonly clock: Clock
  readonly logger: Logger
  /** Which resources are stored encrypted; none when absent. */
  readonly encryption?: TransformerSource | undefined
}

/**
 * The resources that are served, each in its versions, with one store for all versions of one.
 * Stores load when they are first asked, so that a server with a hundred kinds starts at once.
 */
export class ResourceTable {
  readonly #options: Omit<ResourceTableOptions, 'kinds'>
  readonly #resources = new Map<string, ServedResource>()
  /** By apiVersion and kind: more than one resource may have the same. */
  readonly #byKind = new Map<string, ServedResource[]>()
  /** By the kind that is stored. */
  readonly #stores = new Map<Kind, ObjectStore>()
  readonly #virtual = new Map<string, Kind>()

  constructor({ kinds, ...options }: ResourceTableOptions) {
    this.#options = options
    for (const kind of kinds) this.add(kind)
  }

  /**
   * Serves a kind from now on; `wrap` is for the store that it may need. `family`: of versions with
   * a store each.
   */
  add(kind: Kind, wrap?: StorageWrapper, family?: Map<string, ServedResource>): void {
    const id = idOf(kind.group, kind.version, kind.plural)
    if (kind.isVirtual === true) {
      this.#virtual.set(id, kind)
      return
    }
    const stored = kind.storedAs?.kind() ?? kind
    let store = this.#stores.get(stored)
    if (store === undefined) {
      store = this.openStore(stored, wrap)
      this.#stores.set(stored, store)
    }
    const resource = new ServedResource(kind, store, family)
    this.#forget(this.#resources.get(id))
    this.#resources.set(id, resource)
    const ofKind = this.#byKind.get(kindIdOf(kind.apiVersion, kind.kind))
    if (ofKind === undefined) this.#byKind.set(kindIdOf(kind.apiVersion, kind.kind), [resource])
    else ofKind.push(resource)
  }

  #forget(resource: ServedResource | undefined): void {
    if (resource === undefined) return
    const id = kindIdOf(resource.kind.apiVersion, resource.kind.kind)
    const others = (this.#byKind.get(id) ?? []).filter((one) => one !== resource)
    if (others.length === 0) this.#byKind.delete(id)
    else this.#byKind.set(id, others)
  }

  /** A store of a kind that is not served, or of which another is wanted; the caller closes it. */
  openStore(kind: Kind, wrap?: StorageWrapper): ObjectStore {
    const { encryption, storageOf, eventTtlSeconds = EVENT_TTL_SECONDS, ...ports } = this.#options
    const isEvents = `${kind.group}/${kind.plural}` === EVENTS
    const ttlSeconds = isEvents && eventTtlSeconds > 0 ? eventTtlSeconds : undefined
    const storage = storageOf?.(kind) ?? ports.storage
    const transformer = encryption?.transformerOf(kind)
    return new ObjectStore({ ...ports, storage, kind, ttlSeconds, transformer, wrap })
  }

  /**
   * Ends the service of a kind; what is stored stays. Answers the store that nobody needs any more:
   * to close it ends its watches.
   */
  remove(kind: Kind): ObjectStore | undefined {
    const id = idOf(kind.group, kind.version, kind.plural)
    const resource = this.#resources.get(id)
    if (resource?.kind === kind) {
      this.#resources.delete(id)
      this.#forget(resource)
    }
    const stored = kind.storedAs?.kind() ?? kind
    const store = this.#stores.get(stored)
    store?.served.delete(kind.apiVersion)
    if (store === undefined || store.served.size > 0) return undefined
    this.#stores.delete(stored)
    return store
  }

  find(group: string, version: string, plural: string): ServedResource | undefined {
    return this.#resources.get(idOf(group, version, plural))
  }

  /** The resource whose objects are of this kind; of several the first that was added. */
  findKind(apiVersion: string, kind: string): ServedResource | undefined {
    return this.#byKind.get(kindIdOf(apiVersion, kind))?.[0]
  }

  /** A kind that is answered without being stored, such as a review. */
  findVirtual(group: string, version: string, plural: string): Kind | undefined {
    return this.#virtual.get(idOf(group, version, plural))
  }

  /** The resource of a kind that must be served. */
  of({ group, version, plural }: KindRef): ServedResource {
    const resource = this.find(group, version, plural)
    if (resource === undefined) throw new Error(`${plural}.${version}.${group} is not served`)
    return resource
  }

  /** The store of a kind that must be served. */
  store(kind: KindRef): ObjectStore {
    return this.of(kind).store
  }

  all(): readonly ServedResource[] {
    return [...this.#resources.values()]
  }

  /** Ends all watches. */
  close(): void {
    for (const store of this.#stores.values()) store.close()
  }
}

function kindIdOf(apiVersion: string, kind: string): string {
  return `${apiVersion} ${kind}`
}

function idOf(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`
}

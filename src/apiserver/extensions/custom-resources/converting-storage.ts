import type { KubeObject } from '../../../machinery/kind.ts'
import type {
  KeyValue,
  ListOptions,
  ListResult,
  PutResult,
  Storage,
  Watch,
  WatchEvent,
  WatchHandler,
  WriteOptions,
} from '../../../storage/storage.ts'
import { ConvertedWatch } from '../../../storage/wrapping/converted-watch.ts'
import { readInSlices } from '../../../storage/wrapping/read-in-slices.ts'
import { OwnValue, WrappingStorage } from '../../../storage/wrapping/wrapping-storage.ts'
import { ObjectBytes, parseStored } from '../../registry/object-bytes.ts'
import { Attachment } from '../../registry/stored-object.ts'
import type { Converter } from './converter.ts'

export interface ConvertingStorageOptions {
  readonly storage: Storage
  readonly kind: string
  /** The apiVersion of those who read and write here. */
  readonly servedVersion: string
  /** The apiVersion that new objects are stored in. */
  readonly storedVersion: string
  readonly converter: Converter
  readonly schemas: VersionSchemas
}

/** The schemas of a definition's versions; each object is of the version that it says. */
export interface VersionSchemas {
  /** What was stored under an older schema as the present one has it: pruned and filled in. */
  complete(object: KubeObject): KubeObject
  /** What was converted, without what its new version does not know. */
  fit(object: KubeObject): KubeObject
}

/** What a value that was read has become; a promise where a webhook has to be asked. */
type Read<T> = T | Promise<T>

/**
 * The storage of a custom resource in one of its versions: what is stored in another version is
 * converted on the way in and out, and what was stored under an older schema is read as the present
 * one has it, with its defaults.
 */
export class ConvertingStorage extends WrappingStorage {
  readonly #options: ConvertingStorageOptions
  readonly #served: ObjectBytes
  readonly #stored: ObjectBytes
  /** Values as they are read here of what would be stored in another form today. */
  readonly #stale = new WeakSet<Uint8Array>()

  constructor(options: ConvertingStorageOptions) {
    const { storage, kind, servedVersion, storedVersion } = options
    super(storage)
    this.#options = options
    this.#served = new ObjectBytes({ kind, apiVersion: servedVersion })
    this.#stored = new ObjectBytes({ kind, apiVersion: storedVersion })
  }

  /** What is stored in an old version, or under an old schema. */
  override isStale(value: Uint8Array): boolean {
    return this.#stale.has(value) || this.#isStaleBelow(value)
  }

  #isStaleBelow(value: Uint8Array): boolean {
    return this.inner instanceof WrappingStorage && this.inner.isStale(value)
  }

  async list(prefix: string, options?: ListOptions): Promise<ListResult> {
    const result = await this.inner.list(prefix, options)
    return { ...result, items: await this.#readAll(result.items) }
  }

  async put(key: string, value: Uint8Array, options: WriteOptions = {}): Promise<PutResult> {
    const { servedVersion, storedVersion } = this.#options
    const isStoredAsIs = servedVersion === storedVersion
    const attachment = isStoredAsIs ? new OwnValue(this, value, options.attachment) : undefined
    const stored = isStoredAsIs ? value : await this.#toStored(value, options.attachment)
    const result = await this.inner.put(key, stored, { ...options, attachment })
    if (result.code === 'Conflict') return this.readConflict(result)
    // What another version does not know is lost: the writer is told what has remained.
    const keyValue = { ...result.keyValue, value: stored }
    return { code: 'Done', keyValue: isStoredAsIs ? keyValue : await this.readOne(keyValue) }
  }

  override async rehearse(value: Uint8Array, attachment: unknown): Promise<Uint8Array> {
    const { servedVersion, storedVersion } = this.#options
    if (servedVersion === storedVersion) return value
    return (await this.#read({ value: await this.#toStored(value, attachment) })).value
  }

  watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler): Watch {
    const wantsPrevious = handler.wantsPrevious === true
    const watch = new ConvertedWatch(handler, (events) => this.#readEvents(events, wantsPrevious))
    return watch.follow(this.inner, prefixOrKey, afterRevision)
  }

  /** The bytes to store: of the version that is stored. */
  async #toStored(value: Uint8Array, attachment: unknown): Promise<Uint8Array> {
    const { storedVersion, converter, schemas } = this.#options
    const object = attachment instanceof Attachment ? attachment.object : parseStored(value)
    const [converted] = await converter.convertAll([object], storedVersion)
    return this.#stored.encode(schemas.fit(converted as KubeObject))
  }

  protected async readOne(keyValue: KeyValue): Promise<KeyValue> {
    return this.#read(keyValue)
  }

  /** Many at once, since a webhook is asked once for all of them. */
  async #readAll<T extends { readonly value: Uint8Array }>(
    items: readonly T[],
  ): Promise<readonly T[]> {
    const { converter, servedVersion, schemas } = this.#options
    if (converter.convertNow !== undefined) {
      return readInSlices(items, (item) => this.#read(item) as T)
    }
    const stored: (KubeObject | undefined)[] = []
    const present = await readInSlices(items, ({ value }) => {
      const object = readable(value)
      stored.push(object)
      return object && schemas.complete(object)
    })
    const others = present.filter((object) => object && this.#isForeign(object)) as KubeObject[]
    const converted = await converter.convertAll(others, servedVersion)
    const byOther = new Map(others.map((object, index) => [object, converted[index]]))
    return readInSlices(items, (item, index) => {
      const object = present[index]
      if (object === undefined) return item
      const other = byOther.get(object)
      return this.#withObject(
        item,
        stored[index],
        other === undefined ? object : schemas.fit(other),
      )
    })
  }

  #isForeign({ apiVersion }: KubeObject): boolean {
    return apiVersion !== this.#options.servedVersion
  }

  /** A value that cannot be read stays as it is: the cache says what is wrong with it. */
  #read<T extends { readonly value: Uint8Array }>(item: T): Read<T> {
    const stored = readable(item.value)
    if (stored === undefined) return item
    const { converter, servedVersion, schemas } = this.#options
    const object = schemas.complete(stored)
    if (!this.#isForeign(object)) return this.#withObject(item, stored, object)
    if (converter.convertNow !== undefined) {
      const converted = converter.convertNow(object, servedVersion)
      return this.#withObject(item, stored, schemas.fit(converted))
    }
    return converter
      .convertAll([object], servedVersion)
      .then(([converted]) => this.#withObject(item, stored, schemas.fit(converted as KubeObject)))
  }

  #withObject<T extends { readonly value: Uint8Array }>(
    item: T,
    stored: KubeObject | undefined,
    object: KubeObject,
  ): T {
    const { servedVersion, storedVersion } = this.#options
    const isSame = object === stored
    const read = isSame ? item : { ...item, value: this.#served.encode(object) }
    // What is served in another version than it is stored in differs anyway.
    const isOther = stored?.apiVersion !== storedVersion
    const isStale = isOther || (!isSame && servedVersion === storedVersion)
    if (isStale || (!isSame && this.#isStaleBelow(item.value))) this.#stale.add(read.value)
    return read
  }

  /** At once where no webhook has to be asked, which else is asked once for all of them. */
  #readEvents(events: readonly WatchEvent[], wantsPrevious: boolean): Read<readonly WatchEvent[]> {
    const read = events.map((event) =>
      this.#needsWebhook(event) ? undefined : this.#readEvent(event, wantsPrevious),
    )
    return read.every(isThere) ? read : this.#readLater(events, read, wantsPrevious)
  }

  #needsWebhook(event: WatchEvent): boolean {
    if (this.#options.converter.convertNow !== undefined || event.type === 'DELETE') return false
    const object = this.ownValueOf(event) === undefined ? readable(event.value) : undefined
    return object !== undefined && this.#isForeign(object)
  }

  /** `read`: what needs no webhook. */
  async #readLater(
    events: readonly WatchEvent[],
    read: readonly (Read<WatchEvent> | undefined)[],
    wantsPrevious: boolean,
  ): Promise<readonly WatchEvent[]> {
    const foreign = events.filter((_, index) => read[index] === undefined)
    const converted = await this.#readAll(foreign.map(({ value }) => ({ value })))
    const values = new Map(foreign.map((event, index) => [event, converted[index]?.value]))
    return Promise.all(
      events.map((event, index) => {
        const plain = () => plainOf(event, values.get(event) ?? event.value, undefined)
        return read[index] ?? this.#withPrevious(plain(), wantsPrevious)
      }),
    )
  }

  #readEvent(event: WatchEvent, wantsPrevious: boolean): Read<WatchEvent> {
    const own = this.ownValueOf(event)
    const read =
      event.type === 'DELETE'
        ? plainOf(event, event.value, undefined)
        : own !== undefined
          ? plainOf(event, own.value, own.attachment)
          : this.#read(plainOf(event, event.value, undefined))
    if (!(read instanceof Promise)) return this.#withPrevious(read, wantsPrevious)
    return read.then((one) => this.#withPrevious(one, wantsPrevious))
  }

  /** What was there before is read on demand, unless a webhook must be asked for it now. */
  #withPrevious(event: WatchEvent, wantsPrevious: boolean): Read<WatchEvent> {
    const { converter } = this.#options
    if (converter.convertNow !== undefined) {
      return withPrevious(event, () => event.previous && (this.#read(event.previous) as KeyValue))
    }
    const { previous } = wantsPrevious ? event : { previous: undefined }
    if (previous === undefined) return withPrevious(event, () => undefined)
    return this.readOne(previous).then((before) => withPrevious(event, () => before))
  }
}

function isThere(event: Read<WatchEvent> | undefined): event is WatchEvent {
  return event !== undefined && !(event instanceof Promise)
}

function withPrevious(event: WatchEvent, read: () => KeyValue | undefined): WatchEvent {
  const { type, key, value, createRevision, modRevision, version, attachment } = event
  return {
    ...{ type, key, value, createRevision, modRevision, version, attachment },
    get previous() {
      return read()
    },
  }
}

function plainOf(event: WatchEvent, value: Uint8Array, attachment: unknown): WatchEvent {
  const { type, key, createRevision, modRevision, version } = event
  return {
    ...{ type, key, value, createRevision, modRevision, version, attachment },
    get previous() {
      return event.previous
    },
  }
}

/** Undefined for what is no object. */
function readable(value: Uint8Array): KubeObject | undefined {
  try {
    return parseStored(value)
  } catch {
    return undefined
  }
}

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
} from '../../storage/storage.ts'
import { ConvertedWatch, eachAlone } from '../../storage/wrapping/converted-watch.ts'
import { readInSlices } from '../../storage/wrapping/read-in-slices.ts'
import { OwnValue, WrappingStorage } from '../../storage/wrapping/wrapping-storage.ts'
import type { ValueTransformer } from './value-transformer.ts'

/**
 * The storage of a resource that is encrypted: plain values for those who use it, encrypted ones
 * below. A value that cannot be decrypted is handed on as it is, and `errorOf` says why, so that
 * one lost key does not hide all that can be read.
 */
export class EncryptingStorage extends WrappingStorage {
  readonly #transformer: ValueTransformer
  readonly #stale = new WeakSet<Uint8Array>()
  /** What was read or written since the way of writing changed; undefined before it ever did. */
  #fresh: WeakSet<Uint8Array> | undefined
  #way: object | undefined
  readonly #errors = new WeakMap<Uint8Array, Error>()

  constructor(storage: Storage, transformer: ValueTransformer) {
    super(storage)
    this.#transformer = transformer
    this.#way = transformer.way?.()
  }

  /** What an old key has encrypted, whether it was the present one when that was read or not. */
  override isStale(value: Uint8Array): boolean {
    this.#noteWay()
    return this.#stale.has(value) || this.#fresh?.has(value) === false
  }

  /** Why a value that was read here is not what was written. */
  errorOf(value: Uint8Array): Error | undefined {
    return this.#errors.get(value)
  }

  async list(prefix: string, options?: ListOptions): Promise<ListResult> {
    const result = await this.inner.list(prefix, options)
    const transformer = this.#current()
    const failures = await prepareEach(transformer, result.items)
    const plain = (item: KeyValue): KeyValue => {
      const { key, value } = item
      if (!failures.has(value)) return this.#plain(transformer, item)
      return { ...item, value: this.#unreadable(value, key, failures.get(value)) }
    }
    return { ...result, items: await readInSlices(result.items, plain) }
  }

  async put(key: string, value: Uint8Array, options: WriteOptions = {}): Promise<PutResult> {
    const attachment = new OwnValue(this, value, options.attachment)
    this.#noteWay()
    const encrypted = this.#transformer.write(value, this.keyBelow(key))
    this.#fresh?.add(value)
    const result = await this.inner.put(key, encrypted, { ...options, attachment })
    if (result.code === 'Conflict') return this.readConflict(result)
    return { code: 'Done', keyValue: { ...result.keyValue, value } }
  }

  watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler): Watch {
    if (this.#transformer.prepare !== undefined) {
      const wantsPrevious = handler.wantsPrevious === true
      const convert = (event: WatchEvent) => this.#preparedEvent(event, wantsPrevious)
      const watch = new ConvertedWatch(handler, eachAlone(convert))
      return watch.follow(this.inner, prefixOrKey, afterRevision)
    }
    return this.inner.watch(prefixOrKey, afterRevision, {
      ...(handler.wantsPrevious && { wantsPrevious: true }),
      onEvents: (events) =>
        handler.onEvents(events.map((event) => this.#plainEvent(this.#current(), event))),
      onError: (error) => handler.onError(error),
    })
  }

  #noteWay(): void {
    const way = this.#transformer.way?.()
    if (way === this.#way) return
    this.#way = way
    this.#fresh = new WeakSet()
  }

  /** Of one moment: it may be replaced while its keys are being asked for. */
  #current(): ValueTransformer {
    return this.#transformer.current?.() ?? this.#transformer
  }

  protected async readOne(keyValue: KeyValue): Promise<KeyValue> {
    const transformer = this.#current()
    await transformer.prepare?.(keyValue.value)
    return this.#plain(transformer, keyValue)
  }

  /** At once for what this server has written, and for all whose keys are known. */
  #preparedEvent(event: WatchEvent, wantsPrevious: boolean): WatchEvent | Promise<WatchEvent> {
    const { type, value } = event
    const isOwn = this.ownValueOf(event) !== undefined
    // What the key held before can be asked for now and never again.
    const previous = wantsPrevious ? event.previous : undefined
    const encrypted = previous === undefined ? [] : [previous.value]
    if (type === 'PUT' && !isOwn) encrypted.push(value)
    const transformer = this.#current()
    const preparing = encrypted.flatMap((one) => transformer.prepare?.(one) ?? [])
    const known = wantsPrevious ? { ...event, previous } : event
    if (preparing.length === 0) return this.#plainEvent(transformer, known)
    return Promise.all(preparing).then(() => this.#plainEvent(transformer, known))
  }

  #plain(transformer: ValueTransformer, keyValue: KeyValue): KeyValue {
    return { ...keyValue, value: this.#read(transformer, keyValue.value, keyValue.key) }
  }

  #read(transformer: ValueTransformer, stored: Uint8Array, key: string): Uint8Array {
    try {
      const { value, isStale } = transformer.read(stored, this.keyBelow(key))
      this.#noteWay()
      if (isStale) this.#stale.add(value)
      else this.#fresh?.add(value)
      this.#errors.delete(stored)
      return value
    } catch (cause) {
      return this.#unreadable(stored, key, cause)
    }
  }

  #unreadable(stored: Uint8Array, key: string, cause: unknown): Uint8Array {
    const why = cause instanceof Error ? cause.message : String(cause)
    const text = `unable to transform key ${JSON.stringify(this.keyBelow(key))}: ${why}`
    this.#errors.set(stored, new Error(text, { cause: new Error(why) }))
    return stored
  }

  #plainEvent(transformer: ValueTransformer, event: WatchEvent): WatchEvent {
    const { type, key, value, createRevision, modRevision, version } = event
    const own = this.ownValueOf(event)
    const read = (one: KeyValue) => this.#plain(transformer, one)
    const isPlain = type === 'DELETE' || own !== undefined
    let plain = isPlain ? (own?.value ?? value) : undefined
    return {
      ...{ type, key, createRevision, modRevision, version },
      // When somebody asks: a remote store may send a thousand events of the past at once.
      get value() {
        plain ??= read(event).value
        return plain
      },
      attachment: own?.attachment,
      get previous() {
        const { previous } = event
        return previous && read(previous)
      },
    }
  }
}

/**
 * Gets what reading values takes. Those whose key is not to be had now come back with the reason:
 * they must not hide the others.
 */
async function prepareEach(
  transformer: ValueTransformer,
  items: readonly KeyValue[],
): Promise<ReadonlyMap<Uint8Array, unknown>> {
  const failures = new Map<Uint8Array, unknown>()
  if (transformer.prepare === undefined) return failures
  const waiting: Promise<unknown>[] = []
  for (const { value } of items) {
    const preparing = transformer.prepare(value)
    if (preparing === undefined) continue
    waiting.push(preparing.catch((error) => failures.set(value, error)))
  }
  await Promise.all(waiting)
  return failures
}

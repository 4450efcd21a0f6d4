import { assert } from '../../base/assert.ts'
import type {
  DeleteResult,
  KeyValue,
  ListOptions,
  ListResult,
  PutResult,
  ReadOptions,
  Storage,
  Watch,
  WatchEvent,
  WatchHandler,
  WriteOptions,
} from '../storage.ts'

/** Where keys stand in the storage below, by where they stand here. Both end in '/'. */
export type Places = readonly (readonly [here: string, below: string])[]

/**
 * A part of a storage that has others, such as other clusters: its keys stand elsewhere below.
 * Keys that no place covers stand where they are. All keys at once are nobody's to read.
 */
export class PrefixedStorage implements Storage {
  readonly #inner: Storage
  readonly #places: Places

  constructor(inner: Storage, places: Places) {
    this.#inner = inner
    this.#places = places
  }

  get isShared(): boolean {
    return this.#inner.isShared === true
  }

  revision(): number {
    return this.#inner.revision()
  }

  currentRevision(): Promise<number> {
    return this.#inner.currentRevision()
  }

  compactedRevision(): number {
    return this.#inner.compactedRevision()
  }

  async get(key: string, options?: ReadOptions): Promise<KeyValue | undefined> {
    const found = await this.#inner.get(this.#below(key), options)
    return found && this.#here(found)
  }

  async list(prefix: string, { startKey, ...options }: ListOptions = {}): Promise<ListResult> {
    const start = startKey === undefined ? {} : { startKey: this.#below(startKey) }
    const found = await this.#inner.list(this.#below(prefix), { ...options, ...start })
    return { ...found, items: found.items.map((item) => this.#here(item)) }
  }

  count(prefix: string, options?: ReadOptions): Promise<number> {
    return this.#inner.count(this.#below(prefix), options)
  }

  async put(key: string, value: Uint8Array, options?: WriteOptions): Promise<PutResult> {
    const result = await this.#inner.put(this.#below(key), value, options)
    if (result.code === 'Done') return { ...result, keyValue: this.#here(result.keyValue) }
    return { ...result, current: result.current && this.#here(result.current) }
  }

  async delete(key: string, options?: WriteOptions): Promise<DeleteResult> {
    const result = await this.#inner.delete(this.#below(key), options)
    if (result.code !== 'Conflict') return result
    return { ...result, current: result.current && this.#here(result.current) }
  }

  watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler): Watch {
    const here = (event: WatchEvent) => this.#eventHere(event)
    return this.#inner.watch(this.#below(prefixOrKey), afterRevision, {
      ...(handler.wantsPrevious === true && { wantsPrevious: true }),
      onEvents: (events) => handler.onEvents(events.map(here)),
      onError: (error) => handler.onError(error),
    })
  }

  compact(revision: number): Promise<void> {
    return this.#inner.compact(revision)
  }

  writeFailure(): unknown {
    return this.#inner.writeFailure?.()
  }

  /** Of the whole storage, as etcd knows no other. */
  async sizeBytes(): Promise<number> {
    return (await this.#inner.sizeBytes?.()) ?? 0
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  keyBelow(key: string): string {
    return this.#below(key)
  }

  #below(key: string): string {
    assert(key !== '', 'a part of a storage is read by its prefixes')
    const place = this.#places.find(([here]) => key.startsWith(here))
    return place === undefined ? key : place[1] + key.slice(place[0].length)
  }

  #keyHere(key: string): string {
    const place = this.#places.find(([, below]) => key.startsWith(below))
    return place === undefined ? key : place[0] + key.slice(place[1].length)
  }

  #here(found: KeyValue): KeyValue {
    return { ...found, key: this.#keyHere(found.key) }
  }

  /** What was before is read when it is asked for, as below. */
  #eventHere(event: WatchEvent): WatchEvent {
    const { type, value, createRevision, modRevision, version, attachment } = event
    const key = this.#keyHere(event.key)
    const here = (found: KeyValue) => this.#here(found)
    return {
      ...{ type, key, value, createRevision, modRevision, version, attachment },
      get previous() {
        const { previous } = event
        return previous && here(previous)
      },
    }
  }
}

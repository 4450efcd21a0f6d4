import { type Random, randomInt } from '../../../src/base/random.ts'
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
} from '../../../src/storage/storage.ts'

/** A promise of a storage that it does not keep. */
export type Break =
  | 'acknowledges what it has not written'
  | 'compares with nothing'
  | 'is behind when it says how far it is'
  | 'leaves events out'
  | 'reads an old state at another revision'
  | 'sends events twice'
  | 'writes again what was written'

/** How often it breaks its promise, of the times that it could. */
const CHANCE = 0.2

/** A storage that breaks one of its promises now and then: what checks histories has to find it. */
export class BrokenStorage implements Storage {
  readonly isShared = true
  readonly #inner: Storage
  readonly #random: Random
  readonly #break: Break

  constructor(inner: Storage, random: Random, how: Break) {
    this.#inner = inner
    this.#random = random
    this.#break = how
  }

  revision(): number {
    return this.#inner.revision()
  }

  async currentRevision(): Promise<number> {
    const revision = await this.#inner.currentRevision()
    return this.#breaks('is behind when it says how far it is') ? revision - 5 : revision
  }

  compactedRevision(): number {
    return this.#inner.compactedRevision()
  }

  get(key: string, options?: ReadOptions): Promise<KeyValue | undefined> {
    return this.#inner.get(key, options)
  }

  list(prefix: string, options: ListOptions = {}): Promise<ListResult> {
    const isMixed = this.#breaks('reads an old state at another revision', 1)
    return this.#inner.list(prefix, isMixed ? { ...options, revision: undefined } : options)
  }

  count(prefix: string, options?: ReadOptions): Promise<number> {
    return this.#inner.count(prefix, options)
  }

  async put(key: string, value: Uint8Array, options: WriteOptions = {}): Promise<PutResult> {
    const { expectedModRevision = 0 } = options
    if (this.#breaks('compares with nothing') && expectedModRevision !== 0) {
      return this.#inner.put(key, value, { ...options, expectedModRevision: undefined })
    }
    if (this.#breaks('acknowledges what it has not written')) {
      const modRevision = this.#inner.revision() + 1
      return { code: 'Done', keyValue: { key, value, createRevision: 1, modRevision, version: 1 } }
    }
    const result = await this.#inner.put(key, value, options)
    if (result.code === 'Done' && this.#breaks('writes again what was written')) {
      await this.#inner.put(key, value)
    }
    return result
  }

  delete(key: string, options?: WriteOptions): Promise<DeleteResult> {
    return this.#inner.delete(key, options)
  }

  watch(prefixOrKey: string, afterRevision: number, handler: WatchHandler): Watch {
    return this.#inner.watch(prefixOrKey, afterRevision, {
      onEvents: (events) => {
        const told = events.flatMap((event) => this.#told(event))
        if (told.length > 0) handler.onEvents(told)
      },
      onError: (error) => handler.onError(error),
    })
  }

  compact(revision: number): Promise<void> {
    return this.#inner.compact(revision)
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #told(event: WatchEvent): readonly WatchEvent[] {
    if (this.#breaks('leaves events out')) return []
    return this.#breaks('sends events twice') ? [event, event] : [event]
  }

  #breaks(how: Break, chance = CHANCE): boolean {
    return this.#break === how && randomInt(this.#random, 1000) < chance * 1000
  }
}

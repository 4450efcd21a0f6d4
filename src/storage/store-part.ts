import type { KeyValue, ListResult, Storage, WriteOptions } from './storage.ts'

/** Keys of a store that belong together. Both prefixes end in '/' or are empty. */
export interface Place {
  /** What their keys begin with wherever they are. */
  readonly here: string
  /** What they begin with in this store. */
  readonly below: string
  /** Keys with a further '/' belong to somebody else. */
  readonly isShallow?: true
}

/** All that is in a store. */
export const WHOLE_STORE: readonly Place[] = [{ here: '', below: '' }]

/** The keys of some places of a store, by their common names: one cluster's of several, or all. */
export class StorePart<S extends Storage = Storage> {
  readonly storage: S
  readonly #places: readonly Place[]

  constructor(storage: S, places: readonly Place[]) {
    this.storage = storage
    this.#places = places
  }

  /** What there is at one moment. */
  async read(): Promise<Pick<ListResult, 'items' | 'revision'>> {
    const items: KeyValue[] = []
    let revision: number | undefined
    for (const place of this.#places) {
      const found = await this.storage.list(place.below, { revision })
      revision ??= found.revision
      for (const item of found.items) {
        const key = keyHere(item.key, place)
        if (key !== undefined) items.push({ ...item, key })
      }
    }
    return { items, revision: revision ?? this.storage.revision() }
  }

  /** By key, as `read` in one of the stores that can say so. */
  async timesToLive(
    read: (prefix: string) => Promise<ReadonlyMap<string, number>>,
  ): Promise<ReadonlyMap<string, number>> {
    const found = new Map<string, number>()
    for (const place of this.#places) {
      for (const [below, seconds] of await read(place.below)) {
        const key = keyHere(below, place)
        if (key !== undefined) found.set(key, seconds)
      }
    }
    return found
  }

  put(key: string, value: Uint8Array, options: WriteOptions): Promise<unknown> {
    return this.storage.put(this.below(key), value, options)
  }

  delete(key: string): Promise<unknown> {
    return this.storage.delete(this.below(key))
  }

  /** Where a key stands in this store. */
  below(key: string): string {
    const place = this.#places.find(({ here }) => key.startsWith(here))
    if (place === undefined) throw new Error(`${key} has no place in the store`)
    return place.below + key.slice(place.here.length)
  }
}

/** Undefined for a key of somebody else. */
function keyHere(key: string, { here, below, isShallow }: Place): string | undefined {
  const name = key.slice(below.length)
  return isShallow === true && name.includes('/') ? undefined : here + name
}

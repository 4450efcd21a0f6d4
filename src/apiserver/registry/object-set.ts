import type { KubeObject } from '../../machinery/kind.ts'
import { OrderedObjects } from './ordered-objects.ts'
import type { IndexKey, Selection } from './selection.ts'
import type { StoredObject } from './stored-object.ts'

/** The values under which one index finds an object. */
export type IndexValues = (object: KubeObject) => readonly string[]

/**
 * The current objects of one resource, found by name, by namespace and by any index in use.
 *
 *     key "default/web"  ->  namespace "default": ["a", "web"] in order  ->  StoredObject
 *
 * Lists come in the order of the storage's keys, so that a page that was read here continues there.
 */
export class ObjectSet {
  readonly #namespaces = new Map<string, NamespaceSet>()
  #order: NamespaceSet[] = []
  readonly #indexes = new Map<string, Index>()
  #size = 0
  #bytes = 0
  /** The objects of all namespaces, until something changes. */
  #all: readonly StoredObject[] | undefined

  get size(): number {
    return this.#size
  }

  /** What its objects take as they are stored. */
  get bytes(): number {
    return this.#bytes
  }

  get(namespace: string, name: string): StoredObject | undefined {
    return this.#namespaces.get(namespace)?.get(name)
  }

  /** Puts an object in place of the one with its name, and returns that one. */
  set(stored: StoredObject): StoredObject | undefined {
    this.#all = undefined
    const { namespace = '', name } = stored.object.metadata
    let set = this.#namespaces.get(namespace)
    if (set === undefined) {
      set = new NamespaceSet(namespace)
      this.#namespaces.set(namespace, set)
      this.#order = [...this.#namespaces.values()].toSorted(byKeyOrder)
    }
    const previous = set.set(name, stored)
    if (previous === undefined) this.#size++
    this.#bytes += stored.storedLength - (previous?.storedLength ?? 0)
    for (const index of this.#indexes.values()) index.replace(previous, stored)
    return previous
  }

  delete(namespace: string, name: string): StoredObject | undefined {
    const set = this.#namespaces.get(namespace)
    const previous = set?.delete(name)
    if (set === undefined || previous === undefined) return undefined
    this.#all = undefined
    this.#size--
    this.#bytes -= previous.storedLength
    if (set.size === 0) {
      this.#namespaces.delete(namespace)
      this.#order = this.#order.filter((one) => one !== set)
    }
    for (const index of this.#indexes.values()) index.replace(previous, undefined)
    return previous
  }

  /**
   * All that match the selection's names and index, in key order; its predicate is still to be
   * asked. They are those of this moment: what is returned never changes.
   */
  candidates({ namespace, name, indexKey }: Selection): readonly StoredObject[] {
    if (indexKey !== undefined) return this.#indexed(indexKey)
    if (name !== '') {
      const sets = namespace === '' ? this.#order : [this.#namespaces.get(namespace)]
      return sets.flatMap((set) => set?.get(name) ?? [])
    }
    if (namespace !== '') return this.#namespaces.get(namespace)?.inOrder() ?? []
    const [only] = this.#order
    if (only !== undefined && this.#order.length === 1) return only.inOrder()
    this.#all ??= this.#order.flatMap((set) => set.inOrder())
    return this.#all
  }

  /** Whether `candidates` gives only objects with the selection's namespace and name. */
  isExact({ indexKey }: Selection): boolean {
    return indexKey === undefined
  }

  /** How many objects a namespace has; all for ''. */
  count(namespace: string): number {
    return namespace === '' ? this.#size : (this.#namespaces.get(namespace)?.size ?? 0)
  }

  /** Keeps an index from now on; does nothing where it exists. */
  ensureIndex(name: string, values: IndexValues): void {
    if (this.#indexes.has(name)) return
    const index = new Index(values)
    this.#indexes.set(name, index)
    for (const set of this.#order)
      for (const stored of set.inOrder()) index.replace(undefined, stored)
  }

  hasIndexed(index: string, value: string): boolean {
    return this.#indexes.get(index)?.find(value) !== undefined
  }

  #indexed({ index, value }: IndexKey): readonly StoredObject[] {
    const found = this.#indexes.get(index)?.find(value) ?? new Set()
    return [...found].toSorted((a, b) => (a.key < b.key ? -1 : 1))
  }
}

/** Namespaces are compared as in keys, where '/' follows them and sorts after '-'. */
function byKeyOrder(a: NamespaceSet, b: NamespaceSet): number {
  return `${a.namespace}/` < `${b.namespace}/` ? -1 : 1
}

/** The objects of one namespace, ordered by name at all times. */
class NamespaceSet {
  readonly namespace: string
  readonly #byName = new Map<string, StoredObject>()
  readonly #ordered = new OrderedObjects()

  constructor(namespace: string) {
    this.namespace = namespace
  }

  get size(): number {
    return this.#byName.size
  }

  get(name: string): StoredObject | undefined {
    return this.#byName.get(name)
  }

  set(name: string, stored: StoredObject): StoredObject | undefined {
    const previous = this.#byName.get(name)
    this.#byName.set(name, stored)
    if (previous === undefined) this.#ordered.insert(stored)
    else this.#ordered.replace(stored)
    return previous
  }

  delete(name: string): StoredObject | undefined {
    const previous = this.#byName.get(name)
    if (previous === undefined) return undefined
    this.#byName.delete(name)
    this.#ordered.delete(previous)
    return previous
  }

  inOrder(): readonly StoredObject[] {
    return this.#ordered.all()
  }
}

class Index {
  readonly #values: IndexValues
  readonly #byValue = new Map<string, Set<StoredObject>>()

  constructor(values: IndexValues) {
    this.#values = values
  }

  find(value: string): ReadonlySet<StoredObject> | undefined {
    return this.#byValue.get(value)
  }

  replace(previous: StoredObject | undefined, next: StoredObject | undefined): void {
    if (previous !== undefined) {
      for (const value of this.#values(previous.object)) {
        const set = this.#byValue.get(value)
        set?.delete(previous)
        if (set?.size === 0) this.#byValue.delete(value)
      }
    }
    if (next === undefined) return
    for (const value of this.#values(next.object)) {
      const set = this.#byValue.get(value)
      if (set === undefined) this.#byValue.set(value, new Set([next]))
      else set.add(next)
    }
  }
}

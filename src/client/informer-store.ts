import type { KubeObject } from '../machinery/kind.ts'
import { keyOf } from './client.ts'
import type { InformerEvent } from './lister.ts'

/** Files objects under the values that `valuesOf` gives. */
interface Index<T> {
  readonly valuesOf: (object: T) => Iterable<string>
  readonly keysByValue: Map<string, Set<string>>
}

/**
 * The objects of one kind by key, with the indexes over them. Lists are kept until the next
 * change, so that a reader pays for a list only once.
 */
export class InformerStore<T extends KubeObject> {
  readonly #objects = new Map<string, T>()
  readonly #keysByNamespace = new Map<string, Set<string>>()
  readonly #indexes = new Map<string, Index<T>>()
  readonly #lists = new Map<string | undefined, readonly T[]>()

  get(key: string): T | undefined {
    return this.#objects.get(key)
  }

  keys(): readonly string[] {
    return [...this.#objects.keys()]
  }

  list(namespace?: string): readonly T[] {
    let list = this.#lists.get(namespace)
    if (list === undefined) {
      list = namespace === undefined ? [...this.#objects.values()] : this.#inNamespace(namespace)
      this.#lists.set(namespace, list)
    }
    return list
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name)
    if (index === undefined) throw new Error(`there is no index ${name}`)
    return this.#objectsOf(index.keysByValue.get(value))
  }

  addIndex(name: string, valuesOf: (object: T) => Iterable<string>): void {
    if (this.#indexes.has(name)) return
    const index: Index<T> = { valuesOf, keysByValue: new Map() }
    this.#indexes.set(name, index)
    for (const [key, object] of this.#objects) file(index, key, object)
  }

  /**
   * Puts what the server says of one object in place, and returns what that means to a handler:
   * nothing for news that are old, two events where another object took over the name.
   */
  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): readonly InformerEvent<T>[] {
    const key = keyOf(object)
    const old = this.#objects.get(key)
    if (type === 'DELETED') {
      if (old === undefined || isOlder(object, old)) return []
      this.#remove(key, old)
      return [{ type, object, old }]
    }
    if (old === undefined) {
      this.#put(key, object, undefined)
      return [{ type: 'ADDED', object }]
    }
    if (old.metadata.resourceVersion === object.metadata.resourceVersion) return []
    if (isOlder(object, old)) return []
    this.#put(key, object, old)
    if (old.metadata.uid === object.metadata.uid) return [{ type: 'MODIFIED', object, old }]
    return [
      { type: 'DELETED', object: old, old },
      { type: 'ADDED', object },
    ]
  }

  /** Takes out an object that a new list no longer holds. */
  dropMissing(key: string): readonly InformerEvent<T>[] {
    const old = this.#objects.get(key)
    if (old === undefined) return []
    this.#remove(key, old)
    return [{ type: 'DELETED', object: old, old }]
  }

  #put(key: string, object: T, old: T | undefined): void {
    this.#objects.set(key, object)
    const { namespace } = object.metadata
    if (namespace !== undefined) addTo(this.#keysByNamespace, namespace, key)
    for (const index of this.#indexes.values()) {
      if (old !== undefined) unfile(index, key, old)
      file(index, key, object)
    }
    this.#lists.delete(undefined)
    this.#lists.delete(namespace)
  }

  #remove(key: string, old: T): void {
    this.#objects.delete(key)
    const { namespace } = old.metadata
    if (namespace !== undefined) removeFrom(this.#keysByNamespace, namespace, key)
    for (const index of this.#indexes.values()) unfile(index, key, old)
    this.#lists.delete(undefined)
    this.#lists.delete(namespace)
  }

  #inNamespace(namespace: string): T[] {
    return this.#objectsOf(this.#keysByNamespace.get(namespace))
  }

  #objectsOf(keys: Iterable<string> = []): T[] {
    const objects: T[] = []
    for (const key of keys) {
      const object = this.#objects.get(key)
      if (object !== undefined) objects.push(object)
    }
    return objects
  }
}

/**
 * Whether `a` was written before `b`. Resource versions of one resource are comparable whole
 * numbers (KEP-5504); where a server uses something else, nothing is taken as old.
 */
function isOlder(a: KubeObject, b: KubeObject): boolean {
  return compareResourceVersions(a.metadata.resourceVersion, b.metadata.resourceVersion) < 0
}

/** Negative when `a` comes before `b`; 0 when they are the same or cannot be compared. */
export function compareResourceVersions(a: string, b: string): number {
  if (!/^[1-9][0-9]*$/.test(a) || !/^[1-9][0-9]*$/.test(b)) return 0
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : Number(a > b)
}

/** Whether a cache at `version` shows the write that had `wanted`; false when nobody can know. */
export function isVersionReached(version: string, wanted: string): boolean {
  if (version === wanted) return true
  return compareResourceVersions(version, wanted) > 0
}

function file<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) addTo(index.keysByValue, value, key)
}

function unfile<T>(index: Index<T>, key: string, object: T): void {
  for (const value of index.valuesOf(object)) removeFrom(index.keysByValue, value, key)
}

function addTo(keysByValue: Map<string, Set<string>>, value: string, key: string): void {
  const keys = keysByValue.get(value)
  if (keys === undefined) keysByValue.set(value, new Set([key]))
  else keys.add(key)
}

function removeFrom(keysByValue: Map<string, Set<string>>, value: string, key: string): void {
  const keys = keysByValue.get(value)
  keys?.delete(key)
  if (keys?.size === 0) keysByValue.delete(value)
}

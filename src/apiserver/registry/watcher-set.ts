import type { CacheEvent } from './cache-event.ts'
import type { CacheWatcher } from './cache-watcher.ts'
import type { IndexValues } from './object-set.ts'
import type { Selection } from './selection.ts'

/**
 * The watches of one resource, grouped by what they watch, so that an event meets only those that
 * it may concern: 500 kubelets that watch the pods of their nodes cost one event one look-up.
 */
export class WatcherSet {
  readonly #byScope = new Map<string, Set<CacheWatcher>>()
  readonly #indexes = new Map<string, IndexValues>()
  readonly #isNamespaced: boolean
  #size = 0

  constructor(isNamespaced: boolean) {
    this.#isNamespaced = isNamespaced
  }

  get size(): number {
    return this.#size
  }

  /** `indexValues` is the index that the watch's selection names, if it does. */
  add(watcher: CacheWatcher, indexValues: IndexValues | undefined): void {
    const { indexKey } = watcher.selection
    if (indexKey !== undefined && indexValues !== undefined) {
      this.#indexes.set(indexKey.index, indexValues)
    }
    const scope = this.#scopeOf(watcher.selection)
    const set = this.#byScope.get(scope)
    if (set === undefined) this.#byScope.set(scope, new Set([watcher]))
    else set.add(watcher)
    this.#size++
  }

  delete(watcher: CacheWatcher): void {
    const scope = this.#scopeOf(watcher.selection)
    const set = this.#byScope.get(scope)
    if (set?.delete(watcher) !== true) return
    this.#size--
    if (set.size === 0) this.#byScope.delete(scope)
  }

  dispatch(event: CacheEvent): void {
    if (this.#size === 0) return
    const { current, previous } = event
    const { namespace = '', name } = event.subject.object.metadata
    this.#send('all', event)
    if (namespace !== '') this.#send(`namespace ${namespace}`, event)
    this.#send(`name ${namespace}/${name}`, event)
    for (const [index, values] of this.#indexes) {
      const after = current === undefined ? [] : values(current.object)
      const before = previous === undefined ? [] : values(previous.object)
      for (const value of new Set([...after, ...before])) this.#send(`${index}=${value}`, event)
    }
  }

  /** How many watch an object by its names or everything; those that select by index aside. */
  countOf(namespace: string, name: string): number {
    const sizeOf = (scope: string) => this.#byScope.get(scope)?.size ?? 0
    const ofNamespace = namespace === '' ? 0 : sizeOf(`namespace ${namespace}`)
    const ofName = name === '' ? 0 : sizeOf(`name ${namespace}/${name}`)
    return sizeOf('all') + ofNamespace + ofName
  }

  /** All watches, as of now. */
  all(): CacheWatcher[] {
    return [...this.#byScope.values()].flatMap((set) => [...set])
  }

  #send(scope: string, event: CacheEvent): void {
    const watchers = this.#byScope.get(scope)
    if (watchers === undefined) return
    for (const watcher of watchers) watcher.onEvent(event)
  }

  #scopeOf({ namespace, name, indexKey }: Selection): string {
    if (indexKey !== undefined) return `${indexKey.index}=${indexKey.value}`
    const isNamed = name !== '' && (namespace !== '' || !this.#isNamespaced)
    if (isNamed) return `name ${namespace}/${name}`
    return namespace === '' ? 'all' : `namespace ${namespace}`
  }
}

import { formatError, type Logger } from '../base/logger.ts'
import type { KindRef, KubeObject } from '../machinery/kind.ts'
import { keyOf } from './client.ts'
import { InformerStore, isVersionReached } from './informer-store.ts'
import type { Informer, InformerEvent } from './lister.ts'
import type { ReflectorTarget } from './reflector.ts'

/** The cache behind an informer: a reflector fills it, handlers hear of each change once. */
export class CachedInformer<T extends KubeObject> implements Informer<T>, ReflectorTarget<T> {
  readonly kind: KindRef<T>
  readonly #logger: Logger
  readonly #store = new InformerStore<T>()
  readonly #handlers = new Set<(event: InformerEvent<T>) => void>()
  readonly #onSynced: (() => void)[] = []
  #hasSynced = false
  #resourceVersion = ''
  #waiting: { readonly version: string; readonly callback: () => void }[] = []

  constructor(kind: KindRef<T>, logger: Logger) {
    this.kind = kind
    this.#logger = logger.with({ informer: kind.plural })
  }

  get hasSynced(): boolean {
    return this.#hasSynced
  }

  get resourceVersion(): string {
    return this.#resourceVersion
  }

  get(key: string): T | undefined {
    return this.#store.get(key)
  }

  list(namespace?: string): readonly T[] {
    return this.#store.list(namespace)
  }

  byIndex(index: string, value: string): readonly T[] {
    return this.#store.byIndex(index, value)
  }

  addIndex(name: string, valuesOf: (object: T) => Iterable<string>): void {
    this.#store.addIndex(name, valuesOf)
  }

  onEvent(handler: (event: InformerEvent<T>) => void): Disposable {
    // A wrapper, so that one function registered twice is two registrations.
    const registered = (event: InformerEvent<T>): void => this.#tell(handler, event)
    for (const object of this.#store.list()) registered({ type: 'ADDED', object })
    this.#handlers.add(registered)
    return { [Symbol.dispose]: () => void this.#handlers.delete(registered) }
  }

  whenSynced(callback: () => void): void {
    if (this.#hasSynced) callback()
    else this.#onSynced.push(callback)
  }

  whenReached(resourceVersion: string, callback: () => void): void {
    if (isVersionReached(this.#resourceVersion, resourceVersion)) callback()
    else this.#waiting.push({ version: resourceVersion, callback })
  }

  reached(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion
    if (this.#waiting.length === 0) return
    const done = this.#waiting.filter(({ version }) => isVersionReached(resourceVersion, version))
    this.#waiting = this.#waiting.filter((waiter) => !done.includes(waiter))
    for (const { callback } of done) callback()
  }

  replace(objects: readonly T[]): void {
    const missing = new Set(this.#store.keys())
    for (const object of objects) {
      missing.delete(keyOf(object))
      this.apply('MODIFIED', object)
    }
    for (const key of missing) this.#announce(this.#store.dropMissing(key))
    this.#hasSynced = true
    for (const callback of this.#onSynced.splice(0)) callback()
  }

  apply(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void {
    this.#announce(this.#store.apply(type, object))
  }

  #announce(events: readonly InformerEvent<T>[]): void {
    for (const event of events) for (const handler of [...this.#handlers]) handler(event)
  }

  /** One handler that throws must not keep the others from hearing of a change. */
  #tell(handler: (event: InformerEvent<T>) => void, event: InformerEvent<T>): void {
    try {
      handler(event)
    } catch (error) {
      this.#logger.error('handler failed', {
        object: keyOf(event.object),
        type: event.type,
        error: formatError(error),
      })
    }
  }
}

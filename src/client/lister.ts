import type { KindRef, KubeObject } from '../machinery/kind.ts'
import type { WatchEvent } from './client.ts'

/** Read-only view of a local cache. Objects in it are shared: never change them. */
export interface Lister<T> {
  /** By `namespace/name`, or `name` at cluster scope. */
  get(key: string): T | undefined
  /** All objects, or those of one namespace. */
  list(namespace?: string): readonly T[]
  /** The objects that an index (see `Informer.addIndex`) files under a value. */
  byIndex(index: string, value: string): readonly T[]
}

/** A change of the cache; `old` is what it held before. Never a bookmark. */
export interface InformerEvent<T extends KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: T
  readonly old?: T | undefined
}

/** A local copy of all objects of one kind that tells its handlers of every change, in order. */
export interface Informer<T extends KubeObject> extends Lister<T> {
  readonly kind: KindRef<T>
  /** The first list has arrived and every handler has seen it. */
  readonly hasSynced: boolean
  /** Calls back once, when `hasSynced` becomes true; at once where it is. */
  whenSynced(callback: () => void): void
  /** The version up to which the cache shows every write; empty before the first list. */
  readonly resourceVersion: string
  /** Calls back once the cache has reached a version; at once where it has. */
  whenReached(resourceVersion: string, callback: () => void): void
  /** What is in the cache already is told as ADDED at once. */
  onEvent(handler: (event: InformerEvent<T>) => void): Disposable
  /** Files each object under the values that `valuesOf` gives. Call before the first list. */
  addIndex(name: string, valuesOf: (object: T) => Iterable<string>): void
}

/** One shared informer for each kind and selection. */
export interface Informers {
  for<T extends KubeObject>(
    kind: KindRef<T>,
    selection?: { readonly namespace?: string; readonly fieldSelector?: string },
  ): Informer<T>
  /** Ends the informers of a kind that is no longer served; `for` then starts a new one. */
  stop(kind: KindRef): void
  /** Resolves once these informers, or all asked for so far, have synced. */
  synced(signal: AbortSignal, informers?: Iterable<Informer<KubeObject>>): Promise<void>
}

export type { WatchEvent }

import { keyOf } from '../../src/client/client.ts'
import { InformerStore } from '../../src/client/informer-store.ts'
import type { Informer, Informers } from '../../src/client/lister.ts'
import type { KindRef, KubeObject } from '../../src/machinery/kind.ts'

/** Informers without an API server: a test puts in what they list. Nothing is ever announced. */
export class FakeInformers implements Informers {
  readonly #stores = new Map<string, InformerStore<KubeObject>>()

  /** A draft is enough: what a test does not name is not looked at. */
  add(kind: KindRef, draft: object): void {
    const object = draft as KubeObject
    const metadata = { ...object.metadata, resourceVersion: '1', uid: keyOf(object) }
    this.#store(kind).apply('ADDED', { ...object, metadata })
  }

  for<T extends KubeObject>(kind: KindRef<T>): Informer<T> {
    const store = this.#store(kind) as unknown as InformerStore<T>
    return {
      kind,
      hasSynced: true,
      resourceVersion: '1',
      get: (key) => store.get(key),
      list: (namespace) => store.list(namespace),
      byIndex: (index, value) => store.byIndex(index, value),
      addIndex: (name, valuesOf) => store.addIndex(name, valuesOf),
      whenSynced: (callback) => callback(),
      whenReached: (_version, callback) => callback(),
      onEvent: () => ({ [Symbol.dispose]: () => {} }),
    }
  }

  stop(): void {}

  synced(): Promise<void> {
    return Promise.resolve()
  }

  #store({ apiVersion, plural }: KindRef): InformerStore<KubeObject> {
    const name = `${apiVersion}/${plural}`
    const store = this.#stores.get(name) ?? new InformerStore<KubeObject>()
    this.#stores.set(name, store)
    return store
  }
}

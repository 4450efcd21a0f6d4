import type { Informer, Informers } from '../../client/lister.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'

type Selection = NonNullable<Parameters<Informers['for']>[1]>

/**
 * The informers of one of many nodes in a process: what is the node's alone has a cache of its own,
 * what all nodes read whole (services) is cached once for them all.
 */
export class NodeInformers implements Informers {
  readonly #own: Informers
  readonly #shared: Informers
  readonly #asked = new Set<Informer<KubeObject>>()

  constructor(own: Informers, shared: Informers) {
    this.#own = own
    this.#shared = shared
  }

  for<T extends KubeObject>(kind: KindRef<T>, selection?: Selection): Informer<T> {
    const isShared = selection === undefined
    const informer = isShared ? this.#shared.for(kind) : this.#own.for(kind, selection)
    this.#asked.add(informer as unknown as Informer<KubeObject>)
    return informer
  }

  stop(kind: KindRef): void {
    this.#own.stop(kind)
  }

  synced(signal: AbortSignal, informers: Iterable<Informer<KubeObject>> = this.#asked) {
    return this.#own.synced(signal, informers)
  }
}

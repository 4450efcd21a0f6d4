import type { Client } from '../../client/client.ts'
import { discoverResources, supports } from '../../client/discovery.ts'
import type { Informer, InformerEvent, Informers } from '../../client/lister.ts'
import { countNameOf } from '../../kinds/quota/evaluator.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'

interface Monitor {
  readonly informer: Informer<KubeObject>
  readonly handler: Disposable
}

/** Follows each kind that some quota counts by `count/NAME`, from then on. */
export class CountedResources implements Disposable {
  readonly #client: Client
  readonly #informers: Informers
  readonly #onEvent: (kind: KindRef, event: InformerEvent<KubeObject>) => void
  readonly #kinds = new Map<string, KindRef>()
  readonly #monitors = new Map<string, Monitor>()

  constructor(
    client: Client,
    informers: Informers,
    onEvent: (kind: KindRef, event: InformerEvent<KubeObject>) => void,
  ) {
    this.#client = client
    this.#informers = informers
    this.#onEvent = onEvent
  }

  /** The objects of the kind with this name; undefined for one that is not served. */
  async follow(countName: string): Promise<Informer<KubeObject> | undefined> {
    if (!this.#kinds.has(countName)) await this.#discover()
    const kind = this.#kinds.get(countName)
    if (kind === undefined) return undefined
    // A kind that goes and comes back has another informer.
    const informer = this.#informers.for(kind)
    const known = this.#monitors.get(countName)
    if (known?.informer === informer) return informer
    known?.handler[Symbol.dispose]()
    const handler = informer.onEvent((event) => this.#onEvent(kind, event))
    this.#monitors.set(countName, { informer, handler })
    return informer
  }

  [Symbol.dispose](): void {
    for (const { handler } of this.#monitors.values()) handler[Symbol.dispose]()
    this.#monitors.clear()
  }

  async #discover(): Promise<void> {
    const { resources } = await discoverResources(this.#client)
    for (const resource of resources) {
      const { kind } = resource
      if (kind.scope !== 'Namespaced') continue
      if (!supports(resource, 'create', 'list', 'watch', 'delete')) continue
      this.#kinds.set(countNameOf(kind), kind)
    }
  }
}

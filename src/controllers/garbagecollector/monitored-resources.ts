import type { Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import { discoverResources, supports } from '../../client/discovery.ts'
import type { Informer, InformerEvent, Informers } from '../../client/lister.ts'
import { CustomResourceDefinition } from '../../kinds/apiextensions/v1/custom-resource-definition.ts'
import { APIService } from '../../kinds/apiregistration/v1/api-service.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import { groupOf } from './ownership-graph.ts'

/** Events own nothing, are owned by nothing, and are many. */
const IGNORED: ReadonlySet<string> = new Set(['/events', 'events.k8s.io/events'])

interface Monitor {
  readonly kind: KindRef
  readonly informer: Informer<KubeObject>
  readonly handler: Disposable
}

/**
 * Watches every resource that can be deleted. A custom resource definition or an aggregated API
 * that comes, changes or goes makes it ask again what there is.
 */
export class MonitoredResources implements Disposable {
  readonly #client: Client
  readonly #informers: Informers
  readonly #logger: Logger
  readonly #onEvent: (kind: KindRef, event: InformerEvent<KubeObject>) => void
  readonly #monitors = new Map<string, Monitor>()
  readonly #kinds = new Map<string, KindRef>()

  constructor(
    client: Client,
    informers: Informers,
    logger: Logger,
    onEvent: (kind: KindRef, event: InformerEvent<KubeObject>) => void,
  ) {
    this.#client = client
    this.#informers = informers
    this.#logger = logger
    this.#onEvent = onEvent
  }

  /** The informers whose changes mean that other resources may be served. */
  get sources(): readonly Informer<KubeObject>[] {
    return [
      this.#informers.for(CustomResourceDefinition) as unknown as Informer<KubeObject>,
      this.#informers.for(APIService) as unknown as Informer<KubeObject>,
    ]
  }

  /** The kind that an owner reference names; undefined for one that is not served. */
  kindOf(apiVersion: string, kind: string): KindRef | undefined {
    return this.#kinds.get(`${groupOf(apiVersion)}/${kind}`)
  }

  /** Asks what is served and follows that. False when a group did not answer: ask again. */
  async refresh(): Promise<boolean> {
    const { resources, failures } = await discoverResources(this.#client)
    const served = new Set<string>()
    for (const resource of resources) {
      const { kind } = resource
      const name = `${kind.group}/${kind.plural}`
      if (!supports(resource, 'list', 'watch', 'delete')) continue
      this.#kinds.set(`${kind.group}/${kind.kind}`, kind)
      served.add(name)
      const known = this.#monitors.get(name)
      if (IGNORED.has(name) || known?.kind.apiVersion === kind.apiVersion) continue
      if (known !== undefined) this.#end(name, known)
      const informer = this.#informers.for(kind)
      const handler = informer.onEvent((event) => this.#onEvent(kind, event))
      this.#monitors.set(name, { kind, informer, handler })
    }
    for (const [group, error] of failures) this.#logger.info('group not served', { group, error })
    for (const [name, monitor] of this.#monitors) {
      if (!served.has(name) && !failures.has(monitor.kind.apiVersion)) this.#end(name, monitor)
    }
    return failures.size === 0
  }

  /** Resolves when all caches are full. */
  async synced(signal: AbortSignal): Promise<void> {
    const informers = Array.from(this.#monitors.values(), ({ informer }) => informer)
    await this.#informers.synced(signal, informers)
  }

  [Symbol.dispose](): void {
    for (const { handler } of this.#monitors.values()) handler[Symbol.dispose]()
  }

  #end(name: string, { kind, informer, handler }: Monitor): void {
    handler[Symbol.dispose]()
    this.#monitors.delete(name)
    this.#informers.stop(kind)
    for (const object of informer.list()) this.#onEvent(kind, { type: 'DELETED', object })
  }
}

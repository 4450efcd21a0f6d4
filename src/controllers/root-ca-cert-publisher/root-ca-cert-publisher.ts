import type { Client } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { areSameStrings } from '../runtime/owner.ts'
import { isNamespaceTerminating } from '../runtime/pod-control.ts'

const NAME = 'kube-root-ca.crt'
const DESCRIPTION = 'kubernetes.io/description'
/** People read it in every namespace, and tools compare it. */
const DESCRIPTION_TEXT = [
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal',
  'endpoints such as the internal service IP or kubernetes.default.svc. No other usage is',
  'guaranteed across distributions of Kubernetes clusters.',
].join(' ')

/** Puts the API server's CA into every namespace, for pods to trust. */
export class RootCaCertPublisher implements Controller {
  readonly name = 'root-ca-certificate-publisher-controller'
  readonly workers = 1
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #namespaces: Informer<Namespace>
  readonly #configMaps: Informer<ConfigMap>
  readonly #data: Readonly<Record<string, string>>

  /** `rootCa` is a bundle of PEM certificates. */
  constructor({ client, informers }: ControllerContext, rootCa: string) {
    this.#client = client
    this.#data = { 'ca.crt': rootCa }
    this.#namespaces = informers.for(Namespace)
    this.#configMaps = informers.for(ConfigMap)
    this.watches = [
      watch(this.#namespaces, ({ type, object }) =>
        type === 'DELETED' ? [] : [object.metadata.name],
      ),
      watch(this.#configMaps, ({ type, object: { metadata } }) =>
        type !== 'ADDED' && metadata.name === NAME ? [metadata.namespace] : [],
      ),
    ]
  }

  async reconcile(namespace: string): Promise<Result> {
    const phase = this.#namespaces.get(namespace)?.status.phase
    if (phase === undefined || phase === 'Terminating') return undefined
    try {
      await this.#ensure(namespace)
    } catch (error) {
      const isDone = isReason(error, 'AlreadyExists') || isNamespaceTerminating(error)
      if (!isDone) throw error
    }
    return undefined
  }

  async #ensure(namespace: string): Promise<void> {
    const current = this.#configMaps.get(`${namespace}/${NAME}`)
    const annotations = { [DESCRIPTION]: DESCRIPTION_TEXT }
    if (current === undefined) {
      const metadata = { name: NAME, namespace, annotations }
      await this.#client.create(ConfigMap, { metadata, data: this.#data })
      return
    }
    const { metadata, data } = current
    const isDescribed = metadata.annotations?.[DESCRIPTION] !== undefined
    if (isDescribed && areSameStrings(data, this.#data)) return
    await this.#client.update(ConfigMap, {
      ...current,
      metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } },
      data: this.#data,
    })
  }
}

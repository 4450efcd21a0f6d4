import type { Client } from '../../client/client.ts'
import type { InformerEvent, Lister } from '../../client/lister.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { Namespace } from '../../kinds/core/v1/namespace.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  self,
  type Watch,
  watch,
} from '../runtime/controller.ts'

/** Mounted into every pod beside its token. */
const NAME = 'kube-root-ca.crt'
const KEY = 'ca.crt'
const DESCRIPTION = {
  'kubernetes.io/description':
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal ' +
    'endpoints such as the internal service IP or kubernetes.default.svc. No other usage is ' +
    'guaranteed across distributions of Kubernetes clusters.',
}

/** Keeps the cluster's certificate authority in every namespace, for pods to check the API by. */
export class RootCaCertPublisher implements Controller {
  readonly name = 'root-ca-certificate-publisher-controller'
  readonly workers = 5
  readonly watches: readonly Watch[]
  readonly #client: Client
  readonly #authority: string
  readonly #namespaces: Lister<Namespace>
  readonly #configMaps: Lister<ConfigMap>

  /** `authority`: PEM. */
  constructor({ client, informers }: ControllerContext, authority: string) {
    const namespaces = informers.for(Namespace)
    const configMaps = informers.for(ConfigMap, { fieldSelector: `metadata.name=${NAME}` })
    this.#client = client
    this.#authority = authority
    this.#namespaces = namespaces
    this.#configMaps = configMaps
    this.watches = [watch(namespaces, self), watch(configMaps, namespaceOf)]
  }

  async reconcile(key: string): Promise<Result> {
    const namespace = this.#namespaces.get(key)
    if (namespace?.status.phase !== 'Active') return undefined
    const held = this.#configMaps.get(`${key}/${NAME}`)
    if (held?.data?.[KEY] === this.#authority && hasDescription(held)) return undefined
    try {
      await this.#write(key, held)
    } catch (error) {
      const isEnding = this.#namespaces.get(key)?.metadata.deletionTimestamp !== undefined
      if (isReason(error, 'NotFound') || (isReason(error, 'Forbidden') && isEnding))
        return undefined
      throw error
    }
    return undefined
  }

  async #write(namespace: string, held: ConfigMap | undefined): Promise<void> {
    const data = { [KEY]: this.#authority }
    if (held === undefined) {
      const metadata = { name: NAME, namespace, annotations: DESCRIPTION }
      await this.#client.create(ConfigMap, { metadata, data })
      return
    }
    const annotations = { ...held.metadata.annotations, ...DESCRIPTION }
    await this.#client.update(ConfigMap, {
      ...held,
      metadata: { ...held.metadata, annotations },
      data,
    })
  }
}

function hasDescription({ metadata }: ConfigMap): boolean {
  return Object.entries(DESCRIPTION).every(([key, text]) => metadata.annotations?.[key] === text)
}

function namespaceOf({ object }: InformerEvent<ConfigMap>): string[] {
  return [object.metadata.namespace]
}

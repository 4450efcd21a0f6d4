import { createHmac } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import {
  bootstrapTokenExpiry,
  bootstrapTokenField,
  bootstrapTokenIdOfName,
} from '../../kinds/core/v1/bootstrap-token-secret.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { Secret } from '../../kinds/core/v1/secret.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  type Watch,
  watch,
} from '../runtime/controller.ts'
import { areSameStrings } from '../runtime/owner.ts'
import { isBootstrapToken } from './token-cleaner.ts'

const KEY = 'kube-public/cluster-info'
const SIGNATURE_PREFIX = 'jws-kubeconfig-'

/** Signs kube-public/cluster-info with every bootstrap token, so that who joins can trust it. */
export class BootstrapSigner implements Controller {
  readonly name = 'bootstrap-signer-controller'
  readonly workers = 1
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #clock: Clock
  readonly #secrets: Informer<Secret>
  readonly #configMaps: Informer<ConfigMap>

  constructor({ client, informers, clock }: ControllerContext) {
    this.#client = client
    this.#clock = clock
    this.#secrets = informers.for(Secret)
    this.#configMaps = informers.for(ConfigMap)
    this.watches = [
      watch(this.#configMaps, ({ type, object }) =>
        type !== 'DELETED' && keyOf(object) === KEY ? [KEY] : [],
      ),
      watch(this.#secrets, ({ object }) => (isBootstrapToken(object) ? [KEY] : [])),
    ]
  }

  async reconcile(): Promise<Result> {
    const configMap = this.#configMaps.get(KEY)
    const content = configMap?.data?.['kubeconfig']
    if (configMap === undefined || content === undefined) return undefined
    const kept = Object.entries(configMap.data ?? {}).filter(
      ([key]) => !key.startsWith(SIGNATURE_PREFIX),
    )
    const data = Object.fromEntries([...kept, ...this.#signatures(content)])
    if (areSameStrings(configMap.data, data)) return undefined
    try {
      await this.#client.update(ConfigMap, { ...configMap, data })
    } catch (error) {
      // Changed or gone meanwhile: its next event brings it back.
      if (!isReason(error, 'Conflict', 'NotFound')) throw error
    }
    return undefined
  }

  /** Of the tokens that are meant for it, by token id. */
  #signatures(content: string): ReadonlyMap<string, string> {
    const signatures = new Map<string, string>()
    for (const secret of this.#secrets.list('kube-system')) {
      const id = bootstrapTokenField(secret, 'token-id')
      const key = bootstrapTokenField(secret, 'token-secret')
      const isGood =
        isBootstrapToken(secret) &&
        id !== '' &&
        key !== '' &&
        bootstrapTokenIdOfName(secret.metadata.name) === id &&
        bootstrapTokenExpiry(secret) > this.#clock.now() &&
        bootstrapTokenField(secret, 'usage-bootstrap-signing') === 'true'
      if (isGood) signatures.set(`${SIGNATURE_PREFIX}${id}`, detachedSignature(content, id, key))
    }
    return signatures
  }
}

/** A JSON Web Signature (HS256) in compact form without its content, which is known. */
function detachedSignature(content: string, tokenId: string, tokenSecret: string): string {
  const encode = (text: string) => Buffer.from(text).toString('base64url')
  const head = encode(JSON.stringify({ alg: 'HS256', kid: tokenId }))
  const signature = createHmac('sha256', tokenSecret)
    .update(`${head}.${encode(content)}`)
    .digest('base64url')
  return `${head}..${signature}`
}

import { type Client, keyOf, parseKey } from '../../client/client.ts'
import type { Informer } from '../../client/lister.ts'
import { Secret } from '../../kinds/core/v1/secret.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Controller,
  type ControllerContext,
  type Result,
  type Watch,
  watch,
} from '../runtime/controller.ts'

const TYPE = 'kubernetes.io/service-account-token'
const ACCOUNT_NAME = 'kubernetes.io/service-account.name'
const ACCOUNT_UID = 'kubernetes.io/service-account.uid'
const BY_ACCOUNT = 'serviceAccount'
/** The key of a secret that is gone: `gone/NAMESPACE/ACCOUNT/SECRET`. */
const GONE = 'gone/'

/** Of a token that does not expire; named as in the token. */
export interface LegacyClaims {
  readonly sub: string
  readonly 'kubernetes.io/serviceaccount/namespace': string
  readonly 'kubernetes.io/serviceaccount/secret.name': string
  readonly 'kubernetes.io/serviceaccount/service-account.name': string
  readonly 'kubernetes.io/serviceaccount/service-account.uid': string
}

export interface TokenSettings {
  /** The PEM bundle that goes with each token. */
  readonly authority: string
  /** Signs a token of the issuer `kubernetes/serviceaccount`. */
  readonly sign: (claims: LegacyClaims) => Promise<string>
}

/**
 * Fills the secrets in which somebody asks for a lasting token, and deletes those of dead accounts.
 */
export class TokensController implements Controller {
  readonly name = 'serviceaccount-token-controller'
  readonly workers = 5
  readonly maxRetries = 10
  readonly watches: readonly Watch[]

  readonly #client: Client
  readonly #settings: TokenSettings
  readonly #secrets: Informer<Secret>
  readonly #accounts: Informer<ServiceAccount>

  constructor({ client, informers }: ControllerContext, settings: TokenSettings) {
    this.#client = client
    this.#settings = settings
    this.#secrets = informers.for(Secret)
    this.#accounts = informers.for(ServiceAccount)
    this.#secrets.addIndex(BY_ACCOUNT, (secret) => accountKeysOf(secret))
    this.watches = [
      watch(this.#secrets, ({ type, object }) => {
        const [account] = accountKeysOf(object)
        if (account === undefined) return []
        return type === 'DELETED' ? [`${GONE}${account}/${object.metadata.name}`] : [keyOf(object)]
      }),
      watch(this.#accounts, ({ object }) =>
        this.#secrets.byIndex(BY_ACCOUNT, keyOf(object)).map(keyOf),
      ),
    ]
  }

  async reconcile(key: string): Promise<Result> {
    if (key.startsWith(GONE)) {
      await this.#removeReference(key.slice(GONE.length))
      return undefined
    }
    const secret = this.#secrets.get(key)
    const [accountKey] = secret === undefined ? [] : accountKeysOf(secret)
    if (secret === undefined || accountKey === undefined) return undefined
    const account = await this.#accountOf(secret, accountKey)
    try {
      if (account === undefined) {
        const preconditions = { uid: secret.metadata.uid }
        await this.#client.delete(Secret, secret.metadata, { preconditions })
      } else await this.#fill(secret, account)
    } catch (error) {
      // Changed or gone meanwhile: its next event brings it back.
      if (!isReason(error, 'Conflict', 'NotFound')) throw error
    }
    return undefined
  }

  /** Asks the server before a token is taken as dead: the cache of accounts may be late. */
  async #accountOf(secret: Secret, key: string): Promise<ServiceAccount | undefined> {
    const uid = secret.metadata.annotations?.[ACCOUNT_UID] ?? ''
    const isRight = (account: ServiceAccount) => uid === '' || account.metadata.uid === uid
    const cached = this.#accounts.get(key)
    if (cached !== undefined && isRight(cached)) return cached
    try {
      const account = await this.#client.get(ServiceAccount, parseKey(key))
      return isRight(account) ? account : undefined
    } catch (error) {
      if (isReason(error, 'NotFound')) return undefined
      throw error
    }
  }

  async #fill(secret: Secret, { metadata: { name, uid } }: ServiceAccount): Promise<void> {
    const { namespace, annotations } = secret.metadata
    const data = secret.data ?? {}
    const authority = encode(this.#settings.authority)
    const hasAll =
      data['ca.crt'] === authority &&
      (data['namespace'] ?? '') !== '' &&
      (data['token'] ?? '') !== ''
    if (hasAll) return
    const token = data['token'] || encode(await this.#settings.sign(claimsOf(secret, name, uid)))
    await this.#client.update(Secret, {
      ...secret,
      metadata: {
        ...secret.metadata,
        annotations: { ...annotations, [ACCOUNT_NAME]: name, [ACCOUNT_UID]: uid },
      },
      data: {
        ...data,
        'ca.crt': authority,
        namespace: data['namespace'] || encode(namespace),
        token,
      },
    })
  }

  async #removeReference(key: string): Promise<void> {
    const slash = key.lastIndexOf('/')
    const account = this.#accounts.get(key.slice(0, slash))
    const secretName = key.slice(slash + 1)
    if (!account?.secrets?.some(({ name }) => name === secretName)) return
    const secrets = account.secrets.filter(({ name }) => name !== secretName)
    try {
      await this.#client.update(ServiceAccount, { ...account, secrets })
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }
}

function claimsOf({ metadata }: Secret, name: string, uid: string): LegacyClaims {
  const { namespace } = metadata
  return {
    sub: `system:serviceaccount:${namespace}:${name}`,
    'kubernetes.io/serviceaccount/namespace': namespace,
    'kubernetes.io/serviceaccount/secret.name': metadata.name,
    'kubernetes.io/serviceaccount/service-account.name': name,
    'kubernetes.io/serviceaccount/service-account.uid': uid,
  }
}

/** The account that a token secret names; none for other secrets. */
function accountKeysOf({ metadata, type }: Secret): string[] {
  const name = metadata.annotations?.[ACCOUNT_NAME] ?? ''
  return type === TYPE && name !== '' ? [`${metadata.namespace}/${name}`] : []
}

/** Data of secrets is base64 on the wire and in memory. */
function encode(text: string): string {
  return Buffer.from(text).toString('base64')
}

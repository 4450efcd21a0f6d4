import { timingSafeEqual } from 'node:crypto'
import { type Clock, formatTime } from '../../base/clock.ts'
import type { Secret } from '../../kinds/core/v1/secret.ts'
import type { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Authenticated,
  InvalidCredentials,
  type TokenAuthenticator,
  type TokenBearer,
} from './authenticator.ts'
import type { FindTokenObject } from './service-account-authenticator.ts'
import { serviceAccountGroups, serviceAccountUserName } from './service-account-claims.ts'
import type { TokenKeys } from './token-keys.ts'
import type { TokenUses } from './token-uses.ts'
import { TokenVerifier } from './token-verifier.ts'

/** Who issues the tokens that are kept in secrets and do not expire. */
export const LEGACY_ISSUER = 'kubernetes/serviceaccount'

const INVALID_SINCE_LABEL = 'kubernetes.io/legacy-token-invalid-since'
const LAST_USED_LABEL = 'kubernetes.io/legacy-token-last-used'
const AUTOMATIC_WARNING =
  'Use tokens from the TokenRequest API or manually created secret-based tokens instead of ' +
  'auto-generated secret-based tokens.'
const DAY_MS = 86_400_000

/** The claims of such a token, under upstream's names. */
export interface LegacyClaims {
  readonly iss: string
  readonly sub: string
  readonly 'kubernetes.io/serviceaccount/namespace': string
  readonly 'kubernetes.io/serviceaccount/secret.name': string
  readonly 'kubernetes.io/serviceaccount/service-account.name': string
  readonly 'kubernetes.io/serviceaccount/service-account.uid': string
}

export interface LegacyTokenOptions {
  readonly clock: Clock
  readonly keys: TokenKeys
  readonly find: FindTokenObject
  /** For whom they are good: this API server only. */
  readonly audiences: readonly string[]
  /** Writes labels to a secret; its failure is its own affair. */
  readonly uses: TokenUses
  readonly label: (secret: Secret, labels: Readonly<Record<string, string>>) => void
}

interface Names {
  readonly namespace: string
  readonly secretName: string
  readonly accountName: string
  readonly accountUid: string
}

/**
 * Tokens that are kept in a secret: good as long as the secret holds them and the account is the
 * same. The day of their last use is noted on the secret, so that unused ones can be removed.
 */
export class LegacyTokenAuthenticator implements TokenAuthenticator {
  readonly #options: LegacyTokenOptions
  readonly #verifier: TokenVerifier<LegacyClaims>

  constructor(options: LegacyTokenOptions) {
    this.#options = options
    this.#verifier = new TokenVerifier([LEGACY_ISSUER], options.keys)
  }

  async authenticateToken(
    token: string,
    audiences: readonly string[],
    bearer?: TokenBearer,
  ): Promise<Authenticated | undefined> {
    const verified = this.#verifier.verify(token, () => true)
    const claims = verified instanceof Promise ? await verified : verified
    if (claims === undefined) return undefined
    this.#options.uses.legacy++
    bearer?.auditAnnotations.set('authentication.k8s.io/legacy-token', claims.sub)
    const names = namesIn(claims)
    const accepted = this.#options.audiences.filter((audience) => audiences.includes(audience))
    if (accepted.length === 0) {
      throw new InvalidCredentials('the token is not for the target audiences')
    }
    const secret = await this.#checkSecret(token, names)
    const account = await this.#checkAccount(names)
    this.#noteUse(secret)
    this.#tell(secret, account, bearer)
    if (secret.metadata.labels?.[INVALID_SINCE_LABEL]) throw markedInvalid(names)
    const { namespace, accountName, accountUid } = names
    return {
      user: {
        name: serviceAccountUserName(namespace, accountName),
        uid: accountUid,
        groups: serviceAccountGroups(namespace),
      },
      audiences: accepted,
    }
  }

  async #checkSecret(token: string, { namespace, secretName }: Names): Promise<Secret> {
    const secret = await this.#find('secret', namespace, secretName, 'Token has been invalidated')
    if (secret.metadata.deletionTimestamp !== undefined) {
      throw new InvalidCredentials('Token has been invalidated')
    }
    const held = Buffer.from((secret as Secret).data?.['token'] ?? '', 'base64')
    const given = Buffer.from(token)
    if (held.length !== given.length || !timingSafeEqual(held, given)) {
      throw new InvalidCredentials("Token does not match server's copy")
    }
    return secret as Secret
  }

  async #checkAccount({ namespace, accountName, accountUid }: Names): Promise<ServiceAccount> {
    const account = await this.#find('serviceaccount', namespace, accountName)
    const { metadata } = account
    if (metadata.deletionTimestamp !== undefined) {
      throw new InvalidCredentials(`ServiceAccount ${namespace}/${accountName} has been deleted`)
    }
    if (metadata.uid === accountUid) return account as ServiceAccount
    throw new InvalidCredentials(
      `ServiceAccount UID (${metadata.uid}) does not match claim (${accountUid})`,
    )
  }

  /** Such tokens do not expire: whoever still uses one is told of it, and the audit log is. */
  #tell({ metadata }: Secret, account: ServiceAccount, bearer: TokenBearer | undefined): void {
    const { uses } = this.#options
    const { name, namespace = '', labels } = metadata
    const annotate = (what: string, value: string) =>
      bearer?.auditAnnotations.set(`authentication.k8s.io/legacy-token-${what}`, value)
    if (labels?.[INVALID_SINCE_LABEL]) {
      uses.legacyInvalid++
      annotate('invalidated', `${name}/${namespace}`)
    } else if (account.secrets?.some((secret) => secret.name === name)) {
      uses.legacyAutomatic++
      annotate('autogenerated-secret', name)
      bearer?.addWarning(AUTOMATIC_WARNING)
    } else {
      uses.legacyManual++
      annotate('manual-secret', name)
    }
  }

  async #find(kind: 'secret' | 'serviceaccount', namespace: string, name: string, why?: string) {
    try {
      return await this.#options.find(kind, namespace, name)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      throw new InvalidCredentials(why ?? (error as Error).message)
    }
  }

  /** Tomorrow counts as today: another server's clock may be ahead. */
  #noteUse(secret: Secret): void {
    const now = this.#options.clock.now()
    const [today = '', tomorrow] = [now, now + DAY_MS].map((ms) => formatTime(ms).slice(0, 10))
    const last = secret.metadata.labels?.[LAST_USED_LABEL]
    if (last !== today && last !== tomorrow)
      this.#options.label(secret, { [LAST_USED_LABEL]: today })
  }
}

function namesIn(claims: LegacyClaims): Names {
  const claim = (name: string, title: string): string => {
    const value = (claims as unknown as Readonly<Record<string, unknown>>)[name]
    if (typeof value === 'string' && value !== '') return value
    throw new InvalidCredentials(`${title} claim is missing`)
  }
  const prefix = 'kubernetes.io/serviceaccount/'
  const subject = claim('sub', 'sub')
  const names = {
    namespace: claim(`${prefix}namespace`, 'namespace'),
    secretName: claim(`${prefix}secret.name`, 'secretName'),
    accountName: claim(`${prefix}service-account.name`, 'serviceAccountName'),
    accountUid: claim(`${prefix}service-account.uid`, 'serviceAccountUID'),
  }
  if (subject !== serviceAccountUserName(names.namespace, names.accountName)) {
    throw new InvalidCredentials('sub claim is invalid')
  }
  return names
}

function markedInvalid({ namespace, secretName, accountName }: Names): InvalidCredentials {
  return new InvalidCredentials(
    `the token in secret ${namespace}/${secretName} for service account ` +
      `${namespace}/${accountName} has been marked invalid. Use tokens from the TokenRequest API ` +
      'or manually created secret-based tokens, or remove the ' +
      `'${INVALID_SINCE_LABEL}' label from the secret to temporarily allow use of this token`,
  )
}

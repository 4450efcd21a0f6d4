import { timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import {
  BOOTSTRAP_TOKEN_PREFIX,
  BOOTSTRAP_TOKEN_TYPE,
  bootstrapTokenExpiry,
  bootstrapTokenField,
  bootstrapTokenGroups,
} from '../../kinds/core/v1/bootstrap-token-secret.ts'
import type { Secret } from '../../kinds/core/v1/secret.ts'
import type { Authenticated, TokenAuthenticator } from './authenticator.ts'

export interface BootstrapTokenOptions {
  readonly clock: Clock
  readonly logger: Logger
  /** A secret of kube-system as of now; undefined where there is none. */
  readonly find: (name: string) => Promise<Secret | undefined>
}

const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/
const USER_PREFIX = 'system:bootstrap:'

/** Machines that join: a token `ID.SECRET` is good while kube-system has a secret that says so. */
export class BootstrapTokenAuthenticator implements TokenAuthenticator {
  readonly #options: BootstrapTokenOptions

  constructor(options: BootstrapTokenOptions) {
    this.#options = options
  }

  async authenticateToken(token: string): Promise<Authenticated | undefined> {
    const [, id, tokenSecret] = TOKEN.exec(token) ?? []
    if (id === undefined || tokenSecret === undefined) return undefined
    const { find, clock, logger } = this.#options
    const name = `${BOOTSTRAP_TOKEN_PREFIX}${id}`
    const secret = await find(name)
    const user = secret === undefined ? 'does not exist' : judge(secret, id, tokenSecret, clock)
    if (typeof user === 'object') return { user }
    logger.debug('a bootstrap token was refused', { secret: `kube-system/${name}`, why: user })
    return undefined
  }
}

/** The bearer, or why the secret does not vouch for one. */
function judge(secret: Secret, id: string, tokenSecret: string, clock: Clock) {
  if (secret.metadata.deletionTimestamp !== undefined) return 'is being deleted'
  if (secret.type !== BOOTSTRAP_TOKEN_TYPE) return `is not of type ${BOOTSTRAP_TOKEN_TYPE}`
  if (!areEqual(bootstrapTokenField(secret, 'token-secret'), tokenSecret)) {
    return 'holds another token-secret'
  }
  if (bootstrapTokenField(secret, 'token-id') !== id) return 'holds another token-id'
  if (bootstrapTokenExpiry(secret) <= clock.now()) return 'has expired'
  if (bootstrapTokenField(secret, 'usage-bootstrap-authentication') !== 'true') {
    return 'is not for authentication'
  }
  const groups = bootstrapTokenGroups(secret)
  return typeof groups === 'string' ? groups : { name: `${USER_PREFIX}${id}`, groups }
}

/** Takes as long for a token that is nearly right as for one that is wrong from its beginning. */
function areEqual(held: string, given: string): boolean {
  const [one, other] = [Buffer.from(held), Buffer.from(given)]
  return one.length === other.length && timingSafeEqual(one, other)
}

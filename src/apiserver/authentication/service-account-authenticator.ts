import type { Clock } from '../../base/clock.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { isReason } from '../../machinery/status-error.ts'
import {
  type Authenticated,
  InvalidCredentials,
  type TokenAuthenticator,
  type TokenBearer,
} from './authenticator.ts'
import {
  type ClaimedObject,
  type ServiceAccountClaims,
  userOfClaims,
} from './service-account-claims.ts'
import type { TokenKeys } from './token-keys.ts'
import type { TokenUses } from './token-uses.ts'
import { TokenVerifier } from './token-verifier.ts'

/** The kinds that a token may name, by their claims. */
export type TokenObjectKind = 'serviceaccount' | 'pod' | 'secret' | 'node'

/** Finds an object as of now; rejects with a NotFound StatusError. */
export type FindTokenObject = (
  kind: TokenObjectKind,
  namespace: string,
  name: string,
) => Promise<KubeObject>

export interface ServiceAccountAuthenticatorOptions {
  readonly clock: Clock
  /** The issuers whose tokens are taken, the one of new tokens among them. */
  readonly issuers: readonly string[]
  readonly keys: TokenKeys
  readonly find: FindTokenObject
  readonly uses: TokenUses
}

/** What clocks of two machines may differ by. */
const LEEWAY_MS = 60_000

/**
 * Tokens of service accounts: signed by a trusted key, in their time, for one of the audiences, and
 * only as long as the account and the object that they are bound to exist.
 */
export class ServiceAccountAuthenticator implements TokenAuthenticator {
  readonly #options: ServiceAccountAuthenticatorOptions
  readonly #verifier: TokenVerifier<ServiceAccountClaims>

  constructor(options: ServiceAccountAuthenticatorOptions) {
    this.#options = options
    this.#verifier = new TokenVerifier(options.issuers, options.keys)
  }

  async authenticateToken(
    token: string,
    audiences: readonly string[],
    bearer?: TokenBearer,
  ): Promise<Authenticated | undefined> {
    const verified = this.#verifier.verify(token, isComplete)
    const claims = verified instanceof Promise ? await verified : verified
    if (claims === undefined) return undefined
    const accepted = claims.aud.filter((audience) => audiences.includes(audience))
    if (accepted.length === 0) {
      const given = formatList(claims.aud)
      const wanted = formatList(audiences)
      throw new InvalidCredentials(
        `token audiences ${given} is invalid for the target audiences ${wanted}`,
      )
    }
    this.#checkTimes(claims)
    await this.#checkObjects(claims)
    this.#checkAge(claims, bearer)
    return { user: userOfClaims(claims), audiences: accepted }
  }

  #checkTimes({ exp, nbf, iat }: ServiceAccountClaims): void {
    const now = this.#options.clock.now()
    if (now + LEEWAY_MS < nbf * 1000) {
      throw new InvalidCredentials('service account token is not valid yet')
    }
    if (now - LEEWAY_MS > exp * 1000) {
      throw new InvalidCredentials('service account token has expired')
    }
    if (iat * 1000 > now + LEEWAY_MS) {
      throw new InvalidCredentials('service account token is issued in the future')
    }
  }

  /** A token that was extended for programs that keep theirs: the audit log tells who does. */
  #checkAge(
    { sub, 'kubernetes.io': { warnafter = 0 } }: ServiceAccountClaims,
    bearer?: TokenBearer,
  ) {
    if (warnafter === 0) return
    const { uses, clock } = this.#options
    const seconds = Math.floor(clock.now() / 1000) - warnafter
    if (clock.now() <= warnafter * 1000) {
      uses.valid++
      return
    }
    uses.stale++
    const text = `subject: ${sub}, seconds after warning threshold: ${seconds}`
    bearer?.auditAnnotations.set('authentication.k8s.io/stale-token', text)
  }

  async #checkObjects(claims: ServiceAccountClaims): Promise<void> {
    const { namespace, serviceaccount, pod, secret, node } = claims['kubernetes.io']
    await this.#checkAccount(namespace, serviceaccount)
    if (secret !== undefined) await this.#checkBound('secret', namespace, secret)
    // A pod's token names its node as a hint only: the pod decides.
    if (pod !== undefined) await this.#checkBound('pod', namespace, pod)
    else if (node !== undefined) await this.#checkBound('node', '', node)
  }

  async #checkAccount(namespace: string, { name, uid = '' }: ClaimedObject): Promise<void> {
    const { metadata } = await this.#find('serviceaccount', namespace, name)
    if (metadata.uid !== uid) {
      throw new InvalidCredentials(
        `service account UID (${metadata.uid}) does not match claim (${uid})`,
      )
    }
    if (this.#isDeleted(metadata)) {
      throw new InvalidCredentials(`service account ${namespace}/${name} has been deleted`)
    }
  }

  async #checkBound(
    kind: 'pod' | 'secret' | 'node',
    namespace: string,
    { name, uid = '' }: ClaimedObject,
  ): Promise<void> {
    const invalidated = new InvalidCredentials('service account token has been invalidated')
    const object = await this.#find(kind, namespace, name).catch((error) => {
      throw error instanceof InvalidCredentials ? invalidated : error
    })
    if (object.metadata.uid !== uid) {
      throw new InvalidCredentials(
        `${kind} UID (${object.metadata.uid}) does not match service account ` +
          `${kind} ref claim (${uid})`,
      )
    }
    if (this.#isDeleted(object.metadata)) throw invalidated
  }

  async #find(kind: TokenObjectKind, namespace: string, name: string): Promise<KubeObject> {
    try {
      return await this.#options.find(kind, namespace, name)
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
      throw new InvalidCredentials((error as Error).message)
    }
  }

  /** What is being deleted has a minute's grace, as clocks have. */
  #isDeleted({ deletionTimestamp }: KubeObject['metadata']): boolean {
    if (deletionTimestamp === undefined) return false
    return Date.parse(deletionTimestamp) < this.#options.clock.now() - LEEWAY_MS
  }
}

function isComplete(claims: ServiceAccountClaims): boolean {
  const own = claims['kubernetes.io']
  const times = [claims.exp, claims.nbf, claims.iat]
  return (
    typeof own?.namespace === 'string' &&
    typeof own.serviceaccount?.name === 'string' &&
    Array.isArray(claims.aud) &&
    times.every((time) => typeof time === 'number')
  )
}

function formatList(list: readonly string[]): string {
  return `[${list.map((one) => JSON.stringify(one)).join(' ')}]`
}

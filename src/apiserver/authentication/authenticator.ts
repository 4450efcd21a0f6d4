import type { ServerRequest, UserInfo } from '../request.ts'

/** Who somebody is, and for which of the wanted audiences the proof is good. */
export interface Authenticated {
  readonly user: UserInfo
  /** Of a token that names audiences; undefined for other proofs. */
  readonly audiences?: readonly string[]
}

/** A proof that was given and is not good. The message is for logs and reviews, not for callers. */
export class InvalidCredentials extends Error {
  override readonly name = 'InvalidCredentials'
}

/** Finds out who makes a request: undefined where it has no proof of this authenticator's sort. */
export interface RequestAuthenticator {
  /**
   * Who it is where that is known without any doubt or work, as of a connection's certificate;
   * `no-proof` where `authenticate` would find none of its sort. Undefined: it must be asked.
   */
  known?(request: ServerRequest): UserInfo | 'no-proof' | undefined
  /** Rejects with `InvalidCredentials` for a proof that is not good. */
  authenticate(request: ServerRequest): Promise<Authenticated | undefined>
}

/** The request that a token came with: what is odd about a good token is told to its caller. */
export type TokenBearer = Pick<ServerRequest, 'auditAnnotations' | 'addWarning'>

/** Finds out whose a bearer token is: undefined where it is not of this authenticator's sort. */
export interface TokenAuthenticator {
  /**
   * `audiences`: whom the token must be for, at least one of them. `bearer` is told what is odd
   * about the token, if anybody shall be told.
   */
  authenticateToken(
    token: string,
    audiences: readonly string[],
    bearer?: TokenBearer,
  ): Promise<Authenticated | undefined>
}

export const ALL_AUTHENTICATED = 'system:authenticated'
export const ALL_UNAUTHENTICATED = 'system:unauthenticated'
export const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: [ALL_UNAUTHENTICATED] }
/** Under which extra key a user's proof is named, so that audit logs can tell one from another. */
export const CREDENTIAL_ID = 'authentication.kubernetes.io/credential-id'

/** By the user that an authenticator gives again and again: the same answer each time. */
const authenticated = new WeakMap<UserInfo, UserInfo>()

/** The same user as a member of `system:authenticated`, unless a proof says otherwise. */
export function asAuthenticated(user: UserInfo): UserInfo {
  const known = authenticated.get(user)
  if (known !== undefined) return known
  const { groups } = user
  const isSaid = groups.includes(ALL_AUTHENTICATED) || groups.includes(ALL_UNAUTHENTICATED)
  const member = isSaid ? user : { ...user, groups: [...groups, ALL_AUTHENTICATED] }
  authenticated.set(user, member)
  return member
}

/**
 * Asks one after the other whose a token is; the first whose sort it is decides. A token that one
 * of them refuses may still be another's: only when nobody knows it the refusals count, all of
 * them.
 */
export class UnionTokenAuthenticator implements TokenAuthenticator {
  readonly #authenticators: readonly TokenAuthenticator[]
  readonly #audiences: readonly string[] | undefined

  /** `audiences`: of tokens that do not say for whom they are. */
  constructor(authenticators: readonly TokenAuthenticator[], audiences?: readonly string[]) {
    this.#authenticators = authenticators
    this.#audiences = audiences
  }

  async authenticateToken(
    token: string,
    audiences: readonly string[],
    bearer?: TokenBearer,
  ): Promise<Authenticated | undefined> {
    const refusals: string[] = []
    for (const authenticator of this.#authenticators) {
      try {
        const found = await authenticator.authenticateToken(token, audiences, bearer)
        const accepted = found && this.#withAudiences(found, audiences)
        if (accepted !== undefined) return accepted
      } catch (error) {
        if (!(error instanceof InvalidCredentials)) throw error
        if (!refusals.includes(error.message)) refusals.push(error.message)
      }
    }
    if (refusals.length === 0) return undefined
    const [first = ''] = refusals
    throw new InvalidCredentials(refusals.length === 1 ? first : `[${refusals.join(', ')}]`)
  }

  #withAudiences(found: Authenticated, wanted: readonly string[]): Authenticated | undefined {
    const own = this.#audiences
    if (own === undefined || found.audiences !== undefined) return found
    const audiences = own === wanted ? own : own.filter((audience) => wanted.includes(audience))
    return audiences.length === 0 ? undefined : { ...found, audiences }
  }
}

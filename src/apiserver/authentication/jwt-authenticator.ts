import type { JSONWebKeySet } from 'jose'
import type { Clock } from '../../base/clock.ts'
import { formatError } from '../../base/logger.ts'
import type { JwtSettings } from './authentication-configuration.ts'
import { type Authenticated, InvalidCredentials, type TokenAuthenticator } from './authenticator.ts'
import { ClaimExpressions } from './claim-expressions.ts'
import { type FetchJson, IssuerKeys } from './issuer-keys.ts'
import { checkClaims, type JwtClaims, userOfJwtClaims } from './jwt-claims.ts'

/** Symmetric algorithms and none are not among them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512']

/** Users with an ID token of an OpenID Connect provider. */
export class JwtAuthenticator implements TokenAuthenticator {
  readonly #settings: JwtSettings
  readonly #expressions: ClaimExpressions
  readonly #keys: IssuerKeys
  readonly #clock: Clock
  readonly #algorithms: string[]

  /** `algorithms`: by which its tokens may be signed; all sound ones when absent. */
  constructor(
    settings: JwtSettings,
    fetch: FetchJson,
    clock: Clock,
    algorithms: readonly string[] = ALGORITHMS,
  ) {
    this.#settings = settings
    this.#expressions = new ClaimExpressions(settings)
    this.#keys = new IssuerKeys(settings.issuer, fetch, clock)
    this.#clock = clock
    this.#algorithms = [...algorithms]
  }

  /** The URL of the issuer. */
  get issuer(): string {
    return this.#settings.issuer.url
  }

  /** Tells of each reading of the issuer's keys; undefined where it failed. */
  onKeysRead(listener: (keys: JSONWebKeySet | undefined) => void): void {
    this.#keys.onRead = listener
  }

  /** Resolves when the issuer's keys are there; rejects where they cannot be read now. */
  async ready(): Promise<void> {
    await this.#keys.current()
  }

  async authenticateToken(token: string): Promise<Authenticated | undefined> {
    if (claimedIssuer(token) !== this.#settings.issuer.url) return undefined
    const claims = await this.#verify(token)
    checkClaims(claims, this.#settings, this.#clock.now())
    return { user: userOfJwtClaims(claims, this.#settings, this.#expressions) }
  }

  async #verify(token: string): Promise<JwtClaims> {
    let keys: JSONWebKeySet
    try {
      keys = await this.#keys.current()
    } catch (error) {
      throw new InvalidCredentials(`oidc: authenticator not initialized: ${formatError(error)}`)
    }
    try {
      return await this.#verifyBy(keys, token)
    } catch (error) {
      // The issuer may have changed its keys.
      const newer = await this.#keys.newer()?.catch(() => undefined)
      if (newer === undefined) throw refused(error)
      return this.#verifyBy(newer, token).catch((again) => {
        throw refused(again)
      })
    }
  }

  /** The library is loaded with the first such token: most servers never see one. */
  async #verifyBy(keys: JSONWebKeySet, token: string): Promise<JwtClaims> {
    const { compactVerify, createLocalJWKSet, errors } = await import('jose')
    const options = { algorithms: this.#algorithms }
    try {
      const { payload } = await compactVerify(token, createLocalJWKSet(keys), options)
      return claimsIn(payload)
    } catch (error) {
      // Several keys without an id fit, and one of them may have signed.
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error
      for await (const key of error) {
        const payload = await compactVerify(token, key, options).then(
          (verified) => verified.payload,
          () => undefined,
        )
        if (payload !== undefined) return claimsIn(payload)
      }
      throw new errors.JWSSignatureVerificationFailed()
    }
  }
}

function claimsIn(payload: Uint8Array): JwtClaims {
  return JSON.parse(Buffer.from(payload).toString()) as JwtClaims
}

function refused(error: unknown): InvalidCredentials {
  return new InvalidCredentials(`oidc: verify token: ${formatError(error)}`)
}

/** What a token says of itself, before anything is proven; undefined where it is none. */
function claimedIssuer(token: string): string | undefined {
  const [, payload, signature, ...more] = token.split('.')
  if (payload === undefined || signature === undefined || more.length > 0) return undefined
  try {
    const { iss } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iss?: unknown }
    return typeof iss === 'string' ? iss : undefined
  } catch {
    return undefined
  }
}

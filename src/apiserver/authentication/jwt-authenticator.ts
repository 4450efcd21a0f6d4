import type { JSONWebKeySet } from 'jose'
import type { Clock } from '../../base/clock.ts'
import { formatError } from '../../base/logger.ts'
import type { JwtSettings } from './authentication-configuration.ts'
import { type Authenticated, InvalidCredentials, type TokenAuthenticator } from './authenticator.ts'
import { ClaimExpressions } from './claim-expressions.ts'
import { DistributedClaim } from './distributed-claim.ts'
import { claimedIssuer, IssuedTokens } from './issued-tokens.ts'
import type { FetchText } from './issuer-keys.ts'
import { type JwtClaims, userOfJwtClaims } from './jwt-claims.ts'

/** Users with an ID token of an OpenID Connect provider. */
export class JwtAuthenticator implements TokenAuthenticator {
  readonly #settings: JwtSettings
  readonly #expressions: ClaimExpressions
  readonly #tokens: IssuedTokens
  /** Where groups are not said by the token itself; undefined where none are asked for. */
  readonly #groups: DistributedClaim | undefined

  /** `algorithms`: by which its tokens may be signed; all sound ones when absent. */
  constructor(
    settings: JwtSettings,
    fetch: FetchText,
    clock: Clock,
    algorithms?: readonly string[],
  ) {
    const { issuer, claimMappings } = settings
    const { claim } = claimMappings.groups
    const ports = { fetch, clock, algorithms }
    this.#settings = settings
    this.#expressions = new ClaimExpressions(settings)
    this.#tokens = new IssuedTokens(issuer, ports)
    this.#groups = claim === '' ? undefined : new DistributedClaim(claim, issuer, ports)
  }

  /** The URL of the issuer. */
  get issuer(): string {
    return this.#settings.issuer.url
  }

  /** Tells of each reading of the issuer's keys; undefined where it failed. */
  onKeysRead(listener: (keys: JSONWebKeySet | undefined) => void): void {
    this.#tokens.keys.onRead = listener
  }

  /** Resolves when the issuer has said where its keys are; rejects where it does not do so now. */
  ready(): Promise<void> {
    return this.#tokens.keys.discovered()
  }

  async authenticateToken(token: string): Promise<Authenticated | undefined> {
    if (claimedIssuer(token) !== this.#settings.issuer.url) return undefined
    const claims = await this.#tokens.verify(token).catch((error: unknown) => {
      throw new InvalidCredentials(`oidc: ${formatError(error)}`)
    })
    const whole = await this.#expand(claims)
    return { user: userOfJwtClaims(whole, this.#settings, this.#expressions) }
  }

  async #expand(claims: JwtClaims): Promise<JwtClaims> {
    try {
      return (await this.#groups?.expand(claims)) ?? claims
    } catch (error) {
      const why = formatError(error)
      throw new InvalidCredentials(`oidc: could not expand distributed claims: ${why}`)
    }
  }
}

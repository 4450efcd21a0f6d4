import type { JSONWebKeySet } from 'jose'
import type { Clock } from '../../base/clock.ts'
import { formatError } from '../../base/logger.ts'
import type { JwtSettings } from './authentication-configuration.ts'
import { type FetchText, IssuerKeys } from './issuer-keys.ts'
import { checkClaims, type JwtClaims } from './jwt-claims.ts'

/** Symmetric algorithms and none are not among them. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512']

/** What it takes to judge the tokens of an issuer. */
export interface IssuerPorts {
  readonly fetch: FetchText
  readonly clock: Clock
  /** By which its tokens may be signed; all sound ones when absent. */
  readonly algorithms?: readonly string[] | undefined
}

/** The tokens of one issuer: whether it has signed them, in their time, and for whom. */
export class IssuedTokens {
  readonly keys: IssuerKeys
  readonly #issuer: JwtSettings['issuer']
  readonly #clock: Clock
  readonly #algorithms: string[]

  constructor(issuer: JwtSettings['issuer'], ports: IssuerPorts) {
    const { fetch, clock, algorithms = ALGORITHMS } = ports
    this.keys = new IssuerKeys(issuer, fetch, clock)
    this.#issuer = issuer
    this.#clock = clock
    this.#algorithms = [...algorithms]
  }

  /** The claims of a token of this issuer. Rejects with an Error that says why it is not good. */
  async verify(token: string): Promise<JwtClaims> {
    let keys: JSONWebKeySet
    try {
      keys = await this.keys.current()
    } catch (error) {
      throw new Error(`authenticator not initialized: ${formatError(error)}`)
    }
    try {
      const claims = await this.#verifySigned(keys, token)
      checkClaims(claims, this.#issuer, this.#clock.now())
      return claims
    } catch (error) {
      throw new Error(`verify token: ${formatError(error)}`)
    }
  }

  /** The issuer may have changed its keys. */
  async #verifySigned(keys: JSONWebKeySet, token: string): Promise<JwtClaims> {
    try {
      return await this.#verifyBy(keys, token)
    } catch (error) {
      const newer = await this.keys.newer()?.catch(() => undefined)
      if (newer === undefined) throw error
      return this.#verifyBy(newer, token)
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

/** What a token says of itself, before anything is proven; undefined where it is none. */
export function claimedIssuer(token: string): string | undefined {
  const [, payload, signature, ...more] = token.split('.')
  if (payload === undefined || signature === undefined || more.length > 0) return undefined
  try {
    const { iss } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { iss?: unknown }
    return typeof iss === 'string' ? iss : undefined
  } catch {
    return undefined
  }
}

import type { EncodedResponse } from '../response.ts'
import type { TokenKeys } from './token-keys.ts'

export const OPENID_CONFIGURATION_PATH = '/.well-known/openid-configuration'
export const JWKS_PATH = '/openid/v1/jwks'

/** What others need to check service account tokens by themselves (OpenID Connect Discovery). */
export class OpenIdDiscovery {
  readonly #issuer: string
  readonly #jwksUri: () => string
  readonly #keys: Pick<TokenKeys, 'published' | 'maxAgeSeconds'>

  /** `jwksUri` is absolute; asked for with each answer, for a server learns late where it is. */
  constructor(
    issuer: string,
    jwksUri: () => string,
    keys: Pick<TokenKeys, 'published' | 'maxAgeSeconds'>,
  ) {
    this.#issuer = issuer
    this.#jwksUri = jwksUri
    this.#keys = keys
  }

  configuration(): EncodedResponse {
    const { published, maxAgeSeconds } = this.#keys
    const document = {
      issuer: this.#issuer,
      jwks_uri: this.#jwksUri(),
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [
        ...new Set(published.map(({ algorithm }) => algorithm)),
      ].toSorted(),
    }
    return respond(document, 'application/json', maxAgeSeconds)
  }

  keys(): EncodedResponse {
    const { published, maxAgeSeconds } = this.#keys
    const document = { keys: published.map((key) => key.toJwk()) }
    return respond(document, 'application/jwk-set+json', maxAgeSeconds)
  }
}

function respond(object: object, contentType: string, maxAgeSeconds: number): EncodedResponse {
  return {
    type: 'encoded',
    code: 200,
    contentType,
    chunks: () => [Buffer.from(JSON.stringify(object))],
    object: () => object,
    headers: { 'cache-control': `public, max-age=${maxAgeSeconds}` },
  }
}

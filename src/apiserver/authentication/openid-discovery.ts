import type { EncodedResponse } from '../response.ts'
import type { VerifyingKey } from './signing-keys.ts'

export const OPENID_CONFIGURATION_PATH = '/.well-known/openid-configuration'
export const JWKS_PATH = '/openid/v1/jwks'

/** How long relying parties may keep the answers; keys change less often. */
const MAX_AGE_SECONDS = 3600

/** What others need to check service account tokens by themselves (OpenID Connect Discovery). */
export class OpenIdDiscovery {
  readonly #configuration: object
  readonly #jwksUri: () => string
  readonly #keys: object

  /** `jwksUri` is absolute; asked for with each answer, for a server learns late where it is. */
  constructor(issuer: string, jwksUri: () => string, keys: readonly VerifyingKey[]) {
    this.#jwksUri = jwksUri
    this.#configuration = {
      issuer,
      jwks_uri: '',
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [
        ...new Set(keys.map(({ algorithm }) => algorithm)),
      ].toSorted(),
    }
    // A key that signs may be named among those that are believed, too.
    const distinct = new Map(keys.map((key) => [key.id, key]))
    this.#keys = { keys: [...distinct.values()].map((key) => key.toJwk()) }
  }

  configuration(): EncodedResponse {
    return respond({ ...this.#configuration, jwks_uri: this.#jwksUri() }, 'application/json')
  }

  keys(): EncodedResponse {
    return respond(this.#keys, 'application/jwk-set+json')
  }
}

function respond(object: object, contentType: string): EncodedResponse {
  return {
    type: 'encoded',
    code: 200,
    contentType,
    chunks: () => [Buffer.from(JSON.stringify(object))],
    object: () => object,
    headers: { 'cache-control': `public, max-age=${MAX_AGE_SECONDS}` },
  }
}

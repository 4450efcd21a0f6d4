import { formatError } from '../../base/logger.ts'
import { LeastRecentlyUsed } from '../../client/least-recently-used.ts'
import { describeJson, isJsonObject } from '../../machinery/json-value.ts'
import type { JwtSettings } from './authentication-configuration.ts'
import { claimedIssuer, IssuedTokens, type IssuerPorts } from './issued-tokens.ts'
import type { JwtClaims } from './jwt-claims.ts'

/** Issuers are named by answers of others: more are not remembered. */
const MOST_ISSUERS = 100

/**
 * A claim that a token does not hold but says where to ask for (OpenID Connect Core 1.0, section
 * 5.6.2): its user is in more groups than a token has room for. The answer is a token again, of an
 * issuer that proves itself as the first one does, by its own keys.
 */
export class DistributedClaim {
  readonly #name: string
  readonly #issuer: JwtSettings['issuer']
  readonly #ports: IssuerPorts
  readonly #tokensByIssuer = new LeastRecentlyUsed<IssuedTokens>(MOST_ISSUERS)

  /** `issuer`: of the tokens that send here; whom those trust and whom they are for counts too. */
  constructor(name: string, issuer: JwtSettings['issuer'], ports: IssuerPorts) {
    this.#name = name
    this.#issuer = issuer
    this.#ports = ports
  }

  /**
   * The claims with this one, where it is to be had elsewhere; else as they are. Rejects with why
   * it cannot be had: without its groups, a user might pass where those are denied.
   */
  async expand(claims: JwtClaims): Promise<JwtClaims> {
    const source = sourceOf(claims, this.#name)
    if (source === undefined) return claims
    return { ...claims, [this.#name]: await this.#resolve(source) }
  }

  async #resolve({ endpoint, accessToken }: Source): Promise<unknown> {
    const { fetch } = this.#ports
    const authority = this.#issuer.certificateAuthority
    const reading = fetch(endpoint, authority === '' ? undefined : authority, accessToken)
    const token = await reading.catch((error: unknown) => {
      const what = JSON.stringify(this.#name)
      throw new Error(`while getting distributed claim ${what}: ${formatError(error)}`)
    })
    const url = claimedIssuer(token)
    if (url === undefined) {
      const what = `getting untrusted issuer from endpoint ${endpoint} failed`
      throw new Error(`${what} for claim ${JSON.stringify(this.#name)}: malformed JWT`)
    }
    let answered: JwtClaims
    try {
      answered = await this.#tokensOf(url).verify(token)
    } catch (error) {
      throw new Error(`verify distributed claim token: ${formatError(error)}`)
    }
    if (Object.hasOwn(answered, this.#name)) return answered[this.#name]
    const from = `jwt returned by distributed claim endpoint ${JSON.stringify(endpoint)}`
    throw new Error(`${from} did not contain claim: ${this.#name}`)
  }

  #tokensOf(url: string): IssuedTokens {
    let tokens = this.#tokensByIssuer.get(url)
    if (tokens !== undefined) return tokens
    tokens = new IssuedTokens({ ...this.#issuer, url, discoveryURL: '' }, this.#ports)
    this.#tokensByIssuer.set(url, tokens)
    return tokens
  }
}

interface Source {
  readonly endpoint: string
  readonly accessToken: string | undefined
}

/** Undefined where the claim is there, or nobody says where else it is. */
function sourceOf(claims: JwtClaims, name: string): Source | undefined {
  if (Object.hasOwn(claims, name)) return undefined
  const { _claim_names: names, _claim_sources: sources } = claims
  if (names === undefined) return undefined
  if (!isJsonObject(names)) throw unread('error parsing distributed claim names', names)
  if (sources === undefined) throw new Error('no claim sources')
  if (!isJsonObject(sources)) throw unread('could not parse claim sources', sources)
  const key = Object.hasOwn(names, name) ? names[name] : undefined
  if (key === undefined) return undefined
  const source = Object.hasOwn(sources, String(key)) ? sources[String(key)] : undefined
  if (source === undefined) {
    const what = `id token _claim_names contained a source ${String(key)}`
    throw new Error(`${what} missing in _claims_sources`)
  }
  if (!isJsonObject(source)) throw unread('could not parse claim sources', source)
  const { endpoint = '', access_token: accessToken } = source
  // It may hold the claim itself, which upstream does not read either.
  if (typeof endpoint !== 'string' || endpoint === '') return undefined
  return { endpoint, accessToken: typeof accessToken === 'string' ? accessToken : undefined }
}

function unread(what: string, value: unknown): Error {
  return new Error(`${what}: json: cannot unmarshal ${describeJson(value)}`)
}

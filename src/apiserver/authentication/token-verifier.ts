import { InvalidCredentials } from './authenticator.ts'
import type { VerifyingKey } from './signing-keys.ts'

/** What every token of an issuer says; the rest depends on the issuer. */
export interface IssuedClaims {
  readonly iss: string
}

/** Signatures that were checked and need not be again; all are forgotten beyond it. */
const MOST_VERIFIED = 4096

/** Reads JSON Web Tokens of some issuers, and checks who has signed them. */
export class TokenVerifier<C extends IssuedClaims> {
  readonly #issuers: readonly string[]
  readonly #keys: readonly VerifyingKey[]
  readonly #verified = new Map<string, C>()

  constructor(issuers: readonly string[], keys: readonly VerifyingKey[]) {
    this.#issuers = issuers
    this.#keys = keys
  }

  /** Undefined for what is no token of these issuers; throws for one that nobody has signed. */
  verify(token: string, isComplete: (claims: C) => boolean): C | undefined {
    const known = this.#verified.get(token)
    if (known !== undefined) return known
    const [head = '', payload = '', signature = '', ...more] = token.split('.')
    if (more.length > 0 || signature === '') return undefined
    const claims = decodePart(payload) as C | undefined
    if (typeof claims?.iss !== 'string' || !this.#issuers.includes(claims.iss)) return undefined
    const { kid, alg } = (decodePart(head) ?? {}) as { readonly kid?: string; alg?: string }
    const candidates = kid === undefined ? this.#keys : this.#keys.filter(({ id }) => id === kid)
    if (candidates.length === 0) throw new InvalidCredentials('invalid signature, no keys found')
    const bytes = Buffer.from(signature, 'base64url')
    // The algorithm is the key's: what the token says of it is only compared.
    const isSigned = candidates.some(
      (key) => key.algorithm === alg && key.verify(`${head}.${payload}`, bytes),
    )
    if (!isSigned) throw new InvalidCredentials('invalid signature')
    if (!isComplete(claims)) throw new InvalidCredentials('the token lacks claims')
    if (this.#verified.size >= MOST_VERIFIED) this.#verified.clear()
    this.#verified.set(token, claims)
    return claims
  }
}

function decodePart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown
  } catch {
    return undefined
  }
}

import { andThen, type Eventual } from '../../base/eventual.ts'
import { InvalidCredentials } from './authenticator.ts'
import type { VerifyingKey } from './signing-keys.ts'
import type { TokenKeys } from './token-keys.ts'

/** What every token of an issuer says; the rest depends on the issuer. */
export interface IssuedClaims {
  readonly iss: string
}

/** Signatures that were checked and need not be again; all are forgotten beyond it. */
const MOST_VERIFIED = 4096

/** A token that is of one of the issuers, taken apart. */
interface ReadToken<C> {
  readonly text: string
  readonly claims: C
  readonly algorithm: string | undefined
  readonly keyId: string | undefined
}

/** Reads JSON Web Tokens of some issuers, and checks who has signed them. */
export class TokenVerifier<C extends IssuedClaims> {
  readonly #issuers: readonly string[]
  readonly #keys: TokenKeys
  readonly #verified = new Map<string, C>()
  /** The keys by which those were checked. */
  #version: number

  constructor(issuers: readonly string[], keys: TokenKeys) {
    this.#issuers = issuers
    this.#keys = keys
    this.#version = keys.version
  }

  /**
   * Undefined for what is no token of these issuers; throws for one that nobody has signed. A
   * promise where somebody has to be asked for keys.
   */
  verify(text: string, isComplete: (claims: C) => boolean): Eventual<C | undefined> {
    if (this.#keys.version !== this.#version) this.#forget()
    const known = this.#verified.get(text)
    if (known !== undefined) return known
    const token = this.#read(text)
    if (token === undefined) return undefined
    return andThen(this.#keys.find(token.keyId), (keys) => {
      checkSignature(token, keys)
      if (!isComplete(token.claims)) throw new InvalidCredentials('the token lacks claims')
      this.#remember(token)
      return token.claims
    })
  }

  #read(text: string): ReadToken<C> | undefined {
    const [head = '', payload = '', signature = '', ...more] = text.split('.')
    if (more.length > 0 || signature === '') return undefined
    const claims = decodePart(payload) as C | undefined
    if (typeof claims?.iss !== 'string' || !this.#issuers.includes(claims.iss)) return undefined
    const { kid, alg } = (decodePart(head) ?? {}) as { readonly kid?: string; alg?: string }
    return { text, claims, algorithm: alg, keyId: kid === '' ? undefined : kid }
  }

  /** A key may have gone by which some of them were signed. */
  #forget(): void {
    this.#version = this.#keys.version
    this.#verified.clear()
  }

  #remember({ text, claims }: ReadToken<C>): void {
    if (this.#keys.version !== this.#version) this.#forget()
    if (this.#verified.size >= MOST_VERIFIED) this.#verified.clear()
    this.#verified.set(text, claims)
  }
}

function checkSignature(
  { text, algorithm }: ReadToken<unknown>,
  keys: readonly VerifyingKey[],
): void {
  if (keys.length === 0) throw new InvalidCredentials('invalid signature, no keys found')
  const end = text.lastIndexOf('.')
  const bytes = Buffer.from(text.slice(end + 1), 'base64url')
  // The algorithm is the key's: what the token says of it is only compared.
  const isSigned = keys.some(
    (key) => key.algorithm === algorithm && key.verify(text.slice(0, end), bytes),
  )
  if (!isSigned) throw new InvalidCredentials('invalid signature')
}

function decodePart(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as unknown
  } catch {
    return undefined
  }
}

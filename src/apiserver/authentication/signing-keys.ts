import {
  createHash,
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import type { Eventual } from '../../base/eventual.ts'

/** The part of a JSON Web Key that is published. */
export type PublicJwk = Readonly<Record<string, string>>

interface Algorithm {
  readonly name: string
  readonly hash: string
}

const ALGORITHM_BY_CURVE: Readonly<Record<string, Algorithm>> = {
  prime256v1: { name: 'ES256', hash: 'sha256' },
  secp384r1: { name: 'ES384', hash: 'sha384' },
  secp521r1: { name: 'ES512', hash: 'sha512' },
}
const RS256: Algorithm = { name: 'RS256', hash: 'sha256' }
/** Signatures of elliptic curves as JWS has them: both numbers one after the other. */
const DSA_ENCODING = 'ieee-p1363'

/** A key whose signatures are trusted. */
export class VerifyingKey {
  /** As upstream: the SHA-256 of the public key in DER, base64url. */
  readonly id: string
  /** `RS256`, `ES256`, `ES384` or `ES512`. */
  readonly algorithm: string
  readonly #hash: string
  readonly #key: KeyObject

  /** PEM of a public key, or of a private one, whose public part is taken; its id may be given. */
  constructor(pem: string | KeyObject, id?: string) {
    this.#key = typeof pem === 'string' ? createPublicKey(pem) : pem
    const { name, hash } = algorithmOf(this.#key)
    this.algorithm = name
    this.#hash = hash
    this.id = id ?? idOf(this.#key)
  }

  /** A public key as a SubjectPublicKeyInfo, which somebody has named. */
  static fromDer(der: Uint8Array, id: string): VerifyingKey {
    const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' })
    return new VerifyingKey(key, id)
  }

  verify(signed: string, signature: Uint8Array): boolean {
    const key = { key: this.#key, dsaEncoding: DSA_ENCODING } as const
    return verify(this.#hash, Buffer.from(signed), key, signature)
  }

  /** For relying parties, who check tokens by themselves. */
  toJwk(): PublicJwk {
    const { kty, ...numbers } = this.#key.export({ format: 'jwk' }) as Record<string, string>
    return { use: 'sig', kty: kty ?? '', kid: this.id, alg: this.algorithm, ...numbers }
  }
}

/** Makes tokens of claims. */
export interface TokenSigner {
  /** The claims as a JSON Web Token in compact form; a promise where somebody else signs. */
  signToken(claims: object): Eventual<string>
}

/** The key that new tokens are signed with. */
export class SigningKey implements TokenSigner {
  readonly id: string
  readonly #key: KeyObject
  readonly #algorithm: Algorithm

  /** PEM of a private key, RSA or elliptic. */
  constructor(pem: string) {
    this.#key = createPrivateKey(pem)
    this.#algorithm = algorithmOf(this.#key)
    this.id = new VerifyingKey(pem).id
  }

  signToken(claims: object): string {
    const head = encode({ alg: this.#algorithm.name, kid: this.id })
    const signed = `${head}.${encode(claims)}`
    const key = { key: this.#key, dsaEncoding: DSA_ENCODING } as const
    const signature = sign(this.#algorithm.hash, Buffer.from(signed), key)
    return `${signed}.${signature.toString('base64url')}`
  }
}

function idOf(key: KeyObject): string {
  const der = key.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('base64url')
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

function algorithmOf(key: KeyObject): Algorithm {
  if (key.asymmetricKeyType === 'rsa') return RS256
  const curve = key.asymmetricKeyDetails?.namedCurve ?? ''
  const algorithm = key.asymmetricKeyType === 'ec' ? ALGORITHM_BY_CURVE[curve] : undefined
  if (algorithm === undefined) {
    throw new Error(`tokens cannot be signed with a key of type ${key.asymmetricKeyType} ${curve}`)
  }
  return algorithm
}

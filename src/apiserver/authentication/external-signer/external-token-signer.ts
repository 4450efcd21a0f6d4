import type { TokenSigner } from '../signing-keys.ts'
import type { ExternalKeys } from './external-keys.ts'
import type { ExternalSigner } from './external-signer.ts'
import type { ExternalSignerMetrics } from './external-signer-metrics.ts'

const MOST_ID_BYTES = 1024
const ALGORITHMS = new Set(['RS256', 'ES256', 'ES384', 'ES512'])
const FIELDS = new Set(['alg', 'kid', 'typ'])
const BASE64_URL = /^[A-Za-z0-9_-]*$/

/** Has tokens signed by an external signer, and takes no header that upstream would not. */
export class ExternalTokenSigner implements TokenSigner {
  readonly #signer: Pick<ExternalSigner, 'sign'>
  readonly #keys: Pick<ExternalKeys, 'isPublished'>
  readonly #metrics: ExternalSignerMetrics

  constructor(
    signer: Pick<ExternalSigner, 'sign'>,
    keys: Pick<ExternalKeys, 'isPublished'>,
    metrics: ExternalSignerMetrics,
  ) {
    this.#signer = signer
    this.#keys = keys
    this.#metrics = metrics
  }

  async signToken(claims: object): Promise<string> {
    try {
      const token = await this.#sign(claims)
      this.#metrics.countSignature()
      return token
    } catch (error) {
      this.#metrics.countSignature(error)
      throw error
    }
  }

  async #sign(claims: object): Promise<string> {
    const payload = Buffer.from(JSON.stringify(claims)).toString('base64url')
    const { header, signature } = await this.#signer.sign(payload).catch((cause: unknown) => {
      throw new Error('while signing jwt', { cause })
    })
    try {
      const keyId = checkHeader(header)
      if (!(await this.#keys.isPublished(keyId))) {
        const why = 'is excluded from OIDC discovery docs'
        throw new Error(`key used for signing JWT (kid: ${keyId}) ${why}`)
      }
    } catch (cause) {
      throw new Error('while validating header', { cause })
    }
    if (signature === '') throw new Error('empty signature returned')
    return `${header}.${payload}.${signature}`
  }
}

/** The id of the key; throws for a header that is not what it must be. */
function checkHeader(encoded: string): string {
  if (!BASE64_URL.test(encoded)) throw new Error('while unwrapping header: illegal base64 data')
  const header = parseHeader(Buffer.from(encoded, 'base64url').toString())
  for (const name of Object.keys(header)) {
    if (!FIELDS.has(name)) {
      throw new Error(`while parsing header JSON: json: unknown field ${JSON.stringify(name)}`)
    }
  }
  const { alg = '', kid = '', typ = '' } = header
  if (typ !== 'JWT') throw new Error('bad type')
  if (typeof kid !== 'string' || kid === '') throw new Error('key id missing')
  if (Buffer.byteLength(kid) > MOST_ID_BYTES) throw new Error('key id longer than 1 kb')
  if (typeof alg !== 'string' || !ALGORITHMS.has(alg)) {
    throw new Error(`bad signing algorithm ${JSON.stringify(alg)}`)
  }
  return kid
}

function parseHeader(text: string): Readonly<Record<string, unknown>> {
  let header: unknown
  try {
    header = JSON.parse(text)
  } catch (cause) {
    throw new Error('while parsing header JSON', { cause })
  }
  if (typeof header === 'object' && header !== null && !Array.isArray(header)) {
    return header as Readonly<Record<string, unknown>>
  }
  throw new Error('while parsing header JSON: it is no object')
}

import type { ServerRequest } from '../request.ts'
import {
  type Authenticated,
  InvalidCredentials,
  type RequestAuthenticator,
  type TokenAuthenticator,
  type TokenBearer,
} from './authenticator.ts'

/** A browser cannot set headers of a WebSocket: it sends its token as base64url after this. */
export const BEARER_PROTOCOL_PREFIX = 'base64url.bearer.authorization.k8s.io.'

const EXTRA_SPACE =
  'the provided Authorization header contains extra space before the bearer token, and is ignored'

/** Users with a token in `Authorization: Bearer`, or among a WebSocket's protocols. */
export class BearerTokenAuthenticator implements RequestAuthenticator {
  readonly #tokens: TokenAuthenticator
  readonly #audiences: readonly string[]

  /** `audiences`: those of this API server. */
  constructor(tokens: TokenAuthenticator, audiences: readonly string[]) {
    this.#tokens = tokens
    this.#audiences = audiences
  }

  async authenticate(request: ServerRequest): Promise<Authenticated | undefined> {
    const token = bearerTokenOf(request)
    if (token === undefined) return undefined
    return authenticateBearer(this.#tokens, token, this.#audiences, request)
  }
}

/** Whose a token is. Rejects, with upstream's text, for one that is nobody's. */
export async function authenticateBearer(
  tokens: TokenAuthenticator,
  token: string,
  audiences: readonly string[],
  bearer?: TokenBearer,
): Promise<Authenticated> {
  let found: Authenticated | undefined
  try {
    found = await tokens.authenticateToken(token, audiences, bearer)
  } catch (error) {
    if (!(error instanceof InvalidCredentials)) throw error
    throw new InvalidCredentials(`[invalid bearer token, ${error.message}]`)
  }
  if (found === undefined) throw new InvalidCredentials('invalid bearer token')
  return found
}

function bearerTokenOf(request: ServerRequest): string | undefined {
  const { headers } = request
  const [scheme = '', token = '', more] = (headers['authorization'] ?? '').trim().split(' ')
  if (scheme.toLowerCase() === 'bearer') {
    if (token !== '') return token
    if (more !== undefined) request.addWarning(EXTRA_SPACE)
  }
  if (headers['upgrade']?.toLowerCase() !== 'websocket') return undefined
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim())
  const encoded = protocols.find((one) => one.startsWith(BEARER_PROTOCOL_PREFIX))
  if (encoded === undefined || protocols.length < 2) return undefined
  return Buffer.from(encoded.slice(BEARER_PROTOCOL_PREFIX.length), 'base64url').toString()
}

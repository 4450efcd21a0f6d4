import { createHash } from 'node:crypto'
import type { Clock } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import { LeastRecentlyUsed } from '../../client/least-recently-used.ts'
import type { Expiring, PostReview } from '../review-webhook.ts'
import { type Authenticated, InvalidCredentials, type TokenAuthenticator } from './authenticator.ts'

export interface TokenWebhookOptions {
  readonly post: PostReview
  readonly clock: Clock
  readonly logger: Logger
  /** Of the TokenReview that is sent: `v1` or `v1beta1`. */
  readonly version: string
  /** Upstream's `--authentication-token-webhook-cache-ttl`. */
  readonly ttlMs: number
  /** For whom a token is where the webhook does not say: this API server. */
  readonly audiences: readonly string[]
}

const CACHE_SIZE = 4096

/** Asks another server whose a token is, by TokenReview. */
export class TokenWebhookAuthenticator implements TokenAuthenticator {
  readonly #options: TokenWebhookOptions
  /** By the hash of token and audiences: no token lies in memory for longer than its request. */
  readonly #answers = new LeastRecentlyUsed<Expiring<Answer>>(CACHE_SIZE)
  readonly #underWay = new Map<string, Promise<Answer>>()

  constructor(options: TokenWebhookOptions) {
    this.#options = options
  }

  async authenticateToken(
    token: string,
    audiences: readonly string[],
  ): Promise<Authenticated | undefined> {
    const key = keyOf(token, audiences)
    const known = this.#answers.get(key)
    const isKnown = known !== undefined && this.#options.clock.monotonic() < known.until
    const { found, refusal } = isKnown ? known.value : await this.#share(key, token, audiences)
    if (refusal !== undefined) throw new InvalidCredentials(refusal)
    return found
  }

  /** Many requests with one token ask once. */
  #share(key: string, token: string, audiences: readonly string[]): Promise<Answer> {
    const underWay = this.#underWay.get(key)
    if (underWay !== undefined) return underWay
    const asking = this.#ask(key, token, audiences).finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, asking)
    return asking
  }

  async #ask(key: string, token: string, wanted: readonly string[]): Promise<Answer> {
    const { post, clock, logger, version, ttlMs } = this.#options
    let status: Status
    try {
      const review = {
        apiVersion: `authentication.k8s.io/${version}`,
        kind: 'TokenReview',
        metadata: {},
        spec: { token, audiences: wanted },
      }
      status = statusOf(await post(review))
    } catch (error) {
      logger.error('the authentication webhook gave no answer', { error: formatError(error) })
      return { refusal: formatError(error) }
    }
    const value = this.#judge(status, wanted)
    if (ttlMs > 0) this.#answers.set(key, { value, until: clock.monotonic() + ttlMs })
    return value
  }

  #judge(status: Status, wanted: readonly string[]): Answer {
    const given = (status.audiences ?? []).length > 0 ? status.audiences : this.#options.audiences
    const audiences = wanted.filter((audience) => given?.includes(audience))
    if (audiences.length === 0) return {}
    const { authenticated, error = '', user = {} } = status
    if (authenticated !== true) return error === '' ? {} : { refusal: error }
    const { username = '', uid, groups = [], extra } = user
    return {
      found: {
        audiences,
        user: {
          name: username,
          groups,
          ...(uid !== undefined && { uid }),
          ...(extra !== undefined && { extra }),
        },
      },
    }
  }
}

/** Whose a token is, why it is refused, or neither where it is nobody's. */
interface Answer {
  readonly found?: Authenticated
  readonly refusal?: string
}

interface Status {
  readonly authenticated?: boolean
  readonly error?: string
  readonly audiences?: readonly string[]
  readonly user?: {
    readonly username?: string
    readonly uid?: string
    readonly groups?: readonly string[]
    readonly extra?: Readonly<Record<string, readonly string[]>>
  }
}

/** Throws for an answer that is no review: it must never count as a yes. */
function statusOf(answer: unknown): Status {
  const { kind, status } = (answer ?? {}) as { kind?: unknown; status?: unknown }
  if (kind !== 'TokenReview' || typeof status !== 'object' || status === null) {
    throw new Error('the answer is no TokenReview with a status')
  }
  return status
}

function keyOf(token: string, audiences: readonly string[]): string {
  const text = JSON.stringify([token, audiences])
  return createHash('sha256').update(text).digest('base64')
}

import type { Clock } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { parseTime } from '../../machinery/time.ts'

const LONGEST_MS = 24 * 3_600_000
/** A token is renewed when this part of its life has passed. */
const RENEWED_AT = 0.8
const RETRY_MS = 60_000

export interface BoundToken {
  readonly token: string
  /** When to ask for the next one: milliseconds since the epoch. */
  readonly renewMs: number
}

interface Kept extends BoundToken {
  readonly expiresMs: number
}

interface TokenRequestAnswer {
  readonly spec?: { readonly expirationSeconds?: number }
  readonly status?: { readonly token?: string; readonly expirationTimestamp?: string }
}

/** Service account tokens bound to pods: asked for once, renewed in time, kept until then. */
export class ServiceAccountTokens {
  readonly #client: Client
  readonly #clock: Clock
  readonly #logger: Logger
  readonly #tokens = new Map<string, Map<string, Kept>>()

  constructor(options: {
    readonly client: Client
    readonly clock: Clock
    readonly logger: Logger
  }) {
    this.#client = options.client
    this.#clock = options.clock
    this.#logger = options.logger
  }

  /** `audience` empty: the API server's own. Throws where there is no valid token to be had. */
  async get(pod: Pod, audience: string, expirationSeconds: number): Promise<BoundToken> {
    const { uid } = pod.metadata
    const key = `${audience} ${expirationSeconds}`
    const tokens = this.#tokens.get(uid) ?? new Map<string, Kept>()
    this.#tokens.set(uid, tokens)
    const kept = tokens.get(key)
    const now = this.#clock.now()
    if (kept !== undefined && now < kept.renewMs) return kept
    try {
      const fresh = await this.#request(pod, audience, expirationSeconds)
      tokens.set(key, fresh)
      return fresh
    } catch (error) {
      if (kept === undefined || now >= kept.expiresMs) {
        throw new Error(`failed to fetch token: ${formatError(error)}`)
      }
      this.#logger.error('renewing a token failed', { error: formatError(error) })
      return { ...kept, renewMs: now + RETRY_MS }
    }
  }

  forget(uid: string): void {
    this.#tokens.delete(uid)
  }

  async #request(
    { metadata, spec }: Pod,
    audience: string,
    expirationSeconds: number,
  ): Promise<Kept> {
    const { namespace, name, uid } = metadata
    const answer = (await this.#client.createSubresource(
      ServiceAccount,
      { namespace, name: spec.serviceAccountName ?? 'default' },
      'token',
      {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: {
          audiences: audience === '' ? [] : [audience],
          expirationSeconds,
          boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
        },
      },
    )) as TokenRequestAnswer
    const lifeMs = (answer.spec?.expirationSeconds ?? expirationSeconds) * 1000
    const { token = '', expirationTimestamp } = answer.status ?? {}
    const now = this.#clock.now()
    const expiresMs =
      expirationTimestamp === undefined ? now + lifeMs : parseTime(expirationTimestamp)
    const renewMs = Math.min(expiresMs - lifeMs * (1 - RENEWED_AT), now + LONGEST_MS)
    return { token, expiresMs, renewMs }
  }
}

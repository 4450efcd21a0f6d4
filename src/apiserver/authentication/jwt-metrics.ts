import { createHash } from 'node:crypto'
import { Gauge, Histogram, type Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import type { TokenAuthenticator } from './authenticator.ts'
import type { JwtAuthenticator } from './jwt-authenticator.ts'

/** How long the tokens of issuers took to be judged, and when their keys were read. */
export class JwtMetrics {
  readonly #durations: Histogram
  readonly #clock: Clock
  readonly #readAt: Gauge
  readonly #keySets: Gauge
  readonly #server: string
  /** Hashes of the keys that are in use, by the hash of their issuer. */
  readonly #keysOf = new Map<string, string>()

  constructor(registry: Registry, clock: Clock, serverId: string) {
    this.#clock = clock
    this.#server = hashOf(serverId)
    this.#durations = new Histogram({
      name: 'apiserver_authentication_jwt_authenticator_latency_seconds',
      help: 'How long it took to judge a token of an issuer.',
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      labelNames: ['result', 'jwt_issuer_hash'],
      registers: [registry],
    })
    const labelNames = ['jwt_issuer_hash', 'apiserver_id_hash']
    const prefix = 'apiserver_authentication_jwt_authenticator_jwks_fetch_last'
    this.#readAt = new Gauge({
      name: `${prefix}_timestamp_seconds`,
      help: 'When the keys of an issuer were read last, by the outcome.',
      labelNames: ['result', ...labelNames],
      registers: [registry],
    })
    this.#keySets = new Gauge({
      name: `${prefix}_key_set_info`,
      help: 'Always 1; its labels say by which keys tokens are judged now.',
      labelNames: [...labelNames, 'hash'],
      registers: [registry],
    })
  }

  /** An authenticator whose answers are measured; tokens of other issuers do not count. */
  observed(authenticator: JwtAuthenticator): TokenAuthenticator {
    const jwt_issuer_hash = hashOf(authenticator.issuer)
    this.#followKeys(authenticator, jwt_issuer_hash)
    const count = (result: string, started: number) => {
      const labels = { result, jwt_issuer_hash }
      this.#durations.observe(labels, (this.#clock.monotonic() - started) / 1000)
    }
    return {
      authenticateToken: async (token) => {
        const started = this.#clock.monotonic()
        try {
          const found = await authenticator.authenticateToken(token)
          if (found !== undefined) count('success', started)
          return found
        } catch (error) {
          count('failure', started)
          throw error
        }
      },
    }
  }

  /** The issuer's tokens are not judged any more: nothing is said of its keys. */
  forget(issuer: string): void {
    const jwt_issuer_hash = hashOf(issuer)
    const labels = { jwt_issuer_hash, apiserver_id_hash: this.#server }
    for (const result of ['success', 'failure']) this.#readAt.remove({ result, ...labels })
    const known = this.#keysOf.get(jwt_issuer_hash)
    if (known !== undefined) this.#keySets.remove({ ...labels, hash: known })
    this.#keysOf.delete(jwt_issuer_hash)
  }

  #followKeys(authenticator: JwtAuthenticator, jwt_issuer_hash: string): void {
    const labels = { jwt_issuer_hash, apiserver_id_hash: this.#server }
    authenticator.onKeysRead((keys) => {
      const result = keys === undefined ? 'failure' : 'success'
      this.#readAt.set({ result, ...labels }, this.#clock.now() / 1000)
      if (keys === undefined) return
      const known = this.#keysOf.get(jwt_issuer_hash)
      if (known !== undefined) this.#keySets.remove({ ...labels, hash: known })
      const hash = hashOf(JSON.stringify(keys))
      this.#keysOf.set(jwt_issuer_hash, hash)
      this.#keySets.set({ ...labels, hash }, 1)
    })
  }
}

function hashOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

import { createHash } from 'node:crypto'
import { Histogram, type Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import type { TokenAuthenticator } from './authenticator.ts'
import type { JwtAuthenticator } from './jwt-authenticator.ts'

/** How long the tokens of issuers took to be judged. */
export class JwtMetrics {
  readonly #durations: Histogram
  readonly #clock: Clock

  constructor(registry: Registry, clock: Clock) {
    this.#clock = clock
    this.#durations = new Histogram({
      name: 'apiserver_authentication_jwt_authenticator_latency_seconds',
      help: 'How long it took to judge a token of an issuer.',
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      labelNames: ['result', 'jwt_issuer_hash'],
      registers: [registry],
    })
  }

  /** An authenticator whose answers are measured; tokens of other issuers do not count. */
  observed(authenticator: JwtAuthenticator): TokenAuthenticator {
    const hash = createHash('sha256').update(authenticator.issuer).digest('hex')
    const count = (result: string, started: number) => {
      const labels = { result, jwt_issuer_hash: `sha256:${hash}` }
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
}

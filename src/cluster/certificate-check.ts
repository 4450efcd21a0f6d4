import { X509Certificate } from 'node:crypto'
import type { HealthCheck } from '../apiserver/endpoints/health-endpoints.ts'
import type { Clock } from '../base/clock.ts'

/**
 * That the certificate which the server has made for itself has not ended: only a new start makes
 * another, so that whoever restarts what is not live ends the trouble. As upstream, readiness and
 * certificates of others have no part in it.
 */
export class CertificateCheck implements HealthCheck {
  readonly name = 'loopback-serving-certificate'
  readonly paths = ['healthz', 'livez'] as const
  readonly #clock: Clock
  /** Milliseconds since 1970. */
  #end = Number.POSITIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Which one it is, as PEM: known once the server is about to listen. */
  watch(certificate: string): void {
    this.#end = Date.parse(new X509Certificate(certificate).validTo)
  }

  check(): void {
    if (this.#clock.now() > this.#end) throw new Error('loopback serving certificate is expired')
  }
}

import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { Clock } from '../../../base/clock.ts'
import { GrpcSocketError } from '../../../base/grpc-socket.ts'

const PREFIX = 'apiserver_externaljwt'

/** What is asked of an external signer, under upstream's names. */
export class ExternalSignerMetrics {
  readonly #clock: Clock
  readonly #fetchedAt: Gauge
  readonly #dataAt: Gauge
  readonly #fetches: Counter
  readonly #signatures: Counter
  readonly #durations: Histogram

  constructor(registry: Registry, clock: Clock) {
    const registers = [registry]
    this.#clock = clock
    this.#fetchedAt = new Gauge({
      name: `${PREFIX}_fetch_keys_success_timestamp`,
      help: 'When the keys were last fetched.',
      registers,
    })
    this.#dataAt = new Gauge({
      name: `${PREFIX}_fetch_keys_data_timestamp`,
      help: 'Of when the signer says that they are.',
      registers,
    })
    this.#fetches = new Counter({
      name: `${PREFIX}_fetch_keys_request_total`,
      help: 'How often keys were fetched, by what came of it.',
      labelNames: ['code'],
      registers,
    })
    this.#signatures = new Counter({
      name: `${PREFIX}_sign_request_total`,
      help: 'How often a token was to be signed, by what came of it.',
      labelNames: ['code'],
      registers,
    })
    this.#durations = new Histogram({
      name: `${PREFIX}_request_duration_seconds`,
      help: 'How long calls of the signer took.',
      labelNames: ['method', 'code'],
      buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers,
    })
  }

  observeCall(method: string, code: string, seconds: number): void {
    this.#durations.observe({ method, code }, seconds)
  }

  countFetch(error?: unknown): void {
    this.#fetches.inc({ code: codeOf(error) })
    if (error === undefined) this.#fetchedAt.set(this.#clock.now() / 1000)
  }

  observeData(seconds: number): void {
    this.#dataAt.set(seconds)
  }

  countSignature(error?: unknown): void {
    this.#signatures.inc({ code: codeOf(error) })
  }
}

/** That of the call that failed, or that none did. */
function codeOf(error: unknown): string {
  if (error === undefined) return 'OK'
  let one: unknown = error
  while (one instanceof Error) {
    if (one instanceof GrpcSocketError) return one.code
    one = one.cause
  }
  return 'unknown-non-grpc'
}

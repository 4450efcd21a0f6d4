import { Counter, Histogram, type Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import { KeyServiceError } from './kms/key-service.ts'
import type { ObserveTransformation } from './value-transformer.ts'

/** From 5 µs to 84 s, each twice the one before. */
const BUCKETS = Array.from({ length: 25 }, (_, power) => 5e-6 * 2 ** power)

/** Counts what is encrypted and decrypted on its way to the store and back, as upstream does. */
export class TransformationMetrics {
  readonly #clock: Clock
  readonly #durations: Histogram
  readonly #operations: Counter

  constructor(registry: Registry, clock: Clock) {
    this.#clock = clock
    const registers = [registry]
    this.#durations = new Histogram({
      name: 'apiserver_storage_transformation_duration_seconds',
      help: 'How long values took on their way to the store or back.',
      labelNames: ['transformation_type', 'transformer_prefix'],
      buckets: BUCKETS,
      registers,
    })
    this.#operations = new Counter({
      name: 'apiserver_storage_transformation_operations_total',
      help: 'Values on their way to the store or back, by what became of it.',
      labelNames: ['resource', 'transformation_type', 'transformer_prefix', 'status'],
      registers,
    })
  }

  /** For the values of a resource such as `deployments.apps`. */
  of(resource: string): ObserveTransformation {
    return (type, prefix, run) => {
      const labels = { transformation_type: type, transformer_prefix: prefix }
      const begin = this.#clock.monotonic()
      try {
        const result = run()
        this.#durations.observe(labels, (this.#clock.monotonic() - begin) / 1000)
        this.#operations.inc({ ...labels, resource, status: 'OK' })
        return result
      } catch (error) {
        this.#operations.inc({ ...labels, resource, status: statusOf(error) })
        throw error
      }
    }
  }
}

function statusOf(error: unknown): string {
  return error instanceof KeyServiceError ? error.code : 'unknown-non-grpc'
}

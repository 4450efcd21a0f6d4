import { Histogram, type Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import type { AdmissionObserver, AdmissionStep } from './admission.ts'

const BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 2.5]
const LABELS = ['operation', 'rejected', 'type']

/** How long admission took: each plugin, and all of them together. */
export class AdmissionMetrics implements AdmissionObserver {
  readonly #clock: Clock
  readonly #plugins: Histogram
  readonly #steps: Histogram
  /** Looked up by labels once, since every write comes here many times. */
  readonly #children = new Map<string, Histogram.Internal<string>>()

  constructor(registry: Registry, clock: Clock) {
    this.#clock = clock
    const common = { buckets: BUCKETS, registers: [registry] }
    this.#plugins = new Histogram({
      name: 'apiserver_admission_controller_admission_duration_seconds',
      help: 'How long one admission plugin took, by operation and by what it did.',
      labelNames: ['name', ...LABELS],
      ...common,
    })
    this.#steps = new Histogram({
      name: 'apiserver_admission_step_admission_duration_seconds',
      help: 'How long all plugins of a step took, by operation.',
      labelNames: LABELS,
      ...common,
    })
  }

  now(): number {
    return this.#clock.monotonic()
  }

  observe({ name, type, operation, isRejected, started }: AdmissionStep): void {
    const key = `${name} ${type} ${operation} ${isRejected}`
    let child = this.#children.get(key)
    if (child === undefined) {
      const labels = { type, operation, rejected: String(isRejected) }
      child = name === '' ? this.#steps.labels(labels) : this.#plugins.labels({ name, ...labels })
      this.#children.set(key, child)
    }
    child.observe((this.#clock.monotonic() - started) / 1000)
  }
}

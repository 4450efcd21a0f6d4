import type { Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import { type Distribution, SeriesHistogram } from '../endpoints/metric-series.ts'
import type { AdmissionObserver, AdmissionStep } from './admission.ts'

const BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

/** How long admission took: each plugin, and all of them together. */
export class AdmissionMetrics implements AdmissionObserver {
  readonly #clock: Clock
  readonly #plugins: SeriesHistogram
  readonly #steps: SeriesHistogram
  /** Looked up by labels once, since every write comes here many times. */
  readonly #series = new Map<string, Distribution>()

  constructor(registry: Registry, clock: Clock) {
    this.#clock = clock
    const common = { buckets: BUCKETS, registers: [registry] }
    this.#plugins = new SeriesHistogram({
      name: 'apiserver_admission_controller_admission_duration_seconds',
      help: 'How long one admission plugin took, by operation and by what it did.',
      ...common,
    })
    this.#steps = new SeriesHistogram({
      name: 'apiserver_admission_step_admission_duration_seconds',
      help: 'How long all plugins of a step took, by operation.',
      ...common,
    })
  }

  now(): number {
    return this.#clock.monotonic()
  }

  observe({ name, type, operation, isRejected, started }: AdmissionStep): void {
    const key = `${name} ${type} ${operation} ${isRejected}`
    let series = this.#series.get(key)
    if (series === undefined) {
      const labels = { type, operation, rejected: String(isRejected) }
      series = name === '' ? this.#steps.series(labels) : this.#plugins.series({ name, ...labels })
      this.#series.set(key, series)
    }
    series.observe((this.#clock.monotonic() - started) / 1000)
  }
}

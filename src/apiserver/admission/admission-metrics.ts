import type { Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import { type Distribution, type Labels, SeriesHistogram } from '../endpoints/metric-series.ts'
import type { AdmissionObserver, AdmissionStep, RecordStep } from './admission.ts'

const BUCKETS = [0.005, 0.025, 0.1, 0.5, 1, 2.5]

/** How long admission took: each plugin, and all of them together. */
export class AdmissionMetrics implements AdmissionObserver {
  readonly #clock: Clock
  readonly #plugins: SeriesHistogram
  readonly #steps: SeriesHistogram
  /** By their labels. */
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

  recorderOf({ name, type, operation }: AdmissionStep): RecordStep {
    const admitted = this.#seriesOf(name, { type, operation, rejected: 'false' })
    const rejected = this.#seriesOf(name, { type, operation, rejected: 'true' })
    return (isRejected, ms) => (isRejected ? rejected() : admitted()).observe(ms / 1000)
  }

  /** Made with the first observation; by its labels, since several kinds have the same steps. */
  #seriesOf(name: string, labels: Labels): () => Distribution {
    const key = [name, ...Object.values(labels)].join(' ')
    let known: Distribution | undefined
    return () => {
      known ??= this.#series.get(key)
      if (known !== undefined) return known
      known = name === '' ? this.#steps.series(labels) : this.#plugins.series({ name, ...labels })
      this.#series.set(key, known)
      return known
    }
  }
}

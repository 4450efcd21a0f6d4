import type { MetricObjectWithValues, MetricValue } from 'prom-client'

/** One line of a metric; of a histogram the name says which of its lines. */
export type Sample = MetricValue<string> & { readonly metricName?: string }

/** A metric as it is about to be shown. */
export type ShownMetric = MetricObjectWithValues<Sample>

/** By metric and label: the values that may be shown. */
export type AllowedValues = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>

/** In place of any other value. */
const UNEXPECTED = 'unexpected'

/**
 * Which metrics are shown, and with which values of their labels: those who keep metrics can
 * afford only so many series of one. It is applied where metrics are read; what was observed stays.
 */
export class MetricRules {
  readonly disabled: ReadonlySet<string>
  readonly #allowed: AllowedValues
  /** By metric: what has been shown as unexpected, for `unexpectedTotal`. */
  readonly #unexpected = new Map<string, number>()

  constructor(disabled: readonly string[], allowed: AllowedValues) {
    this.disabled = new Set(disabled.filter((name) => name !== ''))
    this.#allowed = allowed
  }

  /** How many observations have been shown under an unexpected value, as far as they were read. */
  get unexpectedTotal(): number {
    return [...this.#unexpected.values()].reduce((sum, count) => sum + count, 0)
  }

  /** Undefined where it is not shown. */
  apply(metric: ShownMetric): ShownMetric | undefined {
    if (this.disabled.has(metric.name)) return undefined
    const labels = this.#allowed.get(metric.name)
    return labels === undefined ? metric : { ...metric, values: this.#merged(metric, labels) }
  }

  #merged(
    { name, type, values }: ShownMetric,
    allowed: ReadonlyMap<string, ReadonlySet<string>>,
  ): Sample[] {
    const merged = new Map<string, Sample>()
    let unexpected = 0
    for (const sample of values) {
      const labels = { ...sample.labels }
      let changes = 0
      for (const [label, known] of allowed) {
        if (labels[label] === undefined || known.has(String(labels[label]))) continue
        labels[label] = UNEXPECTED
        changes++
      }
      unexpected += changes * observationsOf(sample, String(type))
      const key = JSON.stringify([sample.metricName, Object.entries(labels).toSorted()])
      const before = merged.get(key)
      // A gauge says what is: of several that become one, as of several writes, the last.
      const isSum = before !== undefined && String(type) !== 'gauge'
      const value = isSum ? before.value + sample.value : sample.value
      merged.set(key, { ...sample, labels, value })
    }
    this.#unexpected.set(name, unexpected)
    return [...merged.values()]
  }
}

/** How many observations a line stands for: of a histogram one line in many does. */
function observationsOf({ metricName, value }: Sample, type: string): number {
  if (type === 'counter') return value
  if (type === 'gauge') return 1
  return metricName?.endsWith('_count') ? value : 0
}

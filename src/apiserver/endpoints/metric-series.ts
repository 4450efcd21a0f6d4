import type { Metric, Registry } from 'prom-client'

/** Values of a metric's labels, by their names. */
export type Labels = Readonly<Record<string, string>>

interface Description {
  readonly name: string
  readonly help: string
  readonly registers: readonly Registry[]
}

/** One line of a metric, in the library's form. */
interface Sample {
  readonly labels: Labels
  readonly value: number
  readonly metricName?: string
}

/**
 * Counters and histograms for what every request comes by many times. The library puts a text of
 * all labels together to find a series with each observation; here a series is looked up once, and
 * an observation is an addition. The library's registry shows them with all others.
 */
abstract class SeriesMetric {
  readonly name: string
  readonly help: string
  readonly aggregator = 'sum'
  abstract readonly type: string

  protected constructor({ name, help, registers }: Description) {
    this.name = name
    this.help = help
    for (const registry of registers) registry.registerMetric(this as unknown as Metric)
  }

  /** For the registry. */
  async get() {
    const { name, help, type, aggregator } = this
    return { name, help, type, aggregator, values: this.samples() }
  }

  /** For the registry. */
  abstract reset(): void
  protected abstract samples(): readonly Sample[]
}

/** One series of a counter. */
export interface Count {
  readonly labels: Labels
  value: number
}

/** How often something happened, by labels: whoever has a series adds to its value. */
export class SeriesCounter extends SeriesMetric {
  readonly type = 'counter'
  readonly #series: Count[] = []
  #wasReset = false

  constructor(description: Description) {
    super(description)
  }

  /** A new series; the caller keeps it, one for the same labels. */
  series(labels: Labels): Count {
    const count = { labels, value: 0 }
    this.#series.push(count)
    return count
  }

  reset(): void {
    this.#wasReset = true
    for (const count of this.#series) count.value = 0
  }

  /** What was forgotten is shown when it happens again. */
  protected samples(): readonly Sample[] {
    return this.#wasReset ? this.#series.filter(({ value }) => value !== 0) : this.#series
  }
}

/** One series of a histogram. */
export class Distribution {
  readonly labels: Labels
  readonly bounds: readonly number[]
  readonly counts: Float64Array
  sum = 0

  constructor(labels: Labels, bounds: readonly number[]) {
    this.labels = labels
    this.bounds = bounds
    this.counts = new Float64Array(bounds.length + 1)
  }

  observe(value: number): void {
    this.add(this.bucketOf(value), 1, value)
  }

  /** Whoever knows where their values belong adds many of them at once. */
  add(bucket: number, count: number, sum: number): void {
    ;(this.counts[bucket] as number) += count
    this.sum += sum
  }

  /** Where a value belongs. */
  bucketOf(value: number): number {
    const { bounds } = this
    let bucket = 0
    while (bucket < bounds.length && value > (bounds[bucket] as number)) bucket++
    return bucket
  }
}

/** What a line of a histogram is made of. */
export type DistributionValues = Pick<Distribution, 'labels' | 'bounds' | 'counts' | 'sum'>

/** How values are distributed, by labels. */
export class SeriesHistogram extends SeriesMetric {
  readonly type = 'histogram'
  readonly #bounds: readonly number[]
  readonly #series: Distribution[] = []
  #wasReset = false

  /** `buckets` are upper bounds in ascending order. */
  constructor({ buckets, ...description }: Description & { readonly buckets: readonly number[] }) {
    super(description)
    this.#bounds = buckets
  }

  /** A new series; the caller keeps it, one for the same labels. */
  series(labels: Labels): Distribution {
    const distribution = new Distribution(labels, this.#bounds)
    this.#series.push(distribution)
    return distribution
  }

  reset(): void {
    this.#wasReset = true
    for (const distribution of this.#series) {
      distribution.counts.fill(0)
      distribution.sum = 0
    }
  }

  protected samples(): readonly Sample[] {
    const isShown = ({ counts }: Distribution) => counts.some((count) => count > 0)
    return samplesOf(this.name, this.#wasReset ? this.#series.filter(isShown) : this.#series)
  }
}

/** A histogram of distributions that others keep, and that are asked for whenever it is read. */
export class CollectedHistogram extends SeriesMetric {
  readonly type = 'histogram'
  readonly #collect: () => Iterable<DistributionValues>

  constructor({
    collect,
    ...description
  }: Description & {
    collect(): Iterable<DistributionValues>
  }) {
    super(description)
    this.#collect = collect
  }

  /** What others count is not ours to forget. */
  reset(): void {}

  protected samples(): readonly Sample[] {
    return samplesOf(this.name, this.#collect())
  }
}

function samplesOf(name: string, series: Iterable<DistributionValues>): readonly Sample[] {
  const samples: Sample[] = []
  for (const { labels, bounds, counts, sum } of series) {
    let total = 0
    for (const [index, count] of counts.entries()) {
      total += count
      const le = formatBound(bounds[index])
      samples.push({ labels: { le, ...labels }, value: total, metricName: `${name}_bucket` })
    }
    samples.push({ labels, value: sum, metricName: `${name}_sum` })
    samples.push({ labels, value: total, metricName: `${name}_count` })
  }
  return samples
}

/** As Go writes a float, since queries name bounds literally: 1e+06, and `+Inf` for the last. */
function formatBound(bound: number | undefined): string {
  if (bound === undefined) return '+Inf'
  if (bound < 1e-4 && bound > 0) return twoDigits(bound.toExponential())
  return bound >= 1e6 && bound < 1e21 ? twoDigits(bound.toExponential()) : String(bound)
}

function twoDigits(exponential: string): string {
  return exponential.replace(/e([+-])(\d)$/, 'e$10$2')
}

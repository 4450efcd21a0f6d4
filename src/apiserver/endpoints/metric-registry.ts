import { Counter, type Metric, Registry } from 'prom-client'
import type { MetricRules } from './metric-rules.ts'
import { DEPRECATED, LEVELS, type StabilityLevel } from './metric-stability.data.ts'

const LEVEL_OF: ReadonlyMap<string, StabilityLevel> = new Map(
  Object.entries(LEVELS).flatMap(([level, names]) =>
    names.map((name) => [name, level as StabilityLevel] as const),
  ),
)

/** What every process has, whatever it is: it bears no level of Kubernetes. */
const UNLEVELLED = /^(process|nodejs)_/

/** Metrics of Kubernetes: the help of each begins with its level of stability, as upstream's. */
export class LevelledRegistry extends Registry {
  override registerMetric<T extends string>(metric: Metric<T>): void {
    const described = metric as unknown as { readonly name: string; help: string }
    const { name } = described
    if (!UNLEVELLED.test(name)) {
      const level = LEVEL_OF.get(name) ?? 'ALPHA'
      const deprecated = DEPRECATED.get(name)
      const since = deprecated === undefined ? '' : `(Deprecated since ${deprecated}) `
      described.help = `[${level}] ${since}${described.help}`
      this.noteLevel(level, deprecated ?? '')
    }
    super.registerMetric(metric)
  }

  /** Is told of each metric that is added; `deprecatedVersion` is empty for most. */
  protected noteLevel(_level: StabilityLevel, _deprecatedVersion: string): void {}
}

/** The same, which also tells how many metrics of each level there are. */
export class MetricRegistry extends LevelledRegistry {
  readonly #registered: Counter

  constructor(rules?: MetricRules) {
    super()
    this.#registered = new Counter({
      name: 'registered_metrics_total',
      help: 'Metrics that there are, by their stability and the release that deprecates them.',
      labelNames: ['stability_level', 'deprecated_version'],
      registers: [],
    })
    const registers = [this]
    new Counter({
      name: 'disabled_metrics_total',
      help: 'Metrics that are not shown, since a flag says so.',
      registers,
    }).inc(rules?.disabled.size ?? 0)
    new Counter({
      name: 'hidden_metrics_total',
      help: 'Metrics that are not shown, since they are old: this server has none of these.',
      registers,
    })
    new Counter({
      name: 'cardinality_enforcement_unexpected_categorizations_total',
      help: 'Observations that are shown under the label "unexpected", as flags ask for.',
      registers,
      collect() {
        this.reset()
        this.inc(rules?.unexpectedTotal ?? 0)
      },
    })
    this.registerMetric(this.#registered)
  }

  protected override noteLevel(level: StabilityLevel, deprecatedVersion: string): void {
    this.#registered.inc({ stability_level: level, deprecated_version: deprecatedVersion })
  }
}

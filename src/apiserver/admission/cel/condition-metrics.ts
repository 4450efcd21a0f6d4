import { Counter, Histogram, type Registry } from 'prom-client'
import type { Operation } from '../admission.ts'
import type { ConditionOwner } from '../dynamic/match-conditions.ts'

/** Whose conditions were evaluated, about what. */
export interface EvaluatedConditions extends ConditionOwner {
  readonly name: string
  readonly operation: Operation
}

/** Is told what became of matchConditions, for the metrics. */
export interface ConditionObserver {
  evaluated(conditions: EvaluatedConditions, durationMs: number): void
  failed(conditions: EvaluatedConditions): void
  excluded(conditions: EvaluatedConditions): void
}

/** Where nobody measures. */
export const unobservedConditions: ConditionObserver = {
  evaluated() {},
  failed() {},
  excluded() {},
}

const LABELS = ['name', 'kind', 'type', 'operation']

/** How matchConditions are evaluated, by what has them. */
export class ConditionMetrics implements ConditionObserver {
  readonly #durations: Histogram
  readonly #errors: Counter
  readonly #exclusions: Counter

  constructor(registry: Registry) {
    const shared = { labelNames: LABELS, registers: [registry] }
    this.#durations = new Histogram({
      name: 'apiserver_admission_match_condition_evaluation_seconds',
      help: 'How long the matchConditions of a webhook or policy took.',
      buckets: [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25],
      ...shared,
    })
    this.#errors = new Counter({
      name: 'apiserver_admission_match_condition_evaluation_errors_total',
      help: 'Conditions that met an error.',
      ...shared,
    })
    this.#exclusions = new Counter({
      name: 'apiserver_admission_match_condition_exclusions_total',
      help: 'Writes that a condition has kept from a webhook or policy.',
      ...shared,
    })
  }

  evaluated({ name, kind, type, operation }: EvaluatedConditions, durationMs: number): void {
    this.#durations.observe({ name, kind, type, operation }, durationMs / 1000)
  }

  failed({ name, kind, type, operation }: EvaluatedConditions): void {
    this.#errors.inc({ name, kind, type, operation })
  }

  excluded({ name, kind, type, operation }: EvaluatedConditions): void {
    this.#exclusions.inc({ name, kind, type, operation })
  }
}

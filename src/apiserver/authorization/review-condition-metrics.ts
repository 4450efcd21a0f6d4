import { Counter, Histogram, type Registry } from 'prom-client'
import type { ReviewConditionObserver } from './review-conditions.ts'

const LABELS = ['type', 'name']

/** How the matchConditions of authorizers are evaluated. */
export class ReviewConditionMetrics implements ReviewConditionObserver {
  readonly #durations: Histogram
  readonly #errors: Counter
  readonly #exclusions: Counter

  constructor(registry: Registry) {
    const shared = { labelNames: LABELS, registers: [registry] }
    this.#durations = new Histogram({
      name: 'apiserver_authorization_match_condition_evaluation_seconds',
      help: 'How long the matchConditions of an authorizer took.',
      buckets: [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25],
      ...shared,
    })
    this.#errors = new Counter({
      name: 'apiserver_authorization_match_condition_evaluation_errors_total',
      help: 'Requests for which a condition met an error.',
      ...shared,
    })
    this.#exclusions = new Counter({
      name: 'apiserver_authorization_match_condition_exclusions_total',
      help: 'Requests that a condition has kept from an authorizer.',
      ...shared,
    })
  }

  evaluated(name: string, durationMs: number): void {
    this.#durations.observe({ type: 'Webhook', name }, durationMs / 1000)
  }

  failed(name: string): void {
    this.#errors.inc({ type: 'Webhook', name })
  }

  excluded(name: string): void {
    this.#exclusions.inc({ type: 'Webhook', name })
  }
}

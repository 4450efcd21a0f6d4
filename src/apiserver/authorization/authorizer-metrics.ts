import { Counter, Histogram, type Registry } from 'prom-client'
import { type Count, SeriesCounter } from '../endpoints/metric-series.ts'
import type { AuthorizerObserver, WebhookResult } from './authorizer-observer.ts'

const LABELS = ['type', 'name']
const WEBHOOK_LABELS = ['name', 'result']

/** What authorizers decide, how their webhooks answer, and how their conditions are evaluated. */
export class AuthorizerMetrics implements AuthorizerObserver {
  readonly #decisions: SeriesCounter
  /** Looked up by labels once, since every request comes here. */
  readonly #counts = new Map<string, Count>()
  readonly #asked: Counter
  readonly #askedDurations: Histogram
  readonly #failedOpen: Counter
  readonly #conditionDurations: Histogram
  readonly #conditionErrors: Counter
  readonly #exclusions: Counter

  constructor(registry: Registry) {
    const registers = [registry]
    this.#decisions = new SeriesCounter({
      name: 'apiserver_authorization_decisions_total',
      help: 'Final decisions of authorizers, by what they decided.',
      registers,
    })
    const webhooks = { labelNames: WEBHOOK_LABELS, registers }
    this.#asked = new Counter({
      name: 'apiserver_authorization_webhook_evaluations_total',
      help: 'Questions to authorization webhooks, by what came of them.',
      ...webhooks,
    })
    this.#askedDurations = new Histogram({
      name: 'apiserver_authorization_webhook_duration_seconds',
      help: 'How long authorization webhooks took to answer.',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      ...webhooks,
    })
    this.#failedOpen = new Counter({
      name: 'apiserver_authorization_webhook_evaluations_fail_open_total',
      help: 'Questions without an answer that were left to the next authorizer.',
      ...webhooks,
    })
    const conditions = { labelNames: LABELS, registers }
    this.#conditionDurations = new Histogram({
      name: 'apiserver_authorization_match_condition_evaluation_seconds',
      help: 'How long the matchConditions of an authorizer took.',
      buckets: [0.001, 0.005, 0.01, 0.025, 0.1, 0.2, 0.25],
      ...conditions,
    })
    this.#conditionErrors = new Counter({
      name: 'apiserver_authorization_match_condition_evaluation_errors_total',
      help: 'Requests for which a condition met an error.',
      ...conditions,
    })
    this.#exclusions = new Counter({
      name: 'apiserver_authorization_match_condition_exclusions_total',
      help: 'Requests that a condition has kept from an authorizer.',
      ...conditions,
    })
  }

  decided(type: string, name: string, decision: 'allowed' | 'denied'): void {
    const key = `${type} ${name} ${decision}`
    let count = this.#counts.get(key)
    if (count === undefined) {
      count = this.#decisions.series({ type, name, decision })
      this.#counts.set(key, count)
    }
    count.value++
  }

  asked(name: string, result: WebhookResult, durationMs: number): void {
    this.#asked.inc({ name, result })
    this.#askedDurations.observe({ name, result }, durationMs / 1000)
  }

  failedOpen(name: string, result: WebhookResult): void {
    this.#failedOpen.inc({ name, result })
  }

  conditionsEvaluated(name: string, durationMs: number): void {
    this.#conditionDurations.observe({ type: 'Webhook', name }, durationMs / 1000)
  }

  conditionsFailed(name: string): void {
    this.#conditionErrors.inc({ type: 'Webhook', name })
  }

  conditionsExcluded(name: string): void {
    this.#exclusions.inc({ type: 'Webhook', name })
  }
}

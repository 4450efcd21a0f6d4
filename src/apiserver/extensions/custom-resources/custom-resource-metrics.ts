import { Counter, Histogram, type Registry } from 'prom-client'
import type { Clock } from '../../../base/clock.ts'
import type { Measure } from '../../../kinds/apiextensions/rules/rule-node.ts'

/** What was wrong with an answer of a conversion webhook, or that there was none. */
export type ConversionFailure = 'call' | 'malformed_response' | 'partial_response' | 'invalid'

/** Upstream's names of them. */
const FAILURES: Readonly<Record<ConversionFailure, string>> = {
  call: 'conversion_webhook_call_failure',
  malformed_response: 'conversion_webhook_malformed_response_failure',
  partial_response: 'conversion_webhook_partial_response_failure',
  invalid: 'conversion_webhook_invalid_converted_object_failure',
}
const REQUEST_BUCKETS = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 45, 60]
/** From a millisecond to sixteen seconds. */
const CONVERSION_BUCKETS = Array.from({ length: 15 }, (_, power) => 0.001 * 2 ** power)

/** One request to a conversion webhook, for metrics. */
export interface ConversionRequest {
  /** The name of the definition. */
  readonly definition: string
  /** Versions, without their group. */
  readonly from: string
  readonly to: string
  readonly seconds: number
  readonly failure: ConversionFailure | undefined
}

/** How long rules and conversions of custom resources take, under upstream's names. */
export class CustomResourceMetrics {
  readonly #clock: Clock
  readonly #compilation: Histogram
  readonly #evaluation: Histogram
  readonly #requests: Counter
  readonly #requestDurations: Histogram
  readonly #conversions: Histogram

  constructor(registry: Registry, clock: Clock) {
    this.#clock = clock
    const registers = [registry]
    this.#compilation = new Histogram({
      name: 'apiserver_cel_compilation_duration_seconds',
      help: 'How long the rules of a schema took to compile.',
      registers,
    })
    this.#evaluation = new Histogram({
      name: 'apiserver_cel_evaluation_duration_seconds',
      help: 'How long the rules of an object took to evaluate.',
      registers,
    })
    const labelNames = ['result', 'failure_type']
    this.#requests = new Counter({
      name: 'apiserver_conversion_webhook_request_total',
      help: 'Requests to conversion webhooks, by what came of them.',
      labelNames,
      registers,
    })
    this.#requestDurations = new Histogram({
      name: 'apiserver_conversion_webhook_duration_seconds',
      help: 'How long requests to conversion webhooks took.',
      labelNames,
      buckets: REQUEST_BUCKETS,
      registers,
    })
    this.#conversions = new Histogram({
      name: 'apiserver_crd_conversion_webhook_duration_seconds',
      help: 'How long conversions by webhooks took, by definition and versions.',
      labelNames: ['crd_name', 'from_version', 'to_version', 'succeeded'],
      buckets: CONVERSION_BUCKETS,
      registers,
    })
  }

  readonly compiling: Measure = (work) => this.#time(this.#compilation, work)
  readonly evaluating: Measure = (work) => this.#time(this.#evaluation, work)

  noteConversion({ definition, from, to, seconds, failure }: ConversionRequest): void {
    const labels = {
      result: failure === undefined ? 'success' : 'failure',
      failure_type: failure === undefined ? '' : FAILURES[failure],
    }
    this.#requests.inc(labels)
    this.#requestDurations.observe(labels, seconds)
    const succeeded = String(failure === undefined)
    const versions = { crd_name: definition, from_version: from, to_version: to }
    this.#conversions.observe({ ...versions, succeeded }, seconds)
  }

  #time<T>(histogram: Histogram, work: () => T): T {
    const began = this.#clock.monotonic()
    try {
      return work()
    } finally {
      histogram.observe((this.#clock.monotonic() - began) / 1000)
    }
  }
}

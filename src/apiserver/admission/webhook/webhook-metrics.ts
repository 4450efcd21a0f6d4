import { Counter, Histogram, type Registry } from 'prom-client'
import type { Operation } from '../admission.ts'

/** The step in which a webhook was asked, in the words of upstream's metrics. */
export type HookStep = 'admit' | 'validating'

/** What became of a call. */
export interface HookOutcome {
  readonly name: string
  readonly step: HookStep
  readonly operation: Operation
  readonly isRejected: boolean
  /** 200, that of the refusal, or that which stands for a failure. */
  readonly code: number
  readonly durationMs: number
}

/** Why a webhook has refused a write. */
export type RejectionSort = 'calling_webhook_error' | 'apiserver_internal_error' | 'no_error'

/** Is told what webhooks do, for the metrics. */
export interface HookObserver {
  called(outcome: HookOutcome): void
  rejected(outcome: HookOutcome, sort: RejectionSort): void
  failedOpen(name: string, step: HookStep): void
}

/** Where nobody measures. */
export const unobservedHooks: HookObserver = { called() {}, rejected() {}, failedOpen() {} }

/** A webhook that answers with greater codes must not make ever more metrics. */
const GREATEST_CODE = 600

/** How webhooks are called, by name. */
export class WebhookMetrics implements HookObserver {
  readonly #durations: Histogram
  readonly #requests: Counter
  readonly #rejections: Counter
  readonly #failOpen: Counter

  constructor(registry: Registry) {
    const registers = [registry]
    this.#durations = new Histogram({
      name: 'apiserver_admission_webhook_admission_duration_seconds',
      help: 'How long a webhook took to answer, by operation and by what it did.',
      labelNames: ['name', 'type', 'operation', 'rejected'],
      buckets: [0.005, 0.025, 0.1, 0.5, 1, 2.5, 10, 25],
      registers,
    })
    this.#requests = new Counter({
      name: 'apiserver_admission_webhook_request_total',
      help: 'Calls of webhooks, by operation, code of the answer and by what it did.',
      labelNames: ['name', 'type', 'operation', 'code', 'rejected'],
      registers,
    })
    this.#rejections = new Counter({
      name: 'apiserver_admission_webhook_rejection_count',
      help: 'Writes that webhooks, or failures to call them, have refused.',
      labelNames: ['name', 'type', 'operation', 'error_type', 'rejection_code'],
      registers,
    })
    this.#failOpen = new Counter({
      name: 'apiserver_admission_webhook_fail_open_count',
      help: 'Writes that went on although a webhook could not be called.',
      labelNames: ['name', 'type'],
      registers,
    })
  }

  called({ name, step, operation, isRejected, code, durationMs }: HookOutcome): void {
    const labels = { name, type: step, operation, rejected: String(isRejected) }
    this.#requests.inc({ ...labels, code: codeText(code) })
    this.#durations.observe(labels, durationMs / 1000)
  }

  rejected({ name, step, operation, code }: HookOutcome, sort: RejectionSort): void {
    const labels = { name, type: step, operation }
    this.#rejections.inc({ ...labels, error_type: sort, rejection_code: codeText(code) })
  }

  failedOpen(name: string, step: HookStep): void {
    this.#failOpen.inc({ name, type: step })
  }
}

function codeText(code: number): string {
  return String(Math.min(code, GREATEST_CODE))
}

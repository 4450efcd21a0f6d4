import { Counter, type Registry } from 'prom-client'
import { terminationOf } from '../terminations.ts'
import type { Labels } from './metric-series.ts'

const LABELS = ['verb', 'group', 'version', 'resource', 'subresource', 'scope']

/** Requests that were cut short: by the server to defend itself, or by clients that went away. */
export class TerminationMetrics {
  readonly #terminations: Counter
  readonly #aborts: Counter

  constructor(registry: Registry) {
    const registers = [registry]
    this.#terminations = new Counter({
      name: 'apiserver_request_terminations_total',
      help: 'Requests that the server has ended to defend itself: overload, time, a fault.',
      labelNames: [...LABELS, 'component', 'code'],
      registers,
    })
    this.#aborts = new Counter({
      name: 'apiserver_request_aborts_total',
      help: 'Requests whose clients went away before the answer.',
      labelNames: LABELS,
      registers,
    })
  }

  /** Of what a request ended with; ordinary refusals are none of these. */
  note(error: unknown, code: number, labelsOf: () => Labels): void {
    const by = terminationOf(error)
    if (by === 'client') this.#aborts.inc(labelsOf())
    if (by === 'server') {
      this.#terminations.inc({ ...labelsOf(), component: 'apiserver', code: String(code) })
    }
  }
}

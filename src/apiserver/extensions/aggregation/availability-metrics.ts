import { Counter, Gauge, type Registry } from 'prom-client'
import type { Verdict } from './availability.ts'

/** Which APIServices do not answer, under upstream's names. */
export class AvailabilityMetrics {
  readonly #unavailable: Gauge
  readonly #transitions: Counter

  constructor(registry: Registry) {
    const registers = [registry]
    this.#unavailable = new Gauge({
      name: 'aggregator_unavailable_apiservice',
      help: 'APIServices that do not answer: 1 for those, 0 for the others.',
      labelNames: ['name'],
      registers,
    })
    this.#transitions = new Counter({
      name: 'aggregator_unavailable_apiservice_total',
      help: 'How often an APIService became unavailable, by the reason.',
      labelNames: ['name', 'reason'],
      registers,
    })
  }

  observe(name: string, { status, reason = '' }: Verdict, isTransition: boolean): void {
    const isAvailable = status === 'True'
    this.#unavailable.set({ name }, isAvailable ? 0 : 1)
    if (isTransition && !isAvailable) {
      this.#transitions.inc({ name, reason: reason === '' ? 'UnknownReason' : reason })
    }
  }

  forget(name: string): void {
    this.#unavailable.remove({ name })
  }
}

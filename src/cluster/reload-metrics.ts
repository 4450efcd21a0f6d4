import { createHash } from 'node:crypto'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Clock } from '../base/clock.ts'

/** How often a configuration was read again, under upstream's names. */
export class ReloadMetrics {
  readonly #total: Counter
  readonly #last: Gauge
  readonly #server: string
  readonly #clock: Clock

  /** `what`: as it stands in the names, such as `encryption`. */
  constructor(registry: Registry, what: string, clock: Clock, serverId: string) {
    const registers = [registry]
    const prefix = `apiserver_${what}_config_controller_automatic_reload`
    const labelNames = ['status', 'apiserver_id_hash']
    this.#clock = clock
    this.#server = `sha256:${createHash('sha256').update(serverId).digest('hex')}`
    this.#total = new Counter({
      name: `${prefix}s_total`,
      help: `How often the configuration of ${what} was read again, by the outcome.`,
      ...{ labelNames, registers },
    })
    this.#last = new Gauge({
      name: `${prefix}_last_timestamp_seconds`,
      help: 'When that was, by the outcome.',
      ...{ labelNames, registers },
    })
  }

  /** Counts what becomes of a change; its failure stays one. */
  async observe(change: () => Promise<void>): Promise<void> {
    try {
      await change()
      this.#count('success')
    } catch (error) {
      this.#count('failure')
      throw error
    }
  }

  #count(status: 'success' | 'failure'): void {
    const labels = { status, apiserver_id_hash: this.#server }
    this.#total.inc(labels)
    this.#last.set(labels, this.#clock.now() / 1000)
  }
}

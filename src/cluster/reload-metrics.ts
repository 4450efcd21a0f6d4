import { createHash } from 'node:crypto'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { Clock } from '../base/clock.ts'

/** How often a configuration was read again, and which is in force, under upstream's names. */
export class ReloadMetrics {
  readonly #total: Counter
  readonly #last: Gauge
  readonly #inForce: Gauge
  readonly #server: string
  readonly #clock: Clock

  /** `what`: as it stands in the names, such as `encryption`; `text`: what is in force now. */
  constructor(registry: Registry, what: string, text: string, clock: Clock, serverId: string) {
    const registers = [registry]
    const prefix = `apiserver_${what}_config_controller`
    const labelNames = ['status', 'apiserver_id_hash']
    this.#clock = clock
    this.#server = hashOf(serverId)
    this.#total = new Counter({
      name: `${prefix}_automatic_reloads_total`,
      help: `How often the configuration of ${what} was read again, by the outcome.`,
      ...{ labelNames, registers },
    })
    this.#last = new Gauge({
      name: `${prefix}_automatic_reload_last_timestamp_seconds`,
      help: 'When that was, by the outcome.',
      ...{ labelNames, registers },
    })
    this.#inForce = new Gauge({
      name: `${prefix}_last_config_info`,
      help: `Always 1; its label says which configuration of ${what} is in force.`,
      labelNames: ['apiserver_id_hash', 'hash'],
      registers,
    })
    this.#tell(text)
  }

  /** Counts what becomes of a change to `text`; its failure stays one. */
  async observe(text: string, change: () => Promise<void>): Promise<void> {
    try {
      await change()
      this.#tell(text)
      this.#count('success')
    } catch (error) {
      this.#count('failure')
      throw error
    }
  }

  #tell(text: string): void {
    this.#inForce.reset()
    this.#inForce.set({ apiserver_id_hash: this.#server, hash: hashOf(text) }, 1)
  }

  #count(status: 'success' | 'failure'): void {
    const labels = { status, apiserver_id_hash: this.#server }
    this.#total.inc(labels)
    this.#last.set(labels, this.#clock.now() / 1000)
  }
}

function hashOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

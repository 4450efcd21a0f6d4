import { Counter, Histogram } from 'prom-client'
import { LevelledRegistry } from '../../apiserver/endpoints/metric-registry.ts'
import type { Clock } from '../../base/clock.ts'
import type { Dial } from '../../base/egress/dial.ts'

/** How a proxy is reached. */
export interface ProxyLabels {
  readonly protocol: 'http_connect' | 'grpc'
  readonly transport: 'tcp' | 'uds'
}

/** Connections by way of proxies, under upstream's names. */
export class EgressMetrics {
  readonly registry = new LevelledRegistry()
  readonly #clock: Clock
  readonly #starts: Counter
  readonly #durations: Histogram
  readonly #failures: Counter

  constructor(clock: Clock) {
    this.#clock = clock
    const registers = [this.registry]
    const labelNames = ['protocol', 'transport']
    this.#starts = new Counter({
      name: 'apiserver_egress_dialer_dial_start_total',
      help: 'Connections that were begun, by the protocol and transport of the proxy.',
      ...{ labelNames, registers },
    })
    this.#durations = new Histogram({
      name: 'apiserver_egress_dialer_dial_duration_seconds',
      help: 'How long it took to connect, by the protocol and transport of the proxy.',
      buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 12.5],
      ...{ labelNames, registers },
    })
    this.#failures = new Counter({
      name: 'apiserver_egress_dialer_dial_failure_count',
      help: 'Connections that failed: to the proxy, or from there on.',
      labelNames: [...labelNames, 'stage'],
      registers,
    })
  }

  /** The same dial, each use of which is counted. */
  measured(dial: Dial, labels: ProxyLabels): Dial {
    return async (address, signal, onProxyReached) => {
      this.#starts.inc({ ...labels })
      const start = this.#clock.monotonic()
      let stage = 'connect'
      const onReached = () => {
        stage = 'proxy'
        onProxyReached?.()
      }
      try {
        const connection = await dial(address, signal, onReached)
        this.#durations.observe({ ...labels }, (this.#clock.monotonic() - start) / 1000)
        return connection
      } catch (error) {
        this.#failures.inc({ ...labels, stage })
        throw error
      }
    }
  }
}

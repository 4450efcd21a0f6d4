import { Counter, Gauge, type Registry } from 'prom-client'
import { type ProcessFacts, readProcessFacts } from '../../base/process-facts.ts'

const FACTS: readonly {
  readonly name: string
  readonly help: string
  readonly of: (facts: ProcessFacts) => number
}[] = [
  {
    name: 'process_open_fds',
    help: 'Files and connections that the process has open.',
    of: ({ openFiles }) => openFiles,
  },
  {
    name: 'process_max_fds',
    help: 'How many it may have open.',
    of: ({ mostOpenFiles }) => mostOpenFiles,
  },
  {
    name: 'process_virtual_memory_bytes',
    help: 'Addresses that the process has taken.',
    of: ({ virtualBytes }) => virtualBytes,
  },
  {
    name: 'process_virtual_memory_max_bytes',
    help: 'How many it may take; -1 for any number.',
    of: ({ mostVirtualBytes }) => mostVirtualBytes,
  },
]

const COUNTERS: typeof FACTS = [
  {
    name: 'process_network_receive_bytes_total',
    help: 'Bytes that came over the network of the process.',
    of: ({ receivedBytes }) => receivedBytes,
  },
  {
    name: 'process_network_transmit_bytes_total',
    help: 'Bytes that were sent over it.',
    of: ({ sentBytes }) => sentBytes,
  },
]

/** The metrics that every process has, under the names that Prometheus' dashboards know. */
export function addProcessMetrics(registry: Registry): void {
  const registers = [registry]
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'CPU time that the process has used, in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
  new Gauge({
    name: 'process_start_time_seconds',
    help: 'When the process began, in seconds since the epoch.',
    registers,
  }).set(performance.timeOrigin / 1000)
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Memory of the process that is in RAM.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  new Gauge({
    name: 'nodejs_heap_size_used_bytes',
    help: 'Memory that the objects of the process take.',
    registers,
    collect() {
      this.set(process.memoryUsage().heapUsed)
    },
  })
  addFacts(registry)
}

/** What another system than Linux does not tell is not shown. */
function addFacts(registry: Registry): void {
  if (readProcessFacts() === undefined) return
  for (const { of, ...description } of FACTS) {
    new Gauge({
      ...{ ...description, registers: [registry] },
      collect() {
        const facts = readProcessFacts()
        if (facts !== undefined) this.set(of(facts))
      },
    })
  }
  for (const { of, ...description } of COUNTERS) {
    new Counter({
      ...{ ...description, registers: [registry] },
      collect() {
        const facts = readProcessFacts()
        this.reset()
        if (facts !== undefined) this.inc(of(facts))
      },
    })
  }
}

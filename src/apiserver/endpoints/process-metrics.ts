import { Gauge, type Registry } from 'prom-client'

/** The metrics that every process has, under the names that Prometheus' dashboards know. */
export function addProcessMetrics(registry: Registry): void {
  const registers = [registry]
  new Gauge({
    name: 'process_cpu_seconds_total',
    help: 'CPU time that the process has used, in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.set((user + system) / 1e6)
    },
  })
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
}

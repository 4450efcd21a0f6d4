import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** Whether somebody asked for an address or port, or any would do. */
export type AllocationScope = 'static' | 'dynamic'

/** Who is told of what services are given, and of what the repair found wrong. */
export interface ServiceObserver {
  addressTaken(cidr: string, scope: AllocationScope, seconds: number): void
  addressRefused(cidr: string, scope: AllocationScope): void
  portTaken(scope: AllocationScope): void
  portRefused(scope: AllocationScope): void
  portFault(type: 'leak' | 'repair' | 'outOfRange' | 'duplicate'): void
  portRepairFailed(): void
}

/** How much of what services are given is taken now. */
export interface ServiceUsage {
  readonly ranges: readonly {
    readonly cidr: string
    readonly taken: number
    readonly all: number
  }[]
  readonly ports: { readonly taken: number; readonly all: number }
}

const nothing = (): void => {}

/** For servers that nobody measures. */
export const unobservedServices: ServiceObserver = {
  addressTaken: nothing,
  addressRefused: nothing,
  portTaken: nothing,
  portRefused: nothing,
  portFault: nothing,
  portRepairFailed: nothing,
}

const ADDRESS = 'kube_apiserver_clusterip_allocator_'
const PORT = 'kube_apiserver_nodeport_allocator_'
const REPAIR = 'apiserver_nodeport_repair_'

/** What services are given, under upstream's names; `usage` is asked whenever they are read. */
export function serviceMetrics(registry: Registry, usage: () => ServiceUsage): ServiceObserver {
  const registers = [registry]
  addUsage(registers, usage)
  const counter = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Counter({ name, help, labelNames: [...labelNames], registers })
  const cidr = ['cidr']
  const scoped = ['cidr', 'scope']
  const taken = counter(`${ADDRESS}allocation_total`, 'Cluster addresses given out.', scoped)
  const refused = counter(`${ADDRESS}allocation_errors_total`, 'Those that were not.', scoped)
  const duration = new Histogram({
    name: `${ADDRESS}allocation_duration_seconds`,
    help: 'How long it took to give out a cluster address.',
    labelNames: cidr,
    registers,
  })
  const takenPorts = counter(`${PORT}allocation_total`, 'Node ports given out.', ['scope'])
  const refusedPorts = counter(`${PORT}allocation_errors_total`, 'Those that were not.', ['scope'])
  const faults = counter(`${REPAIR}port_errors_total`, 'What was wrong with node ports.', ['type'])
  const failures = counter(`${REPAIR}reconcile_errors_total`, 'Repairs of node ports that failed.')
  return {
    addressTaken(range, scope, seconds) {
      taken.inc({ cidr: range, scope })
      duration.observe({ cidr: range }, seconds)
    },
    addressRefused: (range, scope) => refused.inc({ cidr: range, scope }),
    portTaken: (scope) => takenPorts.inc({ scope }),
    portRefused: (scope) => refusedPorts.inc({ scope }),
    portFault: (type) => faults.inc({ type }),
    portRepairFailed: () => failures.inc(),
  }
}

function addUsage(registers: Registry[], usage: () => ServiceUsage): void {
  const ofRanges = (name: string, help: string, isTaken: boolean) =>
    new Gauge({
      ...{ name: `${ADDRESS}${name}`, help, labelNames: ['cidr'], registers },
      collect() {
        for (const { cidr, taken, all } of usage().ranges) {
          this.set({ cidr }, isTaken ? taken : all - taken)
        }
      },
    })
  const ofPorts = (name: string, help: string, isTaken: boolean) =>
    new Gauge({
      ...{ name: `${PORT}${name}`, help, registers },
      collect() {
        const { taken, all } = usage().ports
        this.set(isTaken ? taken : all - taken)
      },
    })
  ofRanges('allocated_ips', 'Cluster addresses that are taken.', true)
  ofRanges('available_ips', 'Cluster addresses that are free.', false)
  ofPorts('allocated_ports', 'Node ports that are taken.', true)
  ofPorts('available_ports', 'Node ports that are free.', false)
}

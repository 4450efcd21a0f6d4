import type { Registry } from 'prom-client'
import type { Clock } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import { ClientEventRecorder } from '../../client/event-sender.ts'
import type { QueueMeters } from '../../client/work-queue.ts'
import { Endpoints } from '../../kinds/core/v1/endpoints.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { IPAddress } from '../../kinds/networking/v1/ip-address.ts'
import { ServiceCIDR } from '../../kinds/networking/v1/service-cidr.ts'
import { parseIp } from '../../machinery/ip-address.ts'
import type { ResourceTable } from '../registry/resource-table.ts'
import { SELECT_ALL } from '../registry/selection.ts'
import { AddressRepair } from './address-repair.ts'
import { PortRecord } from './port-record.ts'
import { PortRepair } from './port-repair.ts'
import type { PortRange } from './range-allocation.ts'
import { ServiceHooks } from './service-hooks.ts'
import { type ServiceUsage, serviceMetrics, unobservedServices } from './service-metrics.ts'
import { ServiceRangeTable } from './service-ranges.ts'

export interface ServiceAllocationOptions {
  readonly resources: ResourceTable
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  /** Such as `10.96.0.0/16`; a second one of the other family makes the cluster dual-stack. */
  readonly serviceCidrs: readonly string[]
  /** 30000-32767 when absent. */
  readonly nodePorts?: PortRange | undefined
  /** Where metrics are registered; nobody measures when absent. */
  readonly registry?: Registry | undefined
  readonly queues?: QueueMeters | undefined
  /** As whom addresses are recorded; first asked when a service is created. */
  readonly client: () => Client
}

const USUAL_PORTS: PortRange = { first: 30000, last: 32767 }

/** What services are given, and the repair of it. */
export class ServiceAllocation {
  readonly name = 'service addresses'
  readonly hooks: ServiceHooks
  readonly #options: ServiceAllocationOptions
  readonly #ranges: ServiceRangeTable
  readonly #portRecord: PortRecord
  readonly #repairs: { readonly addresses: AddressRepair; readonly ports: PortRepair }

  constructor(options: ServiceAllocationOptions) {
    const { resources, registry, nodePorts: ports = USUAL_PORTS } = options
    const services = resources.store(Service)
    const ipAddresses = resources.store(IPAddress)
    this.#options = options
    this.#ranges = new ServiceRangeTable(options.serviceCidrs, resources.store(ServiceCIDR))
    this.#portRecord = new PortRecord(services.storage, ports, () => services.cache.fresh())
    const observer =
      registry === undefined ? unobservedServices : serviceMetrics(registry, () => this.#usage())
    const parts = { ...options, services, ipAddresses, ranges: this.#ranges }
    const portParts = { ports, portRecord: this.#portRecord, observer }
    this.hooks = new ServiceHooks({
      ...{ ...parts, ...portParts },
      endpoints: resources.store(Endpoints),
    })
    this.#repairs = {
      addresses: new AddressRepair(parts),
      ports: new PortRepair({ ...parts, ...portParts }),
    }
  }

  /** Repairs what is recorded, until the signal aborts and all is at rest. */
  async run(client: Client, signal: AbortSignal): Promise<void> {
    const { clock, logger } = this.#options
    const recorderOf = (component: string) =>
      new ClientEventRecorder({ client, clock, logger, component })
    using addressEvents = recorderOf('ipallocator-repair-controller')
    using portEvents = recorderOf('portallocator-repair-controller')
    await Promise.all([
      this.#repairs.addresses.run(client, addressEvents, signal),
      this.#repairs.ports.run(portEvents, signal),
    ])
  }

  #usage(): ServiceUsage {
    const { resources, nodePorts: { first, last } = USUAL_PORTS } = this.#options
    const addresses = resources
      .store(IPAddress)
      .cache.list(SELECT_ALL)
      .map(({ object }) => object.metadata.name)
    const ranges = this.#ranges.all().map((range) => ({
      cidr: range.cidr,
      taken: addresses.filter((address) => parseIp(address) && range.has(address)).length,
      all: Number(range.size),
    }))
    return { ranges, ports: { taken: this.#portRecord.taken.size, all: last - first + 1 } }
  }
}

import { inBackground } from '../../base/lifetime.ts'
import type { Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { invalidObject, isReason } from '../../machinery/status-error.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import type { Preparation, RegistryHooks } from '../registry/registry-hooks.ts'
import { AddressRange } from './address-range.ts'
import { Allocation, type PortRange, type ServicePools } from './allocation.ts'
import { chooseIpFamilies } from './ip-families.ts'
import { withNodePorts } from './node-ports.ts'
import { Pool } from './pool.ts'
import {
  addressesOf,
  defined,
  needsClusterIp,
  nodePortsOf,
  reconcileFields,
  withClusterIpsOfNew,
} from './service-fields.ts'

export interface ServiceHooksOptions {
  readonly services: ObjectStore
  readonly endpoints: ObjectStore
  readonly random: Random
  readonly logger: Logger
  /** Such as `10.96.0.0/16`; a second one of the other family makes the cluster dual-stack. */
  readonly serviceCidrs: readonly string[]
  /** 30000-32767 when absent. */
  readonly nodePorts?: PortRange
}

const ADDRESS_INDEX = 'service addresses'
const PORT_INDEX = 'service node ports'

/** Gives services their cluster addresses and node ports, and takes them back. */
export class ServiceHooks implements RegistryHooks {
  readonly #options: ServiceHooksOptions
  readonly #pools: ServicePools

  constructor(options: ServiceHooksOptions) {
    const { services, random, serviceCidrs } = options
    const { cache } = services
    this.#options = options
    // The stored services are the record of what is taken: there is no second one to go astray.
    cache.ensureIndex(ADDRESS_INDEX, (object) => addressesOf(object as Service))
    cache.ensureIndex(PORT_INDEX, (object) => nodePortsOf((object as Service).spec).map(String))
    this.#pools = {
      ranges: serviceCidrs.map((cidr) => new AddressRange(cidr)),
      ports: options.nodePorts ?? { first: 30000, last: 32767 },
      addressPool: new Pool((address) => cache.hasIndexed(ADDRESS_INDEX, address)),
      portPool: new Pool((port) => cache.hasIndexed(PORT_INDEX, port)),
      random,
    }
  }

  async beforeCreate(object: KubeObject): Promise<Preparation> {
    await this.#options.services.cache.fresh()
    const service = object as Service
    return this.#prepare({ ...service, spec: withClusterIpsOfNew(service.spec) }, undefined)
  }

  async beforeUpdate(object: KubeObject, before: KubeObject): Promise<Preparation> {
    await this.#options.services.cache.fresh()
    const service = object as Service
    const old = before as Service
    return this.#prepare({ ...service, spec: reconcileFields(service.spec, old.spec) }, old)
  }

  /** The next service of this name must not begin with the endpoints of the last. */
  afterDelete(object: KubeObject): void {
    const { endpoints, logger } = this.#options
    const { namespace = '', name } = object.metadata
    const deletion = endpoints
      .change(namespace, name, () => ({ type: 'delete' }))
      .catch((error: unknown) => {
        if (!isReason(error, 'NotFound')) throw error
      })
    inBackground(logger, 'deleting the endpoints of a deleted service', deletion)
  }

  #prepare(service: Service, old: Service | undefined): Preparation {
    const allocation = new Allocation(this.#pools, service)
    try {
      const spec = this.#complete(service, old, allocation)
      return {
        object: { ...service, spec } as KubeObject,
        finish: () => {
          // A remote store's cache may not show yet what was written.
          const { services, logger } = this.#options
          const seen = services.cache.fresh().finally(() => allocation.release())
          inBackground(logger, 'waiting for a stored service', seen)
        },
      }
    } catch (error) {
      allocation.release()
      throw error
    }
  }

  #complete(service: Service, old: Service | undefined, allocation: Allocation): Service['spec'] {
    let { spec } = service
    if (needsClusterIp(spec)) {
      const configured = this.#pools.ranges.map(({ family }) => family)
      const { ipFamilies, ipFamilyPolicy, errors } = chooseIpFamilies(spec, old?.spec, configured)
      if (errors.length > 0) throw invalidObject(Service, service.metadata.name, errors)
      spec = { ...spec, ipFamilies, ipFamilyPolicy }
      if (spec.clusterIPs?.[0] !== 'None') {
        const clusterIPs = allocation.addresses(spec, old === undefined ? [] : addressesOf(old))
        spec = defined({ ...spec, clusterIPs, clusterIP: clusterIPs[0] })
      }
    }
    const kept = new Set(old === undefined ? [] : nodePortsOf(old.spec))
    return withNodePorts(spec, kept, allocation)
  }
}

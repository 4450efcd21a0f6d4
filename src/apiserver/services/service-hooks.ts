import { inBackground } from '../../base/lifetime.ts'
import type { Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { invalidObject, isReason, StatusError } from '../../machinery/status-error.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import type { Preparation, RegistryHooks } from '../registry/registry-hooks.ts'
import { isForeign } from './address-objects.ts'
import { Allocation, type PortRange, type ServicePools } from './allocation.ts'
import { chooseIpFamilies } from './ip-families.ts'
import { withNodePorts } from './node-ports.ts'
import { Pool } from './pool.ts'
import { type Reservation, Reservations } from './reservations.ts'
import {
  addressesOf,
  defined,
  needsClusterIp,
  nodePortsOf,
  reconcileFields,
  withClusterIpsOfNew,
} from './service-fields.ts'
import type { ServiceRangeTable } from './service-ranges.ts'

export interface ServiceHooksOptions {
  readonly services: ObjectStore
  readonly endpoints: ObjectStore
  readonly ipAddresses: ObjectStore
  readonly random: Random
  readonly logger: Logger
  readonly ranges: ServiceRangeTable
  /** 30000-32767 when absent. */
  readonly nodePorts?: PortRange
}

const ADDRESS_INDEX = 'service addresses'
const PORT_INDEX = 'service node ports'
/** How often a service that meets one of another server is given something else. */
const MOST_TRIES = 5

/** Gives services their cluster addresses and node ports, and takes them back. */
export class ServiceHooks implements RegistryHooks {
  readonly #options: ServiceHooksOptions
  readonly #pools: ServicePools
  readonly #reservations: Reservations
  readonly #isShared: boolean

  constructor(options: ServiceHooksOptions) {
    const { services, ipAddresses, random, ranges } = options
    const { cache } = services
    this.#options = options
    this.#reservations = new Reservations(services.storage)
    this.#isShared = services.storage.isShared === true
    // The stored services are the record of what is taken: there is no second one to go astray.
    cache.ensureIndex(ADDRESS_INDEX, (object) => addressesOf(object as Service))
    cache.ensureIndex(PORT_INDEX, (object) => nodePortsOf((object as Service).spec).map(String))
    this.#pools = {
      ranges,
      ports: options.nodePorts ?? { first: 30000, last: 32767 },
      addressPool: new Pool(
        (address) =>
          cache.hasIndexed(ADDRESS_INDEX, address) ||
          isForeign(ipAddresses.cache.get('', address)?.object),
      ),
      portPool: new Pool((port) => cache.hasIndexed(PORT_INDEX, port)),
      random,
    }
  }

  async beforeCreate(object: KubeObject): Promise<Preparation> {
    await this.#fresh()
    const service = object as Service
    return this.#prepare({ ...service, spec: withClusterIpsOfNew(service.spec) }, undefined)
  }

  async beforeUpdate(object: KubeObject, before: KubeObject): Promise<Preparation> {
    await this.#fresh()
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

  async #fresh(): Promise<void> {
    const { services, ipAddresses, ranges } = this.#options
    await Promise.all([services.cache.fresh(), ipAddresses.cache.fresh(), ranges.fresh()])
  }

  async #prepare(service: Service, old: Service | undefined): Promise<Preparation> {
    const { cache } = this.#options.services
    for (let tries = 1; ; tries++) {
      const allocation = new Allocation(this.#pools, service)
      try {
        const spec = this.#complete(service, old, allocation)
        const reservation = await this.#reservations.take(allocation.items)
        if (reservation !== undefined) {
          // Who held them before may have stored a service with them.
          if (this.#isShared) await cache.fresh()
          const object = { ...service, spec } as KubeObject
          const finish = () => this.#finish(allocation, reservation)
          if (!allocation.isOvertaken) return { object, finish }
          await reservation.release()
        }
      } catch (error) {
        allocation.release()
        throw error
      }
      allocation.release()
      if (tries >= MOST_TRIES) throw serverTimeout(service.metadata.name)
      await cache.fresh()
    }
  }

  #finish(allocation: Allocation, reservation: Reservation): void {
    // A remote store's cache may not show yet what was written.
    const { services, logger } = this.#options
    const seen = services.cache.fresh().finally(() => allocation.release())
    inBackground(logger, 'waiting for a stored service', seen)
    inBackground(logger, 'releasing what a service was given', reservation.release())
  }

  #complete(service: Service, old: Service | undefined, allocation: Allocation): Service['spec'] {
    let { spec } = service
    if (needsClusterIp(spec)) {
      const configured = this.#pools.ranges.families
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

/** Another server is about to store a service with the address or port that was asked for. */
function serverTimeout(name: string): StatusError {
  const text = 'The create operation against services could not be completed at this time'
  const details = { name, kind: 'services', retryAfterSeconds: 1 }
  return new StatusError('ServerTimeout', `${text}, please try again.`, { details })
}

import type { Clock } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import type { ServiceSpec } from '../../kinds/core/v1/service-spec.ts'
import type { IPAddress } from '../../kinds/networking/v1/ip-address.ts'
import { FieldPath, invalid } from '../../machinery/field-error.ts'
import type { IpFamily } from '../../machinery/ip-address.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { internalError, invalidObject, isReason } from '../../machinery/status-error.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import type { Preparation, RegistryHooks } from '../registry/registry-hooks.ts'
import { AddressAllocator, type AddressAnswer } from './address-allocator.ts'
import { canonicalAddress } from './address-range.ts'
import { serviceCompletion } from './complete-service.ts'
import { withIpFamilies } from './ip-families.ts'
import { withNodePorts } from './node-ports.ts'
import { portPlan, pretendedPortPlan } from './port-plan.ts'
import type { PortRecord } from './port-record.ts'
import type { PortRange } from './range-allocation.ts'
import {
  addressesOf,
  defined,
  nodePortsOf,
  placesToFill,
  reconcileFields,
  withClusterIpsOfNew,
  withoutUnusedPolicy,
} from './service-fields.ts'
import type { AllocationScope, ServiceObserver } from './service-metrics.ts'
import type { ServiceRangeTable } from './service-ranges.ts'

export interface ServiceHooksOptions {
  readonly services: ObjectStore
  readonly endpoints: ObjectStore
  readonly ipAddresses: ObjectStore
  readonly client: () => Client
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly ranges: ServiceRangeTable
  readonly ports: PortRange
  readonly portRecord: PortRecord
  readonly observer: ServiceObserver
}

/** What one write has taken, and gives back where it fails. */
interface Taken {
  readonly records: IPAddress[]
  ports: readonly number[]
}

const ADDRESS_INDEX = 'service addresses'
const PORT_INDEX = 'service node ports'
const CLUSTER_IPS = FieldPath.root.child('spec', 'clusterIPs')

/**
 * Gives services their cluster addresses and node ports, and takes them back.
 *
 * 1. What a service has is recorded (IPAddress objects, the record of node ports) before the
 *    service is stored, and released after it has changed or gone.
 * 2. A record that another server holds is never taken, nor is what any stored service has, though
 *    its record were lost.
 * 3. So whatever stops a server in between leaves a record without a service: it is repaired.
 */
export class ServiceHooks implements RegistryHooks {
  readonly #options: ServiceHooksOptions
  readonly #addresses: AddressAllocator

  constructor(options: ServiceHooksOptions) {
    const { cache } = options.services
    this.#options = options
    cache.bytes.completeOnRead(serviceCompletion(options.ranges.families[0] ?? 'IPv4'))
    cache.ensureIndex(ADDRESS_INDEX, (object) =>
      addressesOf(object as Service).map(canonicalAddress),
    )
    cache.ensureIndex(PORT_INDEX, (object) => nodePortsOf((object as Service).spec).map(String))
    this.#addresses = new AddressAllocator({
      ...options,
      isUsed: (address) => cache.hasIndexed(ADDRESS_INDEX, address),
    })
  }

  async beforeCreate(object: KubeObject, isDryRun: boolean): Promise<Preparation> {
    await this.#fresh()
    const service = object as Service
    const spec = withClusterIpsOfNew(service.spec)
    return this.#prepare({ ...service, spec }, undefined, isDryRun)
  }

  async beforeUpdate(
    object: KubeObject,
    before: KubeObject,
    isDryRun: boolean,
  ): Promise<Preparation> {
    const service = object as Service
    const old = before as Service
    if (service.spec === old.spec) return { object, finish: () => {} }
    await this.#fresh()
    return this.#prepare(
      { ...service, spec: reconcileFields(service.spec, old.spec) },
      old,
      isDryRun,
    )
  }

  async afterDelete(object: KubeObject): Promise<void> {
    const service = object as Service
    await this.#settle('the endpoints of a deleted service stay', this.#deleteEndpoints(service))
    await this.#release(service, addressesOf(service), nodePortsOf(service.spec))
  }

  async #fresh(): Promise<void> {
    const { services, ipAddresses, ranges } = this.#options
    await Promise.all([services.cache.fresh(), ipAddresses.cache.fresh(), ranges.fresh()])
  }

  async #prepare(
    given: Service,
    old: Service | undefined,
    isDryRun: boolean,
  ): Promise<Preparation> {
    const configured = this.#options.ranges.families
    const wanted = withoutUnusedPolicy(given.spec)
    const { spec, errors } = withIpFamilies(wanted, old?.spec, configured)
    if (errors.length > 0) throw invalidObject(Service, given.metadata.name, errors)
    const taken: Taken = { records: [], ports: [] }
    try {
      const addressed = await this.#withAddresses({ ...given, spec }, old?.spec, taken, isDryRun)
      const object = await this.#withPorts(addressed, old?.spec, taken, isDryRun)
      return { object, finish: (isDone) => this.#finish(object, old, taken, isDone) }
    } catch (error) {
      await this.#giveBack(taken)
      throw error
    }
  }

  /** A write whose outcome is unknown may still be made: what it took is left to the repair. */
  async #finish(
    service: Service,
    old: Service | undefined,
    taken: Taken,
    isDone: boolean | undefined,
  ): Promise<void> {
    if (isDone === false) await this.#giveBack(taken)
    if (isDone !== true || old === undefined) return
    const addresses = new Set(addressesOf(service))
    const ports = new Set(nodePortsOf(service.spec))
    await this.#release(
      old,
      addressesOf(old).filter((one) => !addresses.has(one)),
      nodePortsOf(old.spec).filter((one) => !ports.has(one)),
    )
  }

  async #withAddresses(
    service: Service,
    old: ServiceSpec | undefined,
    taken: Taken,
    isDryRun: boolean,
  ): Promise<Service> {
    const places = placesToFill(service.spec, old)
    if (places.length === 0) return service
    const { clusterIPs: given = [], ipFamilies = [] } = service.spec
    const clusterIPs = ipFamilies.map((_, index) => given[index] ?? '')
    for (const place of places) {
      const family = ipFamilies[place] as IpFamily
      const wanted = clusterIPs[place] ?? ''
      const answer = isDryRun
        ? this.#addresses.pretend(family, wanted)
        : await this.#addresses.take(service, family, wanted)
      if (answer.type !== 'taken') throw refusal(service, clusterIPs, wanted, answer)
      if (answer.record !== undefined) taken.records.push(answer.record)
      clusterIPs[place] = answer.address
    }
    return { ...service, spec: defined({ ...service.spec, clusterIPs, clusterIP: clusterIPs[0] }) }
  }

  async #withPorts(
    service: Service,
    old: ServiceSpec | undefined,
    taken: Taken,
    isDryRun: boolean,
  ): Promise<Service> {
    const { portRecord, ports, services, random, observer } = this.#options
    const isUsed = (port: number) => services.cache.hasIndexed(PORT_INDEX, String(port))
    if (isDryRun) {
      const known = await portRecord.read()
      const plan = pretendedPortPlan((port) => known.has(port) || isUsed(port))
      return { ...service, spec: withNodePorts(service, old, plan) }
    }
    if (service.spec.type !== 'NodePort' && service.spec.type !== 'LoadBalancer') return service
    let answers: (readonly [AllocationScope, boolean])[] = []
    try {
      return await portRecord.change((known) => {
        answers = []
        const isTaken = (port: number) => known.has(port) || isUsed(port)
        const plan = portPlan(ports, isTaken, random, (...answer) => answers.push(answer))
        const result = { ...service, spec: withNodePorts(service, old, plan) }
        taken.ports = plan.ports
        if (plan.ports.length === 0) return { result, isIndifferent: true }
        return { result, taken: new Set([...known, ...plan.ports]) }
      })
    } catch (error) {
      // Nothing was written down, or it is unknown what was.
      taken.ports = []
      throw error
    } finally {
      for (const [scope, isDone] of answers) {
        if (isDone) observer.portTaken(scope)
        else observer.portRefused(scope)
      }
    }
  }

  async #giveBack({ records, ports }: Taken): Promise<void> {
    await this.#addresses.giveBack(records)
    await this.#settle('node ports were not released', this.#options.portRecord.release(ports))
  }

  async #release(
    service: Service,
    addresses: readonly string[],
    ports: readonly number[],
  ): Promise<void> {
    const { portRecord } = this.#options
    const text = 'what a service had was not released'
    await this.#settle(text, this.#addresses.release(service, addresses))
    await this.#settle(text, portRecord.release(ports))
  }

  /** The next service of this name must not begin with the endpoints of the last. */
  async #deleteEndpoints({ metadata }: Service): Promise<void> {
    const { namespace = '', name } = metadata
    try {
      await this.#options.endpoints.change(namespace, name, () => ({ type: 'delete' }))
    } catch (error) {
      if (!isReason(error, 'NotFound')) throw error
    }
  }

  /** What follows upon a write is not its own failure: the repair sees to it. */
  async #settle(what: string, work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      this.#options.logger.error(what, { error: formatError(error) })
    }
  }
}

function refusal(
  { metadata: { name } }: Service,
  clusterIPs: readonly string[],
  wanted: string,
  answer: Exclude<AddressAnswer, { readonly type: 'taken' }>,
): Error {
  if (answer.type === 'full') {
    const what = `failed to allocate a serviceIP for Service ${JSON.stringify(name)}`
    return internalError(new Error(`${what}: range is full`))
  }
  const text = wanted === '' ? 'failed to allocate IP' : `failed to allocate IP ${wanted}`
  return invalidObject(Service, name, [invalid(CLUSTER_IPS, clusterIPs, `${text}: ${answer.why}`)])
}

import { type Clock, pause } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { type Client, keyOf } from '../../client/client.ts'
import type { EventRecorder } from '../../client/event-recorder.ts'
import { DEFAULT_DELAYS, type QueueMeters, WorkQueue } from '../../client/work-queue.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import type { IPAddress } from '../../kinds/networking/v1/ip-address.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { followObjects } from '../authorization/follow-objects.ts'
import { runWorkers } from '../extensions/aggregation/work.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import { SELECT_ALL } from '../registry/selection.ts'
import { canonicalAddress, familyOf } from './address-range.ts'
import {
  GRACE_MS,
  hasOwnLabels,
  isManaged,
  ownerOf,
  recordAddress,
  removeAddress,
} from './address-record.ts'
import { addressesOf } from './service-fields.ts'
import type { ServiceRangeTable } from './service-ranges.ts'

export interface AddressRepairOptions {
  readonly services: ObjectStore
  readonly ipAddresses: ObjectStore
  readonly ranges: ServiceRangeTable
  readonly clock: Clock
  readonly logger: Logger
  /** Nobody measures when absent. */
  readonly queues?: QueueMeters | undefined
}

/** How often all are looked at. */
const REPAIR_MS = 180_000
const ALLOCATION = 'ClusterIPNotAllocated'

/**
 * Puts right what stands recorded about cluster addresses (upstream's repair): each address of a
 * service has its IPAddress, and each IPAddress that was made for a service belongs to one that
 * has the address. Whoever needs to do something is told by an event.
 */
export class AddressRepair {
  readonly #options: AddressRepairOptions
  readonly #queue: WorkQueue

  constructor(options: AddressRepairOptions) {
    this.#options = options
    this.#queue = new WorkQueue(options.clock, DEFAULT_DELAYS, options.queues?.meterOf('services'))
  }

  /** Resolves when the signal has aborted and all is at rest. */
  async run(client: Client, recorder: EventRecorder, signal: AbortSignal): Promise<void> {
    const { services, ipAddresses, clock, logger } = this.#options
    const queue = this.#queue
    signal.addEventListener('abort', () => queue.shutDown(), { once: true })
    const following = { signal, clock, logger }
    const follower = (add: (object: KubeObject) => void) => {
      return { clear() {}, set: add, delete() {} }
    }
    await followObjects(services, following, follower(this.#addService))
    await followObjects(ipAddresses, following, follower(this.#addAddress))
    const sync = (key: string) =>
      key.startsWith('/')
        ? this.#syncAddress(key.slice(1), client, recorder)
        : this.#syncService(key, client, recorder)
    await Promise.all([runWorkers(queue, 1, sync, logger), this.#repeat(signal)])
  }

  readonly #addService = (service: KubeObject): void => this.#queue.add(keyOf(service))
  readonly #addAddress = ({ metadata }: KubeObject): void => this.#queue.add(`/${metadata.name}`)

  async #repeat(signal: AbortSignal): Promise<void> {
    const { services, ipAddresses, clock } = this.#options
    while (await pause(clock, REPAIR_MS, signal)) {
      for (const { object } of services.cache.list(SELECT_ALL)) this.#addService(object)
      for (const { object } of ipAddresses.cache.list(SELECT_ALL)) this.#addAddress(object)
    }
  }

  async #findService(key: string): Promise<Service | undefined> {
    const [namespace = '', name = ''] = key.split('/')
    const found = await this.#options.services.find(namespace, name)
    return found?.object as Service | undefined
  }

  async #findRecord(address: string): Promise<IPAddress | undefined> {
    const found = await this.#options.ipAddresses.find('', address)
    return found?.object as IPAddress | undefined
  }

  async #syncService(key: string, client: Client, recorder: EventRecorder): Promise<void> {
    const service = await this.#findService(key)
    if (service === undefined || service.spec.type === 'ExternalName') return
    const warn = (reason: string, message: string) =>
      recorder.event(service, 'Warning', reason, message)
    for (const address of addressesOf(service)) {
      const name = canonicalAddress(address)
      const text = `Cluster IP [${familyOf(address)}]: ${name}`
      if (!this.#options.ranges.has(address)) {
        const what = 'is not within any configured Service CIDR; please recreate service'
        warn('ClusterIPOutOfRange', `${text} ${what}`)
        continue
      }
      const record = await this.#findRecord(name)
      if (record === undefined) {
        warn(ALLOCATION, `${text} is not allocated; repairing`)
        await recordAddress(client, name, service)
        continue
      }
      const fault = await this.#faultOf(record, key)
      if (fault === 'shared') {
        const shared = `Cluster IP [${familyOf(address)}]:${name} was assigned to multiple services`
        warn('ClusterIPAlreadyAllocated', `${shared}; please recreate service`)
      } else if (fault !== undefined) {
        const whose = `the ClusterIP [${familyOf(address)}]: ${name} for Service ${key}`
        if (fault === 'owner') warn(ALLOCATION, `${whose} has a wrong reference; repairing`)
        await removeAddress(client, record)
        await recordAddress(client, name, service)
      }
    }
  }

  /** What is wrong with the record of an address that a service has. */
  async #faultOf(
    record: IPAddress,
    key: string,
  ): Promise<'owner' | 'shared' | 'labels' | undefined> {
    const owner = ownerOf(record)
    if (owner === undefined) return 'owner'
    if (owner !== key) {
      const other = await this.#findService(owner)
      if (other === undefined) return 'owner'
      return addressesOf(other).map(canonicalAddress).includes(record.metadata.name)
        ? 'shared'
        : 'owner'
    }
    return hasOwnLabels(record) ? undefined : 'labels'
  }

  async #syncAddress(name: string, client: Client, recorder: EventRecorder): Promise<void> {
    const record = await this.#findRecord(name)
    if (record === undefined || !isManaged(record)) return
    const warn = (reason: string, message: string) =>
      recorder.event(record, 'Warning', reason, `${message}; cleaning up`)
    const owner = ownerOf(record)
    if (owner === undefined) {
      const what = `IPAddress ${name} appears to have been modified`
      const reference = JSON.stringify(record.spec.parentRef)
      recorder.event(
        ...([record, 'Warning', 'IPAddressNotAllocated'] as const),
        `${what}, not referencing a Service ${reference}: cleaning up`,
      )
      return removeAddress(client, record)
    }
    const service = await this.#findService(owner)
    if (service !== undefined && addressesOf(service).map(canonicalAddress).includes(name)) return
    if (this.#isEarly(record)) return
    const whose = `IPAddress: ${name} for Service ${owner}`
    if (service === undefined) {
      const text = `${whose} appears to have leaked: cleaning up`
      recorder.event(record, 'Warning', 'IPAddressNotAllocated', text)
    } else warn('IPAddressWrongReference', `${whose} has a wrong reference`)
    await removeAddress(client, record)
  }

  /** Asked again later while the service may still be on its way. */
  #isEarly({ metadata: { name, creationTimestamp } }: IPAddress): boolean {
    const age = this.#options.clock.now() - Date.parse(creationTimestamp)
    if (age > GRACE_MS) return false
    this.#queue.addAfter(`/${name}`, GRACE_MS - age + 1)
    return true
  }
}

import { type Clock, pause } from '../../base/clock.ts'
import type { Logger } from '../../base/logger.ts'
import { type Client, keyOf } from '../../client/client.ts'
import { WorkQueue } from '../../client/work-queue.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { IPAddress } from '../../kinds/networking/v1/ip-address.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import { isReason } from '../../machinery/status-error.ts'
import { followObjects } from '../authorization/follow-objects.ts'
import { runWorkers } from '../extensions/aggregation/work.ts'
import type { ResourceTable } from '../registry/resource-table.ts'
import { SELECT_ALL } from '../registry/selection.ts'
import { canonicalAddress, familyOf } from './address-range.ts'
import { addressesOf } from './service-fields.ts'

export interface AddressObjectsOptions {
  readonly resources: ResourceTable
  readonly clock: Clock
  readonly logger: Logger
}

const MANAGED_BY = 'ipaddress.kubernetes.io/managed-by'
const ALLOCATOR = 'ipallocator.k8s.io'
const FAMILY = 'ipaddress.kubernetes.io/ip-family'
/** How often all are looked at (upstream's interval of repair). */
const REPAIR_MS = 180_000
/** How long another server may take from an address to the service that it is for. */
const GRACE_MS = 60_000

/** Whether somebody else has taken an address for something that is no service. */
export function isForeign(address: KubeObject | undefined): boolean {
  return address !== undefined && !isManaged(address)
}

/**
 * Keeps an IPAddress for each cluster address of a service. They tell clients, and upstream's
 * servers on the same store, what is taken; here the services themselves are the record.
 */
export class AddressObjects {
  readonly name = 'service addresses'
  readonly #options: AddressObjectsOptions
  readonly #queue: WorkQueue
  /** The services that have an address, by their keys: more than one only by mistake. */
  readonly #owners = new Map<string, Set<string>>()
  readonly #addresses = new Map<string, readonly string[]>()
  /** Whose an address was until now. */
  readonly #freed = new Map<string, string>()

  constructor(options: AddressObjectsOptions) {
    this.#options = options
    this.#queue = new WorkQueue(options.clock)
  }

  /** Resolves when the signal has aborted and all is at rest. */
  async run(client: Client, signal: AbortSignal): Promise<void> {
    const { resources, clock, logger } = this.#options
    const queue = this.#queue
    signal.addEventListener('abort', () => queue.shutDown(), { once: true })
    await followObjects(resources.store(Service), { signal, clock, logger }, this)
    const work = runWorkers(queue, 1, (address) => this.#sync(address, client), logger)
    await Promise.all([work, this.#repair(signal)])
  }

  /** All services are told anew. */
  clear(): void {
    for (const address of this.#owners.keys()) this.#queue.add(address)
    this.#owners.clear()
    this.#addresses.clear()
  }

  set(object: KubeObject): void {
    const key = keyOf(object)
    const before = this.#addresses.get(key) ?? []
    const after = addressesOf(object as Service).map(canonicalAddress)
    for (const address of before) if (!after.includes(address)) this.#free(address, key)
    for (const address of after) if (!before.includes(address)) this.#take(address, key)
    if (after.length > 0) this.#addresses.set(key, after)
    else this.#addresses.delete(key)
  }

  delete(object: KubeObject): void {
    const key = keyOf(object)
    for (const address of this.#addresses.get(key) ?? []) this.#free(address, key)
    this.#addresses.delete(key)
  }

  #take(address: string, key: string): void {
    this.#owners.set(address, (this.#owners.get(address) ?? new Set()).add(key))
    this.#queue.add(address)
  }

  #free(address: string, key: string): void {
    const owners = this.#owners.get(address)
    owners?.delete(key)
    if (owners?.size === 0) this.#owners.delete(address)
    this.#freed.set(address, key)
    this.#queue.add(address)
  }

  async #repair(signal: AbortSignal): Promise<void> {
    const store = this.#options.resources.store(IPAddress)
    do {
      await store.cache.fresh()
      const known = store.cache.list(SELECT_ALL).map(({ object }) => object)
      for (const { metadata } of known.filter(isManaged)) this.#queue.add(metadata.name)
      for (const address of this.#owners.keys()) this.#queue.add(address)
    } while (await pause(this.#options.clock, REPAIR_MS, signal))
  }

  async #sync(address: string, client: Client): Promise<void> {
    const found = await this.#options.resources.store(IPAddress).find('', address)
    const current = found?.object as IPAddress | undefined
    const owners = [...(this.#owners.get(address) ?? [])]
    const [owner] = owners
    if (owner === undefined) {
      await this.#release(address, current, client)
      this.#freed.delete(address)
      return
    }
    this.#freed.delete(address)
    if (current !== undefined) {
      if (isManaged(current) && owners.includes(parentOf(current))) return
      await remove(client, current)
    }
    await client.create(IPAddress, draftOf(address, owner)).catch(ignore('AlreadyExists'))
  }

  /** What another server has just made is for a service that is not stored yet. */
  async #release(address: string, current: IPAddress | undefined, client: Client): Promise<void> {
    if (current === undefined || !isManaged(current)) return
    const age = this.#options.clock.now() - Date.parse(current.metadata.creationTimestamp)
    if (age >= GRACE_MS || this.#freed.get(address) === parentOf(current)) {
      await remove(client, current)
    } else {
      this.#queue.addAfter(address, GRACE_MS - age)
    }
  }
}

function isManaged({ metadata }: KubeObject): boolean {
  return metadata.labels?.[MANAGED_BY] === ALLOCATOR
}

/** The key of the service that an address is said to be for; none where it is for another kind. */
function parentOf({ spec }: IPAddress): string {
  const { group = '', resource, namespace = '', name } = spec.parentRef ?? {}
  return group === '' && resource === 'services' ? `${namespace}/${name}` : ''
}

function draftOf(address: string, owner: string) {
  const labels = { [FAMILY]: familyOf(address), [MANAGED_BY]: ALLOCATOR }
  const [namespace = '', name = ''] = owner.split('/')
  const parentRef = { resource: 'services', namespace, name }
  return { metadata: { name: address, labels }, spec: { parentRef } }
}

async function remove(client: Client, { metadata }: IPAddress): Promise<void> {
  const { uid } = metadata
  await client
    .delete(IPAddress, { name: metadata.name }, { preconditions: { uid } })
    .catch(ignore('NotFound'))
}

function ignore(reason: 'AlreadyExists' | 'NotFound') {
  return (error: unknown) => {
    if (!isReason(error, reason)) throw error
  }
}

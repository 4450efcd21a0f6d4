import type { Clock } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import type { IPAddress } from '../../kinds/networking/v1/ip-address.ts'
import type { IpFamily } from '../../machinery/ip-address.ts'
import { isReason } from '../../machinery/status-error.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import { canonicalAddress } from './address-range.ts'
import { GRACE_MS, isRecordOf, recordAddress, removeAddress } from './address-record.ts'
import type { AllocationScope, ServiceObserver } from './service-metrics.ts'
import type { ServiceRangeTable } from './service-ranges.ts'

export interface AddressAllocatorOptions {
  readonly ipAddresses: ObjectStore
  readonly ranges: ServiceRangeTable
  /** Whether a stored service has an address, recorded or not. */
  readonly isUsed: (address: string) => boolean
  /** As what addresses are recorded: they pass admission and validation as all writes do. */
  readonly client: () => Client
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly observer: ServiceObserver
}

/** An address with its record (none for a dry run), or why there is none. */
export type AddressAnswer =
  | { readonly type: 'taken'; readonly address: string; readonly record?: IPAddress }
  | { readonly type: 'refused'; readonly why: string }
  | { readonly type: 'full' }

const TAKEN = 'provided IP is already allocated'
const OUTSIDE = 'the provided network does not match the current range'

/**
 * Gives out cluster addresses. The IPAddress of an address's name is its lock, whoever else is at
 * it on the same store: it is made before the service that has the address, and goes after it. A
 * crash in between leaves a record without a service, which the repair removes; never the reverse.
 */
export class AddressAllocator {
  readonly #options: AddressAllocatorOptions
  readonly #startedAt: number

  constructor(options: AddressAllocatorOptions) {
    this.#options = options
    this.#startedAt = options.clock.now()
  }

  /** The address that was asked for, or any of a family where that is empty. */
  async take(service: Service, family: IpFamily, wanted: string): Promise<AddressAnswer> {
    const { ranges } = this.#options
    if (wanted === '') return this.#takeAny(service, family)
    const range = ranges.rangesOf(family).find((one) => one.has(wanted))
    if (range === undefined) return { type: 'refused', why: OUTSIDE }
    const address = canonicalAddress(wanted)
    if (this.#isTaken(address) && !(await this.#takeOver(service, address))) {
      return this.#refuse(range.cidr, 'static', TAKEN)
    }
    const answer = await this.#record(service, address, range.cidr, 'static')
    return answer.type === 'taken' ? { ...answer, address: wanted } : answer
  }

  /** What a dry run is shown: nothing is looked for, and nothing is taken. */
  pretend(family: IpFamily, wanted: string): AddressAnswer {
    const [range] = this.#options.ranges.rangesOf(family)
    if (range === undefined) return { type: 'refused', why: 'allocator not ready' }
    if (wanted === '') return { type: 'taken', address: range.network }
    if (range.has(wanted)) return { type: 'taken', address: wanted }
    const valid = `The range of valid IPs is ${range.cidr}`
    const why = `the provided IP (${canonicalAddress(wanted)}) is not in the valid range. ${valid}`
    return { type: 'refused', why }
  }

  /** Gives addresses back that a service was about to get. */
  async giveBack(records: readonly IPAddress[]): Promise<void> {
    for (const record of records) await this.#settle(removeAddress(this.#options.client(), record))
  }

  /** Gives addresses back that a service had, as far as they stand recorded for it. */
  async release(service: Service, addresses: readonly string[]): Promise<void> {
    const { ipAddresses } = this.#options
    for (const address of addresses) {
      const found = await ipAddresses.find('', canonicalAddress(address))
      const record = found?.object as IPAddress | undefined
      if (record !== undefined && isRecordOf(record, service)) await this.giveBack([record])
    }
  }

  async #takeAny(service: Service, family: IpFamily): Promise<AddressAnswer> {
    const { ranges, random } = this.#options
    for (const range of ranges.rangesOf(family)) {
      for (const address of range.candidates(random)) {
        if (this.#isTaken(address)) continue
        const answer = await this.#record(service, address, range.cidr, 'dynamic')
        // Another server was faster by a moment.
        if (answer.type !== 'refused' || answer.why !== TAKEN) return answer
      }
      this.#options.observer.addressRefused(range.cidr, 'dynamic')
    }
    return { type: 'full' }
  }

  async #record(
    service: Service,
    address: string,
    cidr: string,
    scope: AllocationScope,
  ): Promise<AddressAnswer> {
    const { client, clock, observer } = this.#options
    const since = clock.monotonic()
    try {
      const record = await recordAddress(client(), address, service)
      observer.addressTaken(cidr, scope, (clock.monotonic() - since) / 1000)
      return { type: 'taken', address, record }
    } catch (error) {
      const isTaken = isReason(error, 'AlreadyExists')
      const why = error instanceof Error ? error.message : String(error)
      return this.#refuse(cidr, scope, isTaken ? TAKEN : why)
    }
  }

  /**
   * Removes a record that a crash has left of this very service, which was never stored: whoever
   * sends it again need not wait for the repair. The server itself could not start otherwise.
   */
  async #takeOver(service: Service, address: string): Promise<boolean> {
    const { ipAddresses, isUsed, client } = this.#options
    const record = ipAddresses.cache.get('', address)?.object as IPAddress | undefined
    if (isUsed(address) || record === undefined || !isRecordOf(record, service)) return false
    if (!this.#isLeftOver(record)) return false
    await removeAddress(client(), record)
    return true
  }

  /** Whether nobody can be about to store the service any more. */
  #isLeftOver({ metadata }: IPAddress): boolean {
    const { clock, ipAddresses } = this.#options
    const madeAt = Date.parse(metadata.creationTimestamp)
    if (clock.now() - madeAt > GRACE_MS) return true
    const isOwn = ipAddresses.storage.isShared !== true
    return isOwn && madeAt < Math.floor(this.#startedAt / 1000) * 1000
  }

  #refuse(cidr: string, scope: AllocationScope, why: string): AddressAnswer {
    this.#options.observer.addressRefused(cidr, scope)
    return { type: 'refused', why }
  }

  #isTaken(address: string): boolean {
    const { ipAddresses, isUsed } = this.#options
    return ipAddresses.cache.get('', address) !== undefined || isUsed(address)
  }

  /** What cannot be given back now is found by the repair. */
  async #settle(work: Promise<void>): Promise<void> {
    try {
      await work
    } catch (error) {
      const { logger } = this.#options
      logger.error('a cluster address was not released', { error: formatError(error) })
    }
  }
}

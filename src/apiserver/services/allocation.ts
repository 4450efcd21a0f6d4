import type { Random } from '../../base/random.ts'
import type { Service } from '../../kinds/core/v1/service.ts'
import type { ServiceSpec } from '../../kinds/core/v1/service-spec.ts'
import { type FieldError, FieldPath, invalid } from '../../machinery/field-error.ts'
import { internalError, invalidObject } from '../../machinery/status-error.ts'
import type { AddressRange } from './address-range.ts'
import type { Pool } from './pool.ts'
import type { ServiceRangeTable } from './service-ranges.ts'

export interface PortRange {
  readonly first: number
  readonly last: number
}

/** What services are given from. */
export interface ServicePools {
  readonly ranges: ServiceRangeTable
  readonly ports: PortRange
  readonly addressPool: Pool
  readonly portPool: Pool
  readonly random: Random
}

const SPEC = FieldPath.root.child('spec')
/** The first node ports are left to those who ask for one by number. */
const MOST_RESERVED_PORTS = 128
const LEAST_RESERVED_PORTS = 16

/** Collects what one write takes from the pools. */
export class Allocation {
  readonly #pools: ServicePools
  readonly #service: Service
  readonly #addresses: string[] = []
  readonly #ports: string[] = []

  constructor(pools: ServicePools, service: Service) {
    this.#pools = pools
    this.#service = service
  }

  /** What was taken, by names that are the same on all servers. */
  get items(): readonly string[] {
    const addresses = this.#addresses.map((address) => `addresses/${address}`)
    return [...addresses, ...this.#ports.map((port) => `ports/${port}`)]
  }

  /** Whether a service that was stored meanwhile uses any of it. */
  get isOvertaken(): boolean {
    const { addressPool, portPool } = this.#pools
    return (
      this.#addresses.some((address) => addressPool.isStored(address)) ||
      this.#ports.some((port) => portPool.isStored(port))
    )
  }

  /** Gives everything back that is not stored by now. */
  release(): void {
    for (const address of this.#addresses) this.#pools.addressPool.release(address)
    for (const port of this.#ports) this.#pools.portPool.release(port)
  }

  /** The addresses of a spec whose families are known; `kept` are the service's already. */
  addresses(spec: ServiceSpec, kept: readonly string[]): readonly string[] {
    const given = spec.clusterIPs ?? []
    return (spec.ipFamilies ?? []).map((family, index) => {
      const wanted = given[index] ?? ''
      if (wanted !== '' && kept.includes(wanted)) return wanted
      const ranges = this.#pools.ranges.rangesOf(family || 'IPv4')
      return wanted === '' ? this.#nextAddress(ranges) : this.#askedAddress(ranges, wanted, given)
    })
  }

  /** A free node port. */
  nextPort(what: string): number {
    const { portPool, ports, random } = this.#pools
    const size = ports.last - ports.first + 1
    const share = Math.floor(size / 32)
    const reserved = share < LEAST_RESERVED_PORTS ? 0 : Math.min(share, MOST_RESERVED_PORTS)
    const port = portPool.find({
      random,
      first: ports.first,
      preferred: ports.first + reserved,
      last: ports.last,
      item: String,
    })
    if (port === undefined) {
      throw internalError(new Error(`failed to allocate a ${what}: range is full`))
    }
    this.#holdPort(port)
    return Number(port)
  }

  /** A node port that was asked for; why it cannot be had, otherwise. */
  askPort(port: number): string | undefined {
    const { portPool, ports } = this.#pools
    if (port < ports.first || port > ports.last) {
      const range = `${ports.first}-${ports.last}`
      return `provided port is not in the valid range. The range of valid ports is ${range}`
    }
    // Two ports of one service may share a node port, under different protocols.
    if (this.#ports.includes(String(port))) return undefined
    if (portPool.isTaken(String(port))) return 'provided port is already allocated'
    this.#holdPort(String(port))
    return undefined
  }

  invalid(error: FieldError): Error {
    const kind = { group: '', kind: 'Service' }
    return invalidObject(kind, this.#service.metadata.name, [error])
  }

  #holdPort(port: string): void {
    this.#ports.push(port)
    this.#pools.portPool.hold(port)
  }

  #nextAddress(ranges: readonly AddressRange[]): string {
    const { addressPool, random } = this.#pools
    for (const range of ranges) {
      const address = addressPool.find({
        random,
        first: 1,
        preferred: range.reserved + 1,
        last: range.size,
        item: (index) => range.at(index),
      })
      if (address !== undefined) return this.#holdAddress(address)
    }
    const { name } = this.#service.metadata
    const what = `failed to allocate a serviceIP for Service ${JSON.stringify(name)}`
    throw internalError(new Error(`${what}: range is full`))
  }

  #askedAddress(ranges: readonly AddressRange[], wanted: string, given: readonly string[]): string {
    const { addressPool } = this.#pools
    const refuse = (why: string) => {
      const text = `failed to allocate IP ${wanted}: ${why}`
      return this.invalid(invalid(SPEC.child('clusterIPs'), given, text))
    }
    if (!ranges.some((range) => range.has(wanted))) {
      throw refuse('the provided network does not match the current range')
    }
    if (addressPool.isTaken(wanted)) throw refuse('provided IP is already allocated')
    return this.#holdAddress(wanted)
  }

  #holdAddress(address: string): string {
    this.#addresses.push(address)
    this.#pools.addressPool.hold(address)
    return address
  }
}

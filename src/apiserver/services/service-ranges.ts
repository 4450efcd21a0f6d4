import type { ServiceCIDR } from '../../kinds/networking/v1/service-cidr.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import { SELECT_ALL } from '../registry/selection.ts'
import { AddressRange, type IpFamily } from './address-range.ts'

/** The ranges of addresses for services: those of the cluster, and those that ServiceCIDRs add. */
export class ServiceRangeTable {
  /** The first family is the default one; at most two. */
  readonly families: readonly IpFamily[]
  readonly #own: readonly AddressRange[]
  readonly #store: ObjectStore | undefined
  #seen = 0
  #ranges: readonly AddressRange[]

  constructor(serviceCidrs: readonly string[], store?: ObjectStore) {
    this.#own = serviceCidrs.map((cidr) => new AddressRange(cidr))
    this.#ranges = this.#own
    this.#store = store
    this.families = this.#own.map(({ family }) => family)
  }

  /** Waits until all ServiceCIDRs are known that were stored before. */
  async fresh(): Promise<void> {
    await this.#store?.cache.fresh()
  }

  /** Those of the cluster first. */
  rangesOf(family: IpFamily): readonly AddressRange[] {
    return this.#all().filter((range) => range.family === family)
  }

  has(address: string): boolean {
    return this.#all().some((range) => range.has(address))
  }

  #all(): readonly AddressRange[] {
    const cache = this.#store?.cache
    if (cache === undefined || cache.changes === this.#seen) return this.#ranges
    this.#seen = cache.changes
    const known = new Set(this.#own.map(({ cidr }) => cidr))
    const added = cache
      .list(SELECT_ALL)
      .map(({ object }) => object as ServiceCIDR)
      .filter(isReady)
      .flatMap(({ spec }) => spec.cidrs ?? [])
      .filter((cidr) => !known.has(cidr))
    this.#ranges = [...this.#own, ...[...new Set(added)].flatMap(rangesIn)]
    return this.#ranges
  }
}

/** One that nobody looks after is ready (upstream: "where kcm is not running"). */
function isReady({ metadata, status }: ServiceCIDR): boolean {
  if (metadata.deletionTimestamp !== undefined) return false
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  return ready === undefined || ready.status === 'True'
}

/** None where a range is so small that it has no usable address. */
function rangesIn(cidr: string): readonly AddressRange[] {
  try {
    return [new AddressRange(cidr)]
  } catch {
    return []
  }
}

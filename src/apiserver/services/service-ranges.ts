import type { ServiceCIDR } from '../../kinds/networking/v1/service-cidr.ts'
import type { IpFamily } from '../../machinery/ip-address.ts'
import type { ObjectStore } from '../registry/object-store.ts'
import { SELECT_ALL } from '../registry/selection.ts'
import { AddressRange } from './address-range.ts'

/** The ServiceCIDR that holds the ranges of the flags. */
const DEFAULT_NAME = 'kubernetes'

/** A range with whether addresses of it may be given out at present. */
interface KnownRange {
  readonly range: AddressRange
  readonly isReady: boolean
}

/** The ranges of addresses for services: those of the cluster, and those that ServiceCIDRs add. */
export class ServiceRangeTable {
  /** The first family is the default one; at most two. */
  readonly families: readonly IpFamily[]
  readonly #own: readonly AddressRange[]
  readonly #store: ObjectStore | undefined
  #seen = 0
  #known: readonly KnownRange[]

  constructor(serviceCidrs: readonly string[], store?: ObjectStore) {
    this.#own = serviceCidrs.map((cidr) => new AddressRange(cidr))
    this.#known = this.#own.map((range) => ({ range, isReady: true }))
    this.#store = store
    this.families = this.#own.map(({ family }) => family)
  }

  /** Waits until all ServiceCIDRs are known that were stored before. */
  async fresh(): Promise<void> {
    await this.#store?.cache.fresh()
  }

  /** Those that addresses are given from; those of the cluster first. */
  rangesOf(family: IpFamily): readonly AddressRange[] {
    return this.#all().flatMap(({ range, isReady }) =>
      isReady && range.family === family ? [range] : [],
    )
  }

  /** Whether any range has the address, also one that gives out none at present. */
  has(address: string): boolean {
    return this.#all().some(({ range }) => range.has(address))
  }

  /** All of them. */
  all(): readonly AddressRange[] {
    return this.#all().map(({ range }) => range)
  }

  #all(): readonly KnownRange[] {
    const cache = this.#store?.cache
    if (cache === undefined || cache.changes === this.#seen) return this.#known
    this.#seen = cache.changes
    const objects = cache.list(SELECT_ALL).map(({ object }) => object as ServiceCIDR)
    // The flags count until the object that repeats them is there.
    const hasDefault = objects.some(({ metadata }) => metadata.name === DEFAULT_NAME)
    const readiness = new Map<string, boolean>()
    const own = this.#own.map(({ cidr }) => cidr)
    if (!hasDefault) for (const cidr of own) readiness.set(cidr, true)
    for (const object of objects) {
      for (const cidr of object.spec.cidrs ?? []) {
        readiness.set(cidr, readiness.get(cidr) === true || isReady(object))
      }
    }
    const isOwn = ([cidr]: readonly [string, boolean]) => own.includes(cidr)
    const [first, others] = [
      [...readiness].filter(isOwn),
      [...readiness].filter((one) => !isOwn(one)),
    ]
    this.#known = [...first, ...others].flatMap(([cidr, ready]) => rangeOf(cidr, ready))
    return this.#known
  }
}

/** One that nobody looks after is ready (upstream: "where kcm is not running"). */
function isReady({ metadata, status }: ServiceCIDR): boolean {
  if (metadata.deletionTimestamp !== undefined) return false
  const ready = status.conditions?.find(({ type }) => type === 'Ready')
  return ready === undefined || ready.status === 'True'
}

/** None where a range is so small that it has no usable address. */
function rangeOf(cidr: string, isReady: boolean): readonly KnownRange[] {
  try {
    return [{ range: new AddressRange(cidr), isReady }]
  } catch {
    return []
  }
}

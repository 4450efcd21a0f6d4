import type { Random } from '../../base/random.ts'
import { formatIp, type IpFamily, parseCidr, parseIp } from '../../machinery/ip-address.ts'

/** The first addresses are left to those who ask for one by name (upstream's static band). */
const MOST_RESERVED = 256n
const LEAST_RESERVED = 16n
const RANDOM_BITS = 32n

/** The cluster addresses of services, such as `10.96.0.0/16`. */
export class AddressRange {
  readonly cidr: string
  readonly family: IpFamily
  /** How many addresses there are, without the network's own and IPv4's broadcast address. */
  readonly size: bigint
  readonly #base: bigint
  readonly #reserved: bigint

  constructor(cidr: string) {
    const parsed = parseCidr(cidr)
    if (parsed === undefined) throw new Error(`${cidr} is no range of addresses`)
    const { family, value } = parsed.address
    const bits = family === 'IPv4' ? 32 : 128
    const all = 1n << BigInt(bits - parsed.prefixLength)
    this.cidr = cidr
    this.family = family
    this.size = all - (family === 'IPv4' ? 2n : 1n)
    this.#base = (value / all) * all
    this.#reserved = reservedOf(all)
    if (this.size < 1n) throw new Error(`${cidr} has no usable address`)
  }

  /** The network's own address, which no service is given. */
  get network(): string {
    return formatIp(this.family, this.#base)
  }

  /** The address at this place, from 1 on. */
  at(index: bigint): string {
    return formatIp(this.family, this.#base + index)
  }

  has(address: string): boolean {
    const { family, value } = parseIp(address) ?? {}
    if (value === undefined || family !== this.family) return false
    const index = value - this.#base
    return index >= 1n && index <= this.size
  }

  /** Every address once: those past the reserved ones from a random one on, then the reserved. */
  *candidates(random: Random): Iterable<string> {
    const first = this.#reserved + 1n
    yield* this.#from(first, this.size - first + 1n, random)
    yield* this.#from(1n, this.#reserved, random)
  }

  *#from(first: bigint, count: bigint, random: Random): Iterable<string> {
    if (count <= 0n) return
    const start = randomBelow(random, count)
    for (let step = 0n; step < count; step++) yield this.at(first + ((start + step) % count))
  }
}

/** The family of an address; what is none counts as IPv4. */
export function familyOf(address: string): IpFamily {
  return parseIp(address)?.family ?? 'IPv4'
}

/** An address in the one form that objects are named by. */
export function canonicalAddress(address: string): string {
  return parseIp(address)?.canonical ?? address
}

/** A sixteenth of the range, within bounds; small ranges reserve nothing. */
function reservedOf(all: bigint): bigint {
  if (all <= LEAST_RESERVED) return 0n
  const share = all / 16n
  if (share < LEAST_RESERVED) return LEAST_RESERVED
  return share > MOST_RESERVED ? MOST_RESERVED : share
}

function randomBelow(random: Random, below: bigint): bigint {
  let value = 0n
  for (let bits = 0n; below >> bits > 0n; bits += RANDOM_BITS) {
    value = (value << RANDOM_BITS) | BigInt(Math.floor(random.next() * 2 ** Number(RANDOM_BITS)))
  }
  return value % below
}

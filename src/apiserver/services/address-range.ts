import { isIP, isIPv4 } from 'node:net'

export type IpFamily = 'IPv4' | 'IPv6'

/** No address of a range beyond this many is given out unasked: enough for any cluster. */
const MOST_ADDRESSES = 1n << 20n
/** The first addresses are left to those who ask for one by name, if there are others. */
const MOST_RESERVED = 256n
const LEAST_RESERVED = 16n

/** The cluster addresses of services, such as `10.96.0.0/16`. */
export class AddressRange {
  readonly cidr: string
  readonly family: IpFamily
  readonly #base: bigint
  /** Usable addresses follow the base: 1 to `#usable`, of which `#size` are given out unasked. */
  readonly #usable: bigint
  readonly #size: bigint

  constructor(cidr: string) {
    const [address = '', prefix = 'none'] = cidr.split('/')
    const version = isIP(address)
    const bits = version === 4 ? 32n : 128n
    const length = /^[0-9]{1,3}$/.test(prefix) ? BigInt(prefix) : bits + 1n
    if (version === 0 || length > bits) throw new Error(`${cidr} is no range of addresses`)
    this.cidr = cidr
    this.family = version === 4 ? 'IPv4' : 'IPv6'
    const hosts = 1n << (bits - length)
    this.#base = (parseAddress(address) / hosts) * hosts
    // Neither the network's own address nor, in IPv4, its broadcast address.
    const usable = hosts - (version === 4 ? 2n : 1n)
    this.#usable = usable
    this.#size = usable > MOST_ADDRESSES ? MOST_ADDRESSES : usable
    if (this.#size < 1n) throw new Error(`${cidr} has no usable address`)
  }

  get size(): number {
    return Number(this.#size)
  }

  /** The address at this place, from 1 on. */
  at(index: number): string {
    return formatAddress(this.#base + BigInt(index), this.family)
  }

  has(address: string): boolean {
    if (isIP(address) === 0 || familyOf(address) !== this.family) return false
    const index = parseAddress(address) - this.#base
    return index >= 1n && index <= this.#usable
  }

  /** How many of the first addresses are not given out unasked (upstream's static band). */
  get reserved(): number {
    const share = this.#size / 16n
    if (share < LEAST_RESERVED) return 0
    return Number(share > MOST_RESERVED ? MOST_RESERVED : share)
  }
}

export function familyOf(address: string): IpFamily {
  return isIPv4(address) ? 'IPv4' : 'IPv6'
}

/** An address in the one form that objects are named by. */
export function canonicalAddress(address: string): string {
  return formatAddress(parseAddress(address), familyOf(address))
}

function parseAddress(address: string): bigint {
  if (isIPv4(address)) {
    return address.split('.').reduce((sum, part) => (sum << 8n) + BigInt(part), 0n)
  }
  const [head = '', tail = ''] = address.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === '' ? [] : tail.split(':')
  const zeros = address.includes('::') ? 8 - before.length - after.length : 0
  const groups = [...before, ...Array<string>(zeros).fill('0'), ...after]
  return groups.reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n)
}

function formatAddress(value: bigint, family: IpFamily): string {
  if (family === 'IPv4') {
    return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.')
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  )
  // The longest run of zeros is left out (RFC 5952).
  const text = groups.join(':')
  const runs = text.match(/(?:^|:)0(?::0)+(?=:|$)/g) ?? []
  const longest = runs.toSorted((a, b) => b.length - a.length)[0]
  if (longest === undefined) return text
  const at = text.indexOf(longest)
  const before = text.slice(0, at)
  const after = text.slice(at + longest.length).replace(/^:/, '')
  return `${before}::${after}`
}

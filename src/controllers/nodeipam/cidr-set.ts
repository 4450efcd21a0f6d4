import { type Cidr, formatIp, parseCidr } from '../../machinery/ip-address.ts'

const BITS = { IPv4: 32, IPv6: 128 }

/** A range of addresses cut into equal parts, and which of them are taken. */
export class CidrSet {
  readonly #range: Cidr
  readonly #prefixLength: number
  readonly #size: number
  readonly #taken = new Set<number>()
  /** Where the search goes on, so that a part that was freed is not used again at once. */
  #next = 0

  /** Throws for a range that cannot be cut that way. */
  constructor(range: string, prefixLength: number) {
    const parsed = parseCidr(range)
    if (parsed === undefined) throw new Error(`invalid CIDR address: ${range}`)
    if (prefixLength < parsed.prefixLength || prefixLength - parsed.prefixLength > 16) {
      throw new Error(
        `New CIDR set failed; the node CIDR size is too big: ${range} into /${prefixLength}`,
      )
    }
    this.#range = parsed
    this.#prefixLength = prefixLength
    this.#size = 2 ** (prefixLength - parsed.prefixLength)
  }

  /** A part that is free, now taken; undefined when there is none. */
  allocate(): string | undefined {
    for (let tried = 0; tried < this.#size; tried++) {
      const index = (this.#next + tried) % this.#size
      if (this.#taken.has(index)) continue
      this.#taken.add(index)
      this.#next = (index + 1) % this.#size
      return this.#format(index)
    }
    return undefined
  }

  /** Takes all parts that a range touches; a range elsewhere takes none. */
  occupy(cidr: string): void {
    for (const index of this.#indexesOf(cidr)) this.#taken.add(index)
  }

  release(cidr: string): void {
    for (const index of this.#indexesOf(cidr)) this.#taken.delete(index)
  }

  *#indexesOf(text: string): Iterable<number> {
    const cidr = parseCidr(text)
    const { address: base, prefixLength } = this.#range
    if (cidr === undefined || cidr.address.family !== base.family) return
    const bits = BITS[base.family]
    const partBits = BigInt(bits - this.#prefixLength)
    const first = firstAddress(this.#range) >> partBits
    const length = BigInt(bits - cidr.prefixLength)
    const from = (firstAddress(cidr) >> partBits) - first
    const to = ((firstAddress(cidr) + (1n << length) - 1n) >> partBits) - first
    const last = (1n << BigInt(this.#prefixLength - prefixLength)) - 1n
    for (let index = from < 0n ? 0n : from; index <= to && index <= last; index++) {
      yield Number(index)
    }
  }

  #format(index: number): string {
    const { family } = this.#range.address
    const partBits = BigInt(BITS[family] - this.#prefixLength)
    const address = firstAddress(this.#range) + (BigInt(index) << partBits)
    return `${formatIp(family, address)}/${this.#prefixLength}`
  }
}

function firstAddress({ address, prefixLength }: Cidr): bigint {
  const hostBits = BigInt(BITS[address.family] - prefixLength)
  return (address.value >> hostBits) << hostBits
}

/** Hands out a range's IPv4 addresses, lowest free first; those given back last come last. */
export class PodAddresses {
  readonly #first: number
  readonly #last: number
  #next: number
  readonly #free: number[] = []

  /** The network's own address, the gateway after it and the broadcast address are nobody's. */
  constructor(podCidr: string) {
    const [address = '', bits = ''] = podCidr.split('/')
    const size = 2 ** (32 - Number(bits))
    const base = Math.floor(parse(address) / size) * size
    if (!Number.isInteger(base) || size < 4) throw new Error(`invalid pod range "${podCidr}"`)
    this.#first = base + 2
    this.#last = base + size - 2
    this.#next = this.#first
  }

  /** Undefined where all are taken. */
  take(): string | undefined {
    if (this.#next <= this.#last) return format(this.#next++)
    const address = this.#free.shift()
    return address === undefined ? undefined : format(address)
  }

  giveBack(address: string): void {
    this.#free.push(parse(address))
  }
}

function parse(address: string): number {
  return address.split('.').reduce((number, part) => number * 256 + Number(part), 0)
}

function format(number: number): string {
  return [24, 16, 8, 0].map((shift) => (number >>> shift) & 255).join('.')
}

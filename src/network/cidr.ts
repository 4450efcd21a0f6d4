/** An IPv4 range such as `10.244.0.0/24`. */
export interface Cidr {
  /** The first address as a number. */
  readonly base: number
  readonly prefixLength: number
}

/** Throws for what is not an IPv4 CIDR; bits below the prefix are dropped. */
export function parseCidr(text: string): Cidr {
  const match = /^(\d{1,3}(?:\.\d{1,3}){3})\/(\d{1,2})$/.exec(text)
  const prefixLength = Number(match?.[2])
  if (match === null || prefixLength > 32) throw new Error(`invalid CIDR address: ${text}`)
  const size = 2 ** (32 - prefixLength)
  return { base: Math.floor(parseAddress(match[1] ?? '') / size) * size, prefixLength }
}

export function formatCidr({ base, prefixLength }: Cidr): string {
  return `${formatAddress(base)}/${prefixLength}`
}

/** The address at a place in a range: 0 is the network's own, 1 the first of a host. */
export function addressAt({ base, prefixLength }: Cidr, index: number): string {
  if (index < 0 || index >= 2 ** (32 - prefixLength)) {
    throw new Error(`no address ${index} in ${formatCidr({ base, prefixLength })}`)
  }
  return formatAddress(base + index)
}

/** The n-th range of a given length inside a larger one: the pod ranges of nodes. */
export function subnetAt(cidr: Cidr, prefixLength: number, index: number): Cidr {
  if (prefixLength < cidr.prefixLength || index >= 2 ** (prefixLength - cidr.prefixLength)) {
    throw new Error(`no range ${index} of length ${prefixLength} in ${formatCidr(cidr)}`)
  }
  return { base: cidr.base + index * 2 ** (32 - prefixLength), prefixLength }
}

export function contains({ base, prefixLength }: Cidr, address: string): boolean {
  const number = parseAddress(address)
  return number >= base && number < base + 2 ** (32 - prefixLength)
}

function parseAddress(text: string): number {
  const parts = text.split('.').map(Number)
  if (parts.length !== 4 || parts.some((part) => !(part <= 255))) {
    throw new Error(`invalid IPv4 address: ${text}`)
  }
  return parts.reduce((number, part) => number * 256 + part, 0)
}

function formatAddress(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.')
}

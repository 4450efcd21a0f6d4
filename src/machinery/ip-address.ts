import { isIPv4, isIPv6 } from 'node:net'

export type IpFamily = 'IPv4' | 'IPv6'

/** An address in the one form that is compared and stored. */
export interface IpAddress {
  readonly family: IpFamily
  /** As RFC 5952 writes it; an IPv4 address that was given as IPv6 is IPv4. */
  readonly canonical: string
  /** 32 or 128 bits. */
  readonly value: bigint
  /** What strict validation has against the spelling. */
  readonly flaws: readonly string[]
}

export interface Cidr {
  readonly address: IpAddress
  readonly prefixLength: number
  /** The network's first address and the prefix length. */
  readonly canonical: string
  readonly flaws: readonly string[]
}

const NOT_AN_IP = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)'
const NOT_A_CIDR = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)'
const MAPPED_PREFIX = 0xffffn
const BITS: Readonly<Record<IpFamily, number>> = { IPv4: 32, IPv6: 128 }

/** Reads an address as leniently as upstream does for its older fields. */
export function parseIp(text: string): IpAddress | undefined {
  if (isIPv4(withoutLeadingZeros(text))) {
    const plain = withoutLeadingZeros(text)
    const flaws = plain === text ? [] : ['must not have leading 0s']
    return { family: 'IPv4', canonical: plain, value: valueOfIpv4(plain), flaws }
  }
  if (!isIPv6(text) || text.includes('%')) return undefined
  const value = valueOfIpv6(text)
  if (value >> 32n === MAPPED_PREFIX) {
    const flaws = ['must not be an IPv4-mapped IPv6 address']
    const low = value & 0xffffffffn
    return { family: 'IPv4', canonical: formatIp('IPv4', low), value: low, flaws }
  }
  return { family: 'IPv6', canonical: formatIp('IPv6', value), value, flaws: [] }
}

/** Reads `address/length` as leniently as upstream does for its older fields. */
export function parseCidr(text: string): Cidr | undefined {
  const [, host = '', length = ''] = /^([^/]+)\/([0-9]{1,3})$/.exec(text) ?? []
  const address = parseIp(host)
  if (address === undefined) return undefined
  const isMapped = address.family === 'IPv4' && host.includes(':')
  const prefixLength = Number(length) - (isMapped ? 96 : 0)
  if (prefixLength > BITS[address.family] || prefixLength < 0) return undefined
  const size = BigInt(BITS[address.family] - prefixLength)
  const network = (address.value >> size) << size
  return {
    address,
    prefixLength,
    canonical: `${formatIp(address.family, network)}/${prefixLength}`,
    flaws: cidrFlaws(address, isMapped, length, network),
  }
}

/** Why a text is no address that a field may hold; a flaw of spelling counts. */
export function ipErrors(text: string): readonly string[] {
  return parseIp(text)?.flaws ?? [NOT_AN_IP]
}

/** As `ipErrors`, and the spelling must be the canonical one. For newer fields. */
export function canonicalIpErrors(text: string): readonly string[] {
  const address = parseIp(text)
  if (address === undefined || address.flaws.length > 0) return ipErrors(text)
  const { canonical } = address
  return canonical === text ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`]
}

const NOT_AN_INTERFACE_ADDRESS =
  'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)'

/** Why a text is no address of an interface with the length of its network's prefix. */
export function interfaceAddressErrors(text: string): readonly string[] {
  const cidr = parseCidr(text)
  if (cidr === undefined) return [NOT_AN_INTERFACE_ADDRESS]
  const canonical = `${cidr.address.canonical}/${cidr.prefixLength}`
  return canonical === text ? [] : [`must be in canonical form (${JSON.stringify(canonical)})`]
}

/** What is wrong with a range; empty where nothing is. */
export function cidrErrors(text: string): readonly string[] {
  return parseCidr(text)?.flaws ?? [NOT_A_CIDR]
}

/** Whether an address lies in a range of its own family. */
export function isInCidr({ family, value }: IpAddress, { address, prefixLength }: Cidr): boolean {
  if (family !== address.family) return false
  const size = BigInt(BITS[family] - prefixLength)
  return value >> size === address.value >> size
}

/** An address in its canonical form (RFC 5952 for IPv6). */
export function formatIp(family: IpFamily, value: bigint): string {
  if (family === 'IPv4') {
    return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.')
  }
  const groups = Array.from({ length: 8 }, (_, index) => {
    return ((value >> BigInt(112 - index * 16)) & 0xffffn).toString(16)
  })
  const [longest] = [...groups.join(':').matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].toSorted(
    (a, b) => b[0].replaceAll(':', '').length - a[0].replaceAll(':', '').length,
  )
  const text = groups.join(':')
  if (longest === undefined) return text
  return `${text.slice(0, longest.index)}::${text.slice(longest.index + longest[0].length + 1)}`
}

function cidrFlaws(
  address: IpAddress,
  isMapped: boolean,
  length: string,
  network: bigint,
): readonly string[] {
  if (address.flaws.some((flaw) => flaw.includes('leading')) || /^0[0-9]/.test(length)) {
    return ['must not have leading 0s in IP or prefix length']
  }
  if (isMapped) return ['must not have an IPv4-mapped IPv6 address']
  return network === address.value ? [] : ['must not have bits set beyond the prefix length']
}

function withoutLeadingZeros(text: string): string {
  return text.replace(/(^|\.)0+(?=[0-9])/g, '$1')
}

function valueOfIpv4(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n)
}

function valueOfIpv6(text: string): bigint {
  const dotted = /[0-9.]+\.[0-9]+$/.exec(text)?.[0]
  const plain = dotted === undefined ? text : text.slice(0, -dotted.length) + groupsOf(dotted)
  const [head = '', tail] = plain.split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0')
  return [...before, ...zeros, ...after].reduce(
    (value, group) => (value << 16n) | BigInt(`0x${group}`),
    0n,
  )
}

/** An IPv4 address as the last two groups of an IPv6 address. */
function groupsOf(dotted: string): string {
  const value = valueOfIpv4(dotted)
  return `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`
}

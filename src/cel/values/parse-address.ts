import { isIPv4, isIPv6 } from 'node:net'
import { quoteGo } from '../../base/go-quote.ts'
import { formatIp, parseIp } from '../../machinery/ip-address.ts'
import { CelError } from './cel-error.ts'

/** An IP address: 4 or 6, and its bits as one number. */
export interface Address {
  readonly family: 4 | 6
  readonly value: bigint
}

/** An address with how many of its bits name the network. */
export interface Prefix {
  readonly address: Address
  readonly bits: number
}

export const formatAddress = ({ family, value }: Address) => formatIp(`IPv${family}`, value)
export const formatPrefix = ({ address, bits }: Prefix) => `${formatAddress(address)}/${bits}`
export const widthOf = ({ family }: Address) => (family === 4 ? 32 : 128)

/** The bits of the network alone. */
export function maskedValue({ address, bits }: Prefix): bigint {
  const rest = BigInt(widthOf(address) - bits)
  return (address.value >> rest) << rest
}

/** The address that a text is, or why it is none, in the words of Go's netip. */
export function parseAddress(text: string): Address | CelError {
  const zone = text.indexOf('%')
  const plain = zone < 0 ? text : text.slice(0, zone)
  const wrong = (why: string) => {
    const cause = `ParseAddr(${quoteGo(text)}): ${why}`
    const what = `IP Address ${quoteGo(text)} parse error during conversion from string`
    return new CelError(`${what}: ${cause}`)
  }
  const why = addressFlaw(plain, zone < 0 ? undefined : text.slice(zone + 1))
  if (why !== undefined) return wrong(why)
  if (zone >= 0) {
    return new CelError(`IP address ${quoteGo(text)} with zone value is not allowed`)
  }
  return mapped(text) ?? bitsOf(plain)
}

/** The prefix that a text is, or why it is none. */
export function parsePrefix(text: string): Prefix | CelError {
  const what = 'network address parse error during conversion from string'
  const wrong = (why: string) =>
    new CelError(`${what}: ${what}: netip.ParsePrefix(${quoteGo(text)}): ${why}`)
  const slash = text.lastIndexOf('/')
  if (slash < 0) return wrong("no '/'")
  const host = text.slice(0, slash)
  const zone = host.indexOf('%')
  const flaw = addressFlaw(zone < 0 ? host : host.slice(0, zone), undefined)
  if (flaw !== undefined) return wrong(`ParseAddr(${quoteGo(host)}): ${flaw}`)
  if (zone >= 0) return wrong('IPv6 zones cannot be present in a prefix')
  const bits = text.slice(slash + 1)
  if (!/^(?:0|[1-9][0-9]*)$/.test(bits)) return wrong(`bad bits after slash: ${quoteGo(bits)}`)
  const isMapped = mapped(text, host)
  const address = isMapped === undefined ? bitsOf(host) : undefined
  const width = address === undefined ? 128 : widthOf(address)
  if (Number(bits) > width) return wrong('prefix length out of range')
  if (address === undefined) return new CelError(`${what}: ${isMapped?.message}`)
  return { address, bits: Number(bits) }
}

/** An error for an IPv4 address that is written as an IPv6 address. */
function mapped(text: string, host = text): CelError | undefined {
  if (!host.includes(':') || parseIp(host)?.family !== 'IPv4') return undefined
  return new CelError(`IPv4-mapped IPv6 address ${quoteGo(text)} is not allowed`)
}

function bitsOf(text: string): Address {
  const parsed = parseIp(text)
  return { family: text.includes(':') ? 6 : 4, value: parsed?.value ?? 0n }
}

/** What is wrong with the text of an address, if anything. */
function addressFlaw(text: string, zone: string | undefined): string | undefined {
  const first = /[.:]/.exec(text)?.[0]
  if (first === undefined) return zone === undefined ? 'unable to parse IP' : 'missing IPv6 address'
  if (first === '.') {
    if (zone !== undefined) return `unexpected character (at ${quoteGo(`%${zone}`)})`
    return isIPv4(text) ? undefined : ipv4Flaw(text)
  }
  if (!isIPv6(text)) return ipv6Flaw(text)
  return zone === '' ? 'zone must be a non-empty string' : undefined
}

function ipv4Flaw(text: string): string {
  let value = 0
  let digits = 0
  let dots = 0
  for (const [at, character] of [...text].entries()) {
    if (/[0-9]/.test(character)) {
      if (digits === 1 && value === 0) return 'IPv4 field has octet with leading zero'
      value = value * 10 + Number(character)
      digits++
      if (value > 255) return 'IPv4 field has value >255'
    } else if (character === '.') {
      if (at === 0 || at === text.length - 1 || digits === 0) {
        return `IPv4 field must have at least one digit (at ${quoteGo(text.slice(at))})`
      }
      if (dots === 3) return 'IPv4 address too long'
      dots++
      value = 0
      digits = 0
    } else return `unexpected character (at ${quoteGo(text.slice(at))})`
  }
  return 'IPv4 address too short'
}

/** Goes through the fields as Go does, and stops at the first that is wrong. */
function ipv6Flaw(text: string): string {
  let rest = text
  let ellipsis = -1
  let size = 0
  if (rest.startsWith('::')) {
    ellipsis = 0
    rest = rest.slice(2)
  }
  while (size < 16) {
    const digits = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? ''
    const at = (why: string) => `${why} (at ${quoteGo(rest)})`
    if (digits.length > 4) return at('each group must have 4 or less digits')
    if (digits === '') return at('each colon-separated field must have at least one digit')
    if (rest[digits.length] === '.') return embeddedFlaw(rest, text, size, ellipsis)
    size += 2
    rest = rest.slice(digits.length)
    if (rest === '') break
    if (!rest.startsWith(':')) return at('unexpected character, want colon')
    if (rest.length === 1) return at('colon must be followed by more characters')
    rest = rest.slice(1)
    if (rest.startsWith(':')) {
      if (ellipsis >= 0) return at('multiple :: in address')
      ellipsis = size
      rest = rest.slice(1)
      if (rest === '') break
    }
  }
  if (rest !== '') return `trailing garbage after address (at ${quoteGo(rest)})`
  return ellipsis < 0
    ? 'address string too short'
    : 'the :: must expand to at least one field of zeros'
}

/** What is wrong with an IPv4 address at the end of an IPv6 address. */
function embeddedFlaw(rest: string, text: string, size: number, ellipsis: number): string {
  if (ellipsis < 0 && size !== 12) {
    return `embedded IPv4 address must replace the final 2 fields of the address (at ${quoteGo(rest)})`
  }
  if (size + 4 > 16) {
    return `too many hex fields to fit an embedded IPv4 at the end of the address (at ${quoteGo(rest)})`
  }
  return isIPv4(rest) ? `unable to parse ${text}` : ipv4Flaw(rest)
}

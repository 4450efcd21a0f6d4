import { CelError } from '../values/cel-error.ts'
import { Opaque } from '../values/opaque.ts'
import {
  type Address,
  formatAddress,
  formatPrefix,
  maskedValue,
  type Prefix,
  parseAddress,
  parsePrefix,
  widthOf,
} from '../values/parse-address.ts'
import type { CelValue, Outcome } from '../values/value.ts'
import { NO_SUCH_OVERLOAD } from './arithmetic.ts'
import { type CelFunction, global, member } from './function.ts'
import { CIDR, IP } from './signature.ts'

const BYTE = 8

/** An IP address. */
class IpValue extends Opaque {
  readonly address: Address

  constructor(address: Address) {
    super()
    this.address = address
  }

  get type() {
    return IP
  }

  override get chargedSize(): number {
    return widthOf(this.address) / BYTE
  }

  equals(other: CelValue): boolean | CelError {
    return other instanceof IpValue ? String(this) === String(other) : NO_SUCH_OVERLOAD
  }

  override toString(): string {
    return formatAddress(this.address)
  }

  toJson(): string {
    return String(this)
  }
}

/** A range of IP addresses. */
class CidrValue extends Opaque {
  readonly prefix: Prefix

  constructor(prefix: Prefix) {
    super()
    this.prefix = prefix
  }

  get type() {
    return CIDR
  }

  override get chargedSize(): number {
    return Math.ceil(this.prefix.bits / BYTE)
  }

  equals(other: CelValue): boolean | CelError {
    return other instanceof CidrValue ? String(this) === String(other) : NO_SUCH_OVERLOAD
  }

  override toString(): string {
    return formatPrefix(this.prefix)
  }

  toJson(): string {
    return String(this)
  }
}

function toIp(text: string): IpValue | CelError {
  const address = parseAddress(text)
  return address instanceof CelError ? address : new IpValue(address)
}

function toCidr(text: string): CidrValue | CelError {
  const prefix = parsePrefix(text)
  return prefix instanceof CelError ? prefix : new CidrValue(prefix)
}

/** Whether an address lies in a range of its own family. */
function isWithin({ address, bits }: Prefix, { family, value }: Address): boolean {
  const rest = BigInt(widthOf(address) - bits)
  return family === address.family && value >> rest === address.value >> rest
}

/** Texts that are none are an overload that is not there: upstream passes their error on so. */
const containsIp = ({ prefix }: CidrValue, ip: IpValue | CelError): Outcome =>
  ip instanceof CelError ? NO_SUCH_OVERLOAD : isWithin(prefix, ip.address)

function containsCidr({ prefix }: CidrValue, cidr: CidrValue | CelError): Outcome {
  if (cidr instanceof CelError) return cidr
  return prefix.bits <= cidr.prefix.bits && isWithin(prefix, cidr.prefix.address)
}

/** A property of addresses by what their first bits are, for each family. */
const test =
  (ofIpv4: (value: bigint) => boolean, ofIpv6: (value: bigint) => boolean) =>
  ({ address: { family, value } }: IpValue): Outcome =>
    family === 4 ? ofIpv4(value) : ofIpv6(value)

const isUnspecified = test(
  (value) => value === 0n,
  (value) => value === 0n,
)
const isLoopback = test(
  (value) => value >> 24n === 127n,
  (value) => value === 1n,
)
const isMulticast = test(
  (value) => value >> 28n === 0xen,
  (value) => value >> 120n === 0xffn,
)
const isLinkLocalMulticast = test(
  (value) => value >> 8n === 0xe00000n,
  (value) => value >> 120n === 0xffn && ((value >> 112n) & 0xfn) === 2n,
)
const isLinkLocalUnicast = test(
  (value) => value >> 16n === 0xa9fen,
  (value) => value >> 118n === 0x3fan,
)

function isGlobalUnicast(ip: IpValue): Outcome {
  const isBroadcast = ip.address.family === 4 && ip.address.value === 0xffffffffn
  const tests = [isUnspecified, isLoopback, isMulticast, isLinkLocalUnicast]
  return !isBroadcast && tests.every((isSpecial) => isSpecial(ip) === false)
}

const ofIp = '(Ip) -> bool'
const ofText = '(string) -> bool'

/** Kubernetes' libraries of IP addresses and of ranges of them. */
export const ADDRESS_FUNCTIONS: readonly CelFunction[] = [
  global('ip', 'string_to_ip', '(string) -> Ip', toIp),
  member('family', 'ip_family', '(Ip) -> int', ({ address }: IpValue) => address.family),
  global('ip.isCanonical', 'ip_is_canonical', ofText, (text: string) => {
    const ip = toIp(text)
    return ip instanceof CelError ? ip : String(ip) === text
  }),
  member('isUnspecified', 'ip_is_unspecified', ofIp, isUnspecified),
  member('isLoopback', 'ip_is_loopback', ofIp, isLoopback),
  member('isLinkLocalMulticast', 'ip_is_link_local_multicast', ofIp, isLinkLocalMulticast),
  member('isLinkLocalUnicast', 'ip_is_link_local_unicast', ofIp, isLinkLocalUnicast),
  member('isGlobalUnicast', 'ip_is_global_unicast', ofIp, isGlobalUnicast),
  global('isIP', 'is_ip', ofText, (text: string) => !(toIp(text) instanceof CelError)),
  global('string', 'ip_to_string', '(Ip) -> string', String),
  global('cidr', 'string_to_cidr', '(string) -> Cidr', toCidr),
  member(
    'containsIP',
    'cidr_contains_ip_string',
    '(Cidr, string) -> bool',
    (cidr: CidrValue, text: string) => containsIp(cidr, toIp(text)),
  ),
  member('containsIP', 'cidr_contains_ip_ip', '(Cidr, Ip) -> bool', containsIp),
  member(
    'containsCIDR',
    'cidr_contains_cidr_string',
    '(Cidr, string) -> bool',
    (cidr: CidrValue, text: string) => containsCidr(cidr, toCidr(text)),
  ),
  member('containsCIDR', 'cidr_contains_cidr', '(Cidr, Cidr) -> bool', containsCidr),
  member('ip', 'cidr_ip', '(Cidr) -> Ip', ({ prefix }: CidrValue) => new IpValue(prefix.address)),
  member('prefixLength', 'cidr_prefix_length', '(Cidr) -> int', ({ prefix }: CidrValue) => {
    return prefix.bits
  }),
  member('masked', 'cidr_masked', '(Cidr) -> Cidr', ({ prefix }: CidrValue) => {
    const address = { ...prefix.address, value: maskedValue(prefix) }
    return new CidrValue({ ...prefix, address })
  }),
  global('isCIDR', 'is_cidr', ofText, (text: string) => !(toCidr(text) instanceof CelError)),
  global('string', 'cidr_to_string', '(Cidr) -> string', String),
]

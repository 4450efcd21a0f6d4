import { type FieldErrors, type FieldPath, invalid } from '../../../machinery/field-error.ts'
import { type Cidr, isInCidr, parseCidr, parseIp } from '../../../machinery/ip-address.ts'

const NOT_AN_IP = 'must be a valid IP address'

/** Ranges where no service may send traffic to, with what they are. */
const REFUSED: readonly (readonly [cidrs: readonly (Cidr | undefined)[], why: string])[] = [
  [
    [parseCidr('127.0.0.0/8'), parseCidr('::1/128')],
    'may not be in the loopback range (127.0.0.0/8, ::1/128)',
  ],
  [
    [parseCidr('169.254.0.0/16'), parseCidr('fe80::/10')],
    'may not be in the link-local range (169.254.0.0/16, fe80::/10)',
  ],
  [
    [parseCidr('224.0.0.0/24'), parseCidr('ff02::/16')],
    'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  ],
]

/** Addresses of the node itself or of its link would let a service reach into nodes. */
export function* validateEndpointIp(text: string, path: FieldPath): FieldErrors {
  const address = parseIp(text)
  if (address === undefined) {
    yield invalid(path, text, NOT_AN_IP)
    return
  }
  if (address.value === 0n) yield invalid(path, text, `may not be unspecified (${text})`)
  for (const [cidrs, why] of REFUSED) {
    const isInside = cidrs.some((cidr) => cidr !== undefined && isInCidr(address, cidr))
    if (isInside) yield invalid(path, text, why)
  }
}

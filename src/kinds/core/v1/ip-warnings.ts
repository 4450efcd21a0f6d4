import type { FieldPath } from '../../../machinery/field-error.ts'
import { parseIp } from '../../../machinery/ip-address.ts'

/** Addresses that are understood, but not spelled as everybody spells them. */
export function ipWarnings(text: string, path: FieldPath): readonly string[] {
  const address = parseIp(text)
  if (address === undefined) return []
  const { flaws, canonical, family } = address
  const [given, better] = [text, canonical].map((one) => JSON.stringify(one))
  if (flaws.length > 0) {
    return [`${path}: non-standard IP address ${given} is invalid: use ${better}`]
  }
  if (family !== 'IPv6' || canonical === text) return []
  return [`${path}: IPv6 address ${given} should be in RFC 5952 canonical format (${better})`]
}

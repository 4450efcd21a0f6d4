import {
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { cidrErrors, parseCidr } from '../../../machinery/ip-address.ts'
import { FIELD_IS_IMMUTABLE, invalids } from '../../../machinery/validate-object-meta.ts'
import type { ServiceCIDR, ServiceCIDRSpec } from './service-cidr.ts'

/** One range, or one of each family. */
export function validateServiceCidr({ spec }: ServiceCIDR, path: FieldPath): FieldErrors {
  return validateRanges(spec, path.child('spec', 'cidrs'))
}

/** Ranges stay as they are, but for a second family that is added. */
export function* validateServiceCidrUpdate(
  { spec }: ServiceCIDR,
  old: ServiceCIDR,
  path: FieldPath,
): FieldErrors {
  const rangesPath = path.child('spec', 'cidrs')
  const { cidrs = [] } = spec
  const { cidrs: before = [] } = old.spec
  const isGrown = before.length === 1 && cidrs.length === 2
  if (before.length !== cidrs.length && !isGrown) {
    yield invalid(rangesPath, cidrs, FIELD_IS_IMMUTABLE)
    return
  }
  for (const [index, range] of before.entries()) {
    if (range !== cidrs[index]) {
      yield invalid(rangesPath.index(index), cidrs[index], FIELD_IS_IMMUTABLE)
    }
  }
  if (isGrown) yield* validateRanges(spec, rangesPath)
}

/** The status follows from what the controller does. */
export function* validateServiceCidrStatusUpdate(): FieldErrors {}

function* validateRanges(spec: ServiceCIDRSpec, path: FieldPath): FieldErrors {
  const { cidrs = [] } = spec
  if (cidrs.length === 0) {
    yield required(path, 'at least one CIDR required')
    return
  }
  if (cidrs.length > 2) {
    yield invalid(path, spec, 'may only hold up to 2 values')
    return
  }
  for (const [index, range] of cidrs.entries()) {
    yield* invalids(path.index(index), range, canonicalErrors(range))
  }
  const [first, second] = cidrs.map((range) => parseCidr(range)?.address.family)
  if (cidrs.length === 2 && first !== undefined && first === second) {
    const example = 'i.e 192.168.0.0/24 and 2001:db8::/64'
    yield invalid(path, cidrs, `may specify no more than one IP for each IP family, ${example}`)
  }
}

/** Why a text is no range, or not in the one form that each range has. */
function canonicalErrors(range: string): readonly string[] {
  const errors = cidrErrors(range)
  const canonical = parseCidr(range)?.canonical
  if (errors.length > 0 || canonical === undefined || canonical === range) return errors
  return [`must be in canonical form (${JSON.stringify(canonical)})`]
}

import type { ServiceSpec } from '../../kinds/core/v1/service-spec.ts'
import { type FieldError, FieldPath, invalid } from '../../machinery/field-error.ts'
import { familyOf, type IpFamily } from './address-range.ts'

const SPEC = FieldPath.root.child('spec')
const HEADLESS = 'None'

export interface IpFamilies {
  readonly ipFamilies: readonly IpFamily[]
  readonly ipFamilyPolicy: NonNullable<ServiceSpec['ipFamilyPolicy']>
  readonly errors: readonly FieldError[]
}

/**
 * The families that a service gets, of those that the cluster has (the first is the default), and
 * what is wrong with those it asks for. `old` is the service before an update.
 */
export function chooseIpFamilies(
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  configured: readonly IpFamily[],
): IpFamilies {
  const policy = spec.ipFamilyPolicy ?? old?.ipFamilyPolicy ?? defaultPolicy(spec)
  const given = (spec.ipFamilies ?? []).filter((one): one is IpFamily => one !== '')
  const asked = (spec.clusterIPs ?? []).filter((one) => one !== '' && one !== HEADLESS)
  const families: IpFamily[] = [...given]
  const errors: FieldError[] = []
  for (const [index, address] of asked.entries()) {
    if (index < families.length) continue
    const family = familyOf(address)
    if (configured.includes(family)) families.push(family)
    else {
      const path = SPEC.child('clusterIPs').index(index)
      errors.push(invalid(path, asked, `${family} is not configured on this cluster`))
    }
  }
  if (isHeadlessWithoutSelector(spec)) {
    return {
      ipFamilies: completed(families, policy, ['IPv4', 'IPv6'], configured),
      ipFamilyPolicy: policy,
      errors,
    }
  }
  errors.push(...checkFamilies(given, families, asked, policy, configured))
  return {
    ipFamilies: completed(families, policy, configured, configured),
    ipFamilyPolicy: policy,
    errors,
  }
}

/** Whoever publishes addresses of their own may publish any. */
function isHeadlessWithoutSelector({ clusterIPs = [], selector = {} }: ServiceSpec): boolean {
  return clusterIPs[0] === HEADLESS && Object.keys(selector).length === 0
}

function defaultPolicy(spec: ServiceSpec): IpFamilies['ipFamilyPolicy'] {
  return isHeadlessWithoutSelector(spec) ? 'RequireDualStack' : 'SingleStack'
}

function* checkFamilies(
  given: readonly IpFamily[],
  families: readonly IpFamily[],
  asked: readonly string[],
  policy: string,
  configured: readonly IpFamily[],
): Iterable<FieldError> {
  const path = SPEC.child('ipFamilyPolicy')
  if (policy === 'SingleStack' && (asked.length === 2 || families.length === 2)) {
    const what = asked.length === 2 ? 'cluster IPs' : 'IP families'
    const policies = "must be 'RequireDualStack' or 'PreferDualStack'"
    const why = `${policies} when multiple ${what} are specified`
    yield invalid(path, policy, why)
  }
  if (policy === 'RequireDualStack' && configured.length < 2) {
    yield invalid(path, policy, 'this cluster is not configured for dual-stack services')
  }
  for (const [index, family] of given.entries()) {
    if (configured.includes(family)) continue
    yield invalid(SPEC.child('ipFamilies').index(index), family, 'not configured on this cluster')
  }
}

function completed(
  families: readonly IpFamily[],
  policy: string,
  available: readonly IpFamily[],
  configured: readonly IpFamily[],
): readonly IpFamily[] {
  const [first = configured[0] ?? 'IPv4'] = families
  if (families.length === 2) return families
  const second = available.find((one) => one !== first)
  return policy === 'SingleStack' || second === undefined ? [first] : [first, second]
}

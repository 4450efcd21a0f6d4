import { validateServiceAddresses } from '../../kinds/core/v1/service-address-validation.ts'
import type { ServiceSpec } from '../../kinds/core/v1/service-spec.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import { type FieldError, FieldPath, invalid } from '../../machinery/field-error.ts'
import type { IpFamily } from '../../machinery/ip-address.ts'
import { familyOf } from './address-range.ts'

const SPEC = FieldPath.root.child('spec')
const POLICY = SPEC.child('ipFamilyPolicy')
const HEADLESS = 'None'
const OTHER: Readonly<Record<string, IpFamily>> = { IPv4: 'IPv6', IPv6: 'IPv4' }

/** A spec with its families, or what is wrong with what it asks for. */
export interface SpecWithFamilies {
  readonly spec: ServiceSpec
  readonly errors: readonly FieldError[]
}

/**
 * The families and the policy that a service gets, of the families that the cluster has (the first
 * is the default). `old` is the service before an update: it is never made to have two families,
 * or one, by a change of the cluster alone.
 */
export function withIpFamilies(
  given: ServiceSpec,
  old: ServiceSpec | undefined,
  configured: readonly IpFamily[],
): SpecWithFamilies {
  if (given.type === 'ExternalName' || (old !== undefined && isSettled(given, old))) {
    return { spec: given, errors: [] }
  }
  const policy = given.ipFamilyPolicy ?? old?.ipFamilyPolicy ?? defaultPolicy(given)
  const wanted = { ...given, ipFamilyPolicy: policy }
  const wrong = [...validateServiceAddresses(wanted, old, SPEC)]
  if (wrong.length > 0) return { spec: wanted, errors: wrong }
  const spec = old === undefined ? wanted : withoutSecond(wanted, old)
  const ofAddresses = familiesOfAddresses(spec, configured)
  const errors = [
    ...(old === undefined ? [] : reductionErrors(spec, old)),
    ...singleStackErrors(spec),
    ...ofAddresses.errors,
  ]
  if (errors.length > 0) return { spec, errors }
  return completed(spec, ofAddresses.families, configured)
}

/** One that prefers two families, and whose addresses and families nobody changes. */
function isSettled(spec: ServiceSpec, old: ServiceSpec): boolean {
  const { ipFamilyPolicy: before = 'PreferDualStack' } = old
  return (
    spec.ipFamilyPolicy === 'PreferDualStack' &&
    before === 'PreferDualStack' &&
    spec.type === old.type &&
    deepEqual(spec.clusterIPs ?? [], old.clusterIPs ?? []) &&
    deepEqual(spec.ipFamilies ?? [], old.ipFamilies ?? [])
  )
}

function defaultPolicy(spec: ServiceSpec): NonNullable<ServiceSpec['ipFamilyPolicy']> {
  return isHeadlessWithoutSelector(spec) ? 'RequireDualStack' : 'SingleStack'
}

/** Whoever publishes addresses of their own may publish any. */
function isHeadlessWithoutSelector({ clusterIP, selector = {} }: ServiceSpec): boolean {
  return clusterIP === HEADLESS && Object.keys(selector).length === 0
}

/** To ask for one family says enough: what was not touched of the second goes. */
function withoutSecond(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  if (spec.ipFamilyPolicy !== 'SingleStack') return spec
  const { clusterIPs = [], ipFamilies = [] } = spec
  const losesAddress = clusterIPs.length > 1 && deepEqual(clusterIPs, old.clusterIPs)
  const losesFamily = ipFamilies.length > 1 && deepEqual(ipFamilies, old.ipFamilies)
  return {
    ...spec,
    ...(losesAddress && { clusterIPs: clusterIPs.slice(0, 1) }),
    ...(losesFamily && { ipFamilies: ipFamilies.slice(0, 1) }),
  }
}

/** To leave the second out without saying so is a mistake rather than a wish. */
function* reductionErrors(spec: ServiceSpec, old: ServiceSpec): Iterable<FieldError> {
  const { ipFamilyPolicy: policy } = spec
  if (policy === 'SingleStack') return
  if (isReduced(spec.clusterIPs, old.clusterIPs)) {
    yield invalid(POLICY, policy, "must be 'SingleStack' to release the secondary cluster IP")
  }
  if (isReduced(spec.ipFamilies, old.ipFamilies)) {
    yield invalid(POLICY, policy, "must be 'SingleStack' to release the secondary IP family")
  }
}

function isReduced(list: readonly string[] = [], old: readonly string[] = []): boolean {
  return list.length > 0 && list.length < old.length
}

function* singleStackErrors(spec: ServiceSpec): Iterable<FieldError> {
  const { ipFamilyPolicy: policy, clusterIPs = [], ipFamilies = [] } = spec
  if (policy !== 'SingleStack') return
  const policies = "must be 'RequireDualStack' or 'PreferDualStack'"
  if (clusterIPs.length === 2) {
    yield invalid(POLICY, policy, `${policies} when multiple cluster IPs are specified`)
  }
  if (ipFamilies.length === 2) {
    yield invalid(POLICY, policy, `${policies} when multiple IP families are specified`)
  }
}

/** The families that are named, followed by those of the addresses past them. */
function familiesOfAddresses(spec: ServiceSpec, configured: readonly IpFamily[]) {
  const { clusterIPs = [], ipFamilies = [] } = spec
  const families = ipFamilies as readonly IpFamily[]
  const errors: FieldError[] = []
  const added: IpFamily[] = []
  if (clusterIPs[0] === HEADLESS) return { families, errors }
  for (const [index, address] of clusterIPs.entries()) {
    if (index < families.length + added.length) continue
    const family = familyOf(address)
    if (configured.includes(family)) added.push(family)
    else {
      const path = SPEC.child('clusterIPs').index(index)
      errors.push(invalid(path, clusterIPs, `${family} is not configured on this cluster`))
    }
  }
  return { families: [...families, ...added], errors }
}

function completed(
  spec: ServiceSpec,
  families: readonly IpFamily[],
  configured: readonly IpFamily[],
): SpecWithFamilies {
  const [first = configured[0] ?? 'IPv4'] = families
  const isSingle = spec.ipFamilyPolicy === 'SingleStack'
  const isFree = isHeadlessWithoutSelector(spec)
  const errors = isFree ? [] : [...configurationErrors(spec, families, configured)]
  const mayHaveBoth = isFree || configured.length === 2
  const second = families.length < 2 && !isSingle && mayHaveBoth ? OTHER[first] : undefined
  const [, own] = families
  const both = [first, own ?? second].filter((one) => one !== undefined)
  return { spec: { ...spec, ipFamilies: both }, errors }
}

function* configurationErrors(
  spec: ServiceSpec,
  families: readonly IpFamily[],
  configured: readonly IpFamily[],
): Iterable<FieldError> {
  if (spec.ipFamilyPolicy === 'RequireDualStack' && configured.length < 2) {
    const why = 'this cluster is not configured for dual-stack services'
    yield invalid(POLICY, spec.ipFamilyPolicy, why)
  }
  for (const [index, family] of families.entries()) {
    if (configured.includes(family)) continue
    yield invalid(SPEC.child('ipFamilies').index(index), family, 'not configured on this cluster')
  }
}

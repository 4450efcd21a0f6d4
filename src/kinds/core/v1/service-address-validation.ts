import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { ipErrors, parseIp } from '../../../machinery/ip-address.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import type { ServiceSpec } from './service-spec.ts'

const FAMILIES = ['IPv4', 'IPv6']
const FAMILY_POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
const FIXED = 'may not change once set'

/** Without an address of its own: clients get those of the pods. */
export function isHeadless({ clusterIPs = [] }: ServiceSpec): boolean {
  return clusterIPs.length === 1 && clusterIPs[0] === 'None'
}

/** How addresses, families and the policy fit together. */
export function* validateServiceAddresses(
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  path: FieldPath,
): FieldErrors {
  if (spec.type === 'ExternalName') return
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec
  const ipsPath = path.child('clusterIPs')
  if (clusterIP !== '') {
    if (clusterIPs.length === 0) yield required(ipsPath)
    else if (clusterIPs[0] !== clusterIP) {
      yield invalid(ipsPath, clusterIPs, 'first value must match `clusterIP`')
    }
  } else if (clusterIPs.length > 0) {
    yield invalid(ipsPath, clusterIPs, 'must be empty when `clusterIP` is not specified')
  }
  const seen = new Set<string>()
  for (const [index, family] of ipFamilies.entries()) {
    const familyPath = path.child('ipFamilies').index(index)
    if (!FAMILIES.includes(family)) yield notSupported(familyPath, family, FAMILIES)
    if (seen.has(family)) yield duplicate(familyPath, family)
    seen.add(family)
  }
  if (ipFamilyPolicy !== undefined && !FAMILY_POLICIES.includes(ipFamilyPolicy)) {
    yield notSupported(path.child('ipFamilyPolicy'), ipFamilyPolicy, FAMILY_POLICIES)
  }
  yield* validateClusterIps(spec, old?.clusterIPs ?? [], ipsPath)
}

function* validateClusterIps(
  spec: ServiceSpec,
  known: readonly string[],
  path: FieldPath,
): FieldErrors {
  const { clusterIPs = [], ipFamilies = [] } = spec
  const isMisplacedNone = clusterIPs[0] === 'None' && clusterIPs.length > 1
  if (isMisplacedNone) yield invalid(path, clusterIPs, "'None' must be the first and only value")
  const wrong = clusterIPs.flatMap((ip, index) =>
    (index === 0 && ip === 'None') || known.includes(ip)
      ? []
      : invalids(path.index(index), ip, ipErrors(ip)),
  )
  yield* wrong
  if (clusterIPs.length > 2) yield invalid(path, clusterIPs, 'may only hold up to 2 values')
  if (wrong.length > 0 || isMisplacedNone) return
  const families = clusterIPs.map((ip) => parseIp(ip)?.family)
  if (clusterIPs.length > 1 && new Set(families).size !== 2) {
    yield invalid(path, clusterIPs, 'may specify no more than one IP for each IP family')
  }
  if (isHeadless(spec)) return
  for (const [index, ip] of clusterIPs.entries()) {
    const family = ipFamilies[index]
    if (family === undefined || !FAMILIES.includes(family) || family === families[index]) continue
    const why = `expected an ${family} value as indicated by \`ipFamilies[${index}]\``
    yield invalid(path.index(index), ip, why)
  }
}

/** The first address and family stay; a second may come, and go when the policy says so. */
export function* validateAddressChanges(
  spec: ServiceSpec,
  old: ServiceSpec,
  path: FieldPath,
): FieldErrors {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return
  const [isNowHeadless, wasHeadless] = [isHeadless(spec), isHeadless(old)]
  if (!isNowHeadless || !wasHeadless) {
    yield* validateListChange('clusterIPs', 'clusterIP', spec, old, path)
  }
  if (!isNowHeadless && !wasHeadless) {
    yield* validateListChange('ipFamilies', 'ipFamily', spec, old, path)
  }
}

function* validateListChange(
  list: 'clusterIPs' | 'ipFamilies',
  singular: string,
  spec: ServiceSpec,
  old: ServiceSpec,
  path: FieldPath,
): FieldErrors {
  const values = spec[list] ?? []
  const oldValues = old[list] ?? []
  const listPath = path.child(list)
  if (values.length === oldValues.length) {
    for (const [index, value] of oldValues.entries()) {
      if (value === values[index]) continue
      yield invalid(listPath.index(list === 'ipFamilies' ? 0 : index), values, FIXED)
    }
    return
  }
  const isReleased = values.length < oldValues.length
  if (isReleased && values.length === 0) {
    yield invalid(listPath.index(0), values, `primary ${singular} can not be unset`)
  }
  if (values.length > 0 && oldValues.length > 0 && values[0] !== oldValues[0]) {
    yield invalid(listPath.index(0), values, FIXED)
  }
  if (isReleased && values.length === 1 && spec.ipFamilyPolicy !== 'SingleStack') {
    const why = `must be set to 'SingleStack' when releasing the secondary ${singular}`
    yield invalid(path.child('ipFamilyPolicy'), spec.ipFamilyPolicy, why)
  }
}

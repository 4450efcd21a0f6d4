import { Service } from '../../kinds/core/v1/service.ts'
import { setServiceDefaults } from '../../kinds/core/v1/service-defaults.ts'
import type { ServiceSpec } from '../../kinds/core/v1/service-spec.ts'
import { applyDefaults } from '../../machinery/apply-defaults.ts'
import type { IpFamily } from '../../machinery/ip-address.ts'
import type { Completion } from '../../machinery/kind.ts'
import { familyOf } from './address-range.ts'
import { needsClusterIp, withClusterIpsOfNew, withoutUnusedPolicy } from './service-fields.ts'

/**
 * What old servers have stored of services before there were two families of addresses, as it is
 * shown today (upstream's `defaultOnRead`). `primary` is the family of the cluster's first range.
 */
export function serviceCompletion(primary: IpFamily): Completion {
  return {
    // What has both lists needs nothing: a name elsewhere, which may, has none.
    looksComplete: (bytes) => bytes.includes('"clusterIPs":[') && bytes.includes('"ipFamilies":['),
    complete: (object) => completed(object as Service, primary),
  }
}

function completed(service: Service, primary: IpFamily): Service {
  const { spec } = service
  if (withWhatIsMissing(spec, primary) === spec) return service
  const defaulted = setServiceDefaults(applyDefaults(Service.schema, service) as Service)
  return { ...defaulted, spec: withWhatIsMissing(defaulted.spec, primary) }
}

function withWhatIsMissing(given: ServiceSpec, primary: IpFamily): ServiceSpec {
  const spec = withoutUnusedPolicy(withClusterIpsOfNew(given))
  if (!needsClusterIp(spec) || (spec.ipFamilies ?? []).length > 0) return spec
  const ipFamilies = familiesOf(spec, primary)
  if (ipFamilies.length === 0) return spec
  const ipFamilyPolicy = ipFamilies.length === 1 ? 'SingleStack' : 'RequireDualStack'
  return { ...spec, ipFamilies, ipFamilyPolicy }
}

/** Who publishes addresses of their own may publish those of both families, on any cluster. */
function familiesOf(spec: ServiceSpec, primary: IpFamily): readonly IpFamily[] {
  const { clusterIP, clusterIPs = [], selector = {} } = spec
  if (clusterIP !== 'None') return clusterIPs.map(familyOf)
  if (Object.keys(selector).length > 0) return [primary]
  return [primary, primary === 'IPv4' ? 'IPv6' : 'IPv4']
}

import { FieldPath } from '../../../machinery/field-error.ts'
import { ipWarnings } from './ip-warnings.ts'
import type { Service } from './service.ts'

const HINTS = 'service.kubernetes.io/topology-aware-hints'
const MODE = 'service.kubernetes.io/topology-mode'
const SPEC = FieldPath.root.child('spec')

/** What of a service has no effect, or will have none. */
export function* serviceWarnings({ metadata, spec }: Service): Iterable<string> {
  if (metadata.annotations?.[HINTS] !== undefined) {
    yield `annotation ${HINTS} is deprecated, please use ${MODE} instead`
  }
  const { type, clusterIP = '', clusterIPs = [], externalIPs = [], loadBalancerIP = '' } = spec
  if (clusterIP !== '' && clusterIP !== 'None') {
    for (const [index, ip] of clusterIPs.entries()) {
      yield* ipWarnings(ip, SPEC.child('clusterIPs').index(index))
    }
  }
  const isHeadless = type === 'ClusterIP' && clusterIP === 'None'
  if (isHeadless) {
    if (loadBalancerIP !== '') yield 'spec.loadBalancerIP is ignored for headless services'
    if (externalIPs.length > 0) yield 'spec.externalIPs is ignored for headless services'
    if (spec.sessionAffinity !== 'None') {
      yield 'spec.SessionAffinity is ignored for headless services'
    }
  }
  for (const [index, ip] of externalIPs.entries()) {
    yield* ipWarnings(ip, SPEC.child('externalIPs').index(index))
  }
  const isName = type === 'ExternalName'
  if (externalIPs.length > 0 && !isHeadless && !isName) {
    yield 'spec.externalIPs is deprecated and may no longer be implemented in some clusters'
  }
  yield* ipWarnings(loadBalancerIP, SPEC.child('loadBalancerIP'))
  if (isName && externalIPs.length > 0) {
    yield 'spec.externalIPs is ignored when spec.type is "ExternalName"'
  }
  if (!isName && spec.externalName) {
    yield 'spec.externalName is ignored when spec.type is not "ExternalName"'
  }
  if (spec.trafficDistribution === 'PreferClose') {
    yield 'spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"'
  }
}

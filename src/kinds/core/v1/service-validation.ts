import {
  collected,
  duplicate,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { cidrErrors, ipErrors } from '../../../machinery/ip-address.ts'
import { portNumberErrors } from '../../../machinery/names.ts'
import { invalids, validateLabels } from '../../../machinery/validate-object-meta.ts'
import { validateEndpointIp } from './endpoint-ip.ts'
import {
  validateDnsLabel,
  validateDnsSubdomain,
  validateOneOf,
  validatePort,
  validatePortNumber,
  validateQualifiedName,
} from './field-rules.ts'
import type { Service } from './service.ts'
import { isHeadless, validateServiceAddresses } from './service-address-validation.ts'
import type { ServicePort, ServiceSpec } from './service-spec.ts'

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const AFFINITIES = ['ClientIP', 'None']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const POLICIES = ['Cluster', 'Local']
const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode']
const MOST_SESSION_SECONDS = 86_400
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'"

/** What is wrong with a service; `old` is what it was, whose addresses are not questioned. */
export function* validateServiceObject(
  { spec }: Service,
  old: ServiceSpec | undefined,
  path: FieldPath,
): FieldErrors {
  const specPath = path.child('spec')
  const { ports = [], type } = spec
  if (ports.length === 0 && !isHeadless(spec) && type !== 'ExternalName') {
    yield required(specPath.child('ports'))
  }
  yield* validateByType(spec, specPath)
  yield* validatePorts(ports, specPath.child('ports'))
  yield* collected(validateLabels, spec.selector, specPath.child('selector'))
  yield* validateAffinity(spec, specPath)
  yield* validateServiceAddresses(spec, old, specPath)
  for (const [index, ip] of (spec.externalIPs ?? []).entries()) {
    const ipPath = specPath.child('externalIPs').index(index)
    const reasons = old?.externalIPs?.includes(ip) ? [] : ipErrors(ip)
    if (reasons.length > 0) yield* invalids(ipPath, ip, reasons)
    else yield* validateEndpointIp(ip, ipPath)
  }
  yield* validateOneOf(type, TYPES, specPath.child('type'))
  yield* validatePortCombinations(spec, specPath.child('ports'))
  yield* validateLoadBalancer(spec, old, specPath)
  yield* validateTraffic(spec, specPath)
}

function* validateByType(spec: ServiceSpec, path: FieldPath): FieldErrors {
  const { type, clusterIPs = [], ipFamilies = [], ipFamilyPolicy, externalName = '' } = spec
  if (isHeadless(spec) && (type === 'LoadBalancer' || type === 'NodePort')) {
    const why = `may not be set to 'None' for ${type} services`
    yield invalid(path.child('clusterIPs').index(0), clusterIPs[0], why)
  }
  if (type !== 'ExternalName') return
  const why = 'may not be set for ExternalName services'
  if (clusterIPs.length > 0) yield forbidden(path.child('clusterIPs'), why)
  if (ipFamilies.length > 0) yield forbidden(path.child('ipFamilies'), why)
  if (ipFamilyPolicy !== undefined) yield forbidden(path.child('ipFamilyPolicy'), why)
  const target = externalName.replace(/\.$/, '')
  if (target === '') yield required(path.child('externalName'))
  else yield* validateDnsSubdomain(target, path.child('externalName'))
}

function* validatePorts(ports: readonly ServicePort[], path: FieldPath): FieldErrors {
  const names = new Set<string>()
  for (const [index, { name = '', port, protocol, targetPort, appProtocol }] of ports.entries()) {
    const portPath = path.index(index)
    if (name !== '') {
      yield* validateDnsLabel(name, portPath.child('name'))
      if (names.has(name)) yield duplicate(portPath.child('name'), name)
      names.add(name)
    } else if (ports.length > 1) yield required(portPath.child('name'))
    yield* validatePortNumber(port, portPath.child('port'))
    yield* validateOneOf(protocol, PROTOCOLS, portPath.child('protocol'))
    yield* validatePort(targetPort, portPath.child('targetPort'))
    if (appProtocol !== undefined) {
      yield* validateQualifiedName(appProtocol, portPath.child('appProtocol'))
    }
  }
}

/** One protocol has each port, and each port of the nodes, once. */
function* validatePortCombinations(
  { type, ports = [] }: ServiceSpec,
  path: FieldPath,
): FieldErrors {
  const nodePorts = new Set<string>()
  const pairs = new Set<string>()
  for (const [index, { protocol, port, nodePort = 0 }] of ports.entries()) {
    const portPath = path.index(index)
    if (nodePort !== 0) {
      const nodePortPath = portPath.child('nodePort')
      if (type === 'ClusterIP') {
        yield forbidden(nodePortPath, "may not be used when `type` is 'ClusterIP'")
      }
      if (nodePorts.has(`${protocol}/${nodePort}`)) yield duplicate(nodePortPath, nodePort)
      nodePorts.add(`${protocol}/${nodePort}`)
    }
    if (pairs.has(`${protocol}/${port}`)) yield duplicate(portPath, { protocol, port })
    pairs.add(`${protocol}/${port}`)
  }
}

function* validateAffinity(spec: ServiceSpec, path: FieldPath): FieldErrors {
  const { sessionAffinity, sessionAffinityConfig: config } = spec
  yield* validateOneOf(sessionAffinity, AFFINITIES, path.child('sessionAffinity'))
  const configPath = path.child('sessionAffinityConfig')
  if (sessionAffinity === 'None' && config !== undefined) {
    yield forbidden(configPath, 'must not be set when session affinity is None')
  }
  if (sessionAffinity !== 'ClientIP') return
  const seconds = config?.clientIP?.timeoutSeconds
  const secondsPath = configPath.child('clientIP', 'timeoutSeconds')
  if (seconds === undefined) yield required(configPath, 'when session affinity type is ClientIP')
  else if (seconds <= 0 || seconds > MOST_SESSION_SECONDS) {
    const why = `must be greater than 0 and less than ${MOST_SESSION_SECONDS}`
    yield invalid(secondsPath, seconds, why)
  }
}

function* validateLoadBalancer(
  spec: ServiceSpec,
  old: ServiceSpec | undefined,
  path: FieldPath,
): FieldErrors {
  const isLoadBalancer = spec.type === 'LoadBalancer'
  const ranges = spec.loadBalancerSourceRanges ?? []
  const rangesPath = path.child('LoadBalancerSourceRanges')
  if (ranges.length > 0 && !isLoadBalancer) yield forbidden(rangesPath, ONLY_LOAD_BALANCER)
  const known = (old?.loadBalancerSourceRanges ?? []).map((range) => range.trim())
  for (const [index, padded] of ranges.entries()) {
    const range = padded.trim()
    if (!known.includes(range)) yield* invalids(rangesPath.index(index), range, cidrErrors(range))
  }
  if (spec.allocateLoadBalancerNodePorts !== undefined && !isLoadBalancer) {
    yield forbidden(path.child('allocateLoadBalancerNodePorts'), ONLY_LOAD_BALANCER)
  }
  yield* validateBalancerClass(spec, path)
}

/** Which implementation a load balancer is of; no other service has one. */
export function* validateBalancerClass(spec: ServiceSpec, path: FieldPath): FieldErrors {
  const { loadBalancerClass, type } = spec
  const classPath = path.child('loadBalancerClass')
  if (loadBalancerClass === undefined) return
  if (type === 'LoadBalancer') yield* validateQualifiedName(loadBalancerClass, classPath)
  else yield forbidden(classPath, ONLY_LOAD_BALANCER)
}

function* validateTraffic(spec: ServiceSpec, path: FieldPath): FieldErrors {
  const { type, externalIPs = [], externalTrafficPolicy, trafficDistribution } = spec
  const externalPath = path.child('externalTrafficPolicy')
  const hasNodePorts = type === 'LoadBalancer' || type === 'NodePort'
  if (hasNodePorts || (type === 'ClusterIP' && externalIPs.length > 0)) {
    yield* validateOneOf(externalTrafficPolicy, POLICIES, externalPath)
  } else if (externalTrafficPolicy) {
    const why = 'may only be set for externally-accessible services'
    yield invalid(externalPath, externalTrafficPolicy, why)
  }
  yield* validateHealthCheckPort(spec, path.child('healthCheckNodePort'))
  const internalTrafficPolicy: string | undefined = spec.internalTrafficPolicy
  const internalPath = path.child('internalTrafficPolicy')
  if (internalTrafficPolicy === '') yield notSupported(internalPath, '', POLICIES)
  else if (internalTrafficPolicy !== undefined || type !== 'ExternalName') {
    yield* validateOneOf(internalTrafficPolicy, POLICIES, internalPath)
  }
  if (trafficDistribution !== undefined && !DISTRIBUTIONS.includes(trafficDistribution)) {
    yield notSupported(path.child('trafficDistribution'), trafficDistribution, DISTRIBUTIONS)
  }
}

/** Load balancers ask the nodes whether they have a pod only where traffic stays on the node. */
function* validateHealthCheckPort(spec: ServiceSpec, path: FieldPath): FieldErrors {
  const { healthCheckNodePort: port = 0 } = spec
  if (needsHealthCheck(spec)) {
    if (port === 0) yield required(path)
    else yield* invalids(path, port, portNumberErrors(port))
  } else if (port !== 0) {
    const when = "when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    yield invalid(path, port, `may only be set ${when}`)
  }
}

export function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
}

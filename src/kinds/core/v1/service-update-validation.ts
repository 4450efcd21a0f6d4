import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { parseIp } from '../../../machinery/ip-address.ts'
import { FIELD_IS_IMMUTABLE } from '../../../machinery/validate-object-meta.ts'
import { validateDnsSubdomain, validateIp } from './field-rules.ts'
import type { Service } from './service.ts'
import { validateAddressChanges } from './service-address-validation.ts'
import {
  needsHealthCheck,
  validateBalancerClass,
  validateServiceObject,
} from './service-validation.ts'

const IP_MODES = ['Proxy', 'VIP']

export function validateService(service: Service, path: FieldPath): FieldErrors {
  return validateServiceObject(service, undefined, path)
}

export function* validateServiceUpdate(
  service: Service,
  old: Service,
  path: FieldPath,
): FieldErrors {
  const specPath = path.child('spec')
  const [spec, oldSpec] = [service.spec, old.spec]
  yield* validateAddressChanges(spec, oldSpec, specPath)
  const isBalancer = spec.type === 'LoadBalancer' && oldSpec.type === 'LoadBalancer'
  if (isBalancer && spec.loadBalancerClass !== oldSpec.loadBalancerClass) {
    const classPath = specPath.child('loadBalancerClass')
    yield invalid(classPath, spec.loadBalancerClass, 'may not change once set')
  }
  yield* validateBalancerClass(spec, specPath)
  const hasChecks = needsHealthCheck(spec) && needsHealthCheck(oldSpec)
  if (hasChecks && spec.healthCheckNodePort !== oldSpec.healthCheckNodePort) {
    yield forbidden(specPath.child('healthCheckNodePort'), FIELD_IS_IMMUTABLE)
  }
  yield* validateServiceObject(service, oldSpec, path)
}

export function* validateServiceStatusUpdate(
  { spec, status }: Service,
  old: Service,
  path: FieldPath,
): FieldErrors {
  const { ingress = [] } = status.loadBalancer
  const ingressPath = path.child('status', 'loadBalancer', 'ingress')
  if (spec.type !== 'LoadBalancer') {
    if (ingress.length === 0) return
    yield forbidden(ingressPath, "may only be used when `spec.type` is 'LoadBalancer'")
    return
  }
  const known = (old.status.loadBalancer.ingress ?? []).map((one) => one.ip)
  for (const [index, { ip = '', ipMode, hostname = '' }] of ingress.entries()) {
    const itemPath = ingressPath.index(index)
    const modePath = itemPath.child('ipMode')
    if (ip !== '' && !known.includes(ip)) yield* validateIp(ip, itemPath.child('ip'))
    if (ipMode === undefined) {
      if (ip !== '') yield required(modePath, 'must be specified when `ip` is set')
    } else if (ip === '') yield forbidden(modePath, 'may not be specified when `ip` is not set')
    else if (!IP_MODES.includes(ipMode)) yield notSupported(modePath, ipMode, IP_MODES)
    if (hostname === '') continue
    const namePath = itemPath.child('hostname')
    yield* validateDnsSubdomain(hostname, namePath)
    if (parseIp(hostname) !== undefined) {
      yield invalid(namePath, hostname, 'must be a DNS name, not an IP address')
    }
  }
}

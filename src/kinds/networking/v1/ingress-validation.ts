import {
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { parseIp } from '../../../machinery/ip-address.ts'
import {
  dns1123SubdomainErrors,
  labelNameErrors,
  pathSegmentErrors,
  portNameErrors,
  subdomainNameErrors,
  wildcardSubdomainErrors,
} from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateDnsSubdomain, validateIp, validatePortNumber } from '../../core/v1/field-rules.ts'
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressRule,
  IngressServiceBackend,
  IngressSpec,
  IngressTLS,
} from './ingress.ts'

const CLASS_ANNOTATION = 'kubernetes.io/ingress.class'
const PATH_TYPES = ['Exact', 'ImplementationSpecific', 'Prefix']
const BAD_SEQUENCES = ['//', '/./', '/../', '%2f', '%2F']
const BAD_ENDS = ['/..', '/.']
const NOT_AN_ADDRESS = 'must be a DNS name, not an IP address'

export function* validateIngress({ metadata, spec }: Ingress, path: FieldPath): FieldErrors {
  yield* validateSpec(spec, path.child('spec'))
  const annotation = metadata.annotations?.[CLASS_ANNOTATION]
  if (annotation === undefined || spec.ingressClassName === undefined) return
  if (annotation === spec.ingressClassName) return
  const why = 'must match `ingressClassName` when both are specified'
  yield invalid(path.child('annotations', CLASS_ANNOTATION), annotation, why)
}

/** Annotation and field may differ once an ingress is there: one of them is being left behind. */
export function validateIngressUpdate(
  { spec }: Ingress,
  _old: Ingress,
  path: FieldPath,
): FieldErrors {
  return validateSpec(spec, path.child('spec'))
}

export function* validateIngressStatusUpdate(
  { status }: Ingress,
  old: Ingress,
  path: FieldPath,
): FieldErrors {
  const listPath = path.child('status', 'loadBalancer', 'ingress')
  const known = (old.status.loadBalancer.ingress ?? []).map(({ ip }) => ip)
  for (const [index, { ip = '', hostname = '' }] of (status.loadBalancer.ingress ?? []).entries()) {
    const itemPath = listPath.index(index)
    if (ip !== '' && !known.includes(ip)) yield* validateIp(ip, itemPath.child('ip'))
    if (hostname === '') continue
    yield* validateDnsSubdomain(hostname, itemPath.child('hostname'))
    if (parseIp(hostname) === undefined) continue
    yield invalid(itemPath.child('hostname'), hostname, NOT_AN_ADDRESS)
  }
}

function* validateSpec(spec: IngressSpec, path: FieldPath): FieldErrors {
  const { rules = [], tls = [], defaultBackend, ingressClassName: className } = spec
  if (rules.length === 0 && defaultBackend === undefined) {
    yield invalid(path, spec.rules ?? null, 'either `defaultBackend` or `rules` must be specified')
  }
  if (defaultBackend !== undefined) {
    yield* validateBackend(defaultBackend, path.child('defaultBackend'))
  }
  for (const [index, rule] of rules.entries()) {
    yield* validateRule(rule, path.child('rules').index(index))
  }
  for (const [index, one] of tls.entries()) {
    yield* validateTls(one, path.child('tls').index(index))
  }
  if (className === undefined) return
  const reasons = subdomainNameErrors(className, false)
  yield* invalids(path.child('ingressClassName'), className, reasons)
}

function* validateTls({ hosts = [], secretName = '' }: IngressTLS, path: FieldPath): FieldErrors {
  for (const [index, host] of hosts.entries()) {
    yield* validateHost(host, path.child('hosts').index(index))
  }
  if (secretName === '') return
  const reasons = subdomainNameErrors(secretName, false)
  yield* invalids(path.child('secretName'), secretName, reasons)
}

function validateHost(host: string, path: FieldPath): FieldErrors {
  const errorsOf = host.includes('*') ? wildcardSubdomainErrors : dns1123SubdomainErrors
  return invalids(path, host, errorsOf(host))
}

function* validateRule({ host = '', http }: IngressRule, path: FieldPath): FieldErrors {
  const hostPath = path.child('host')
  if (host !== '') {
    if (parseIp(host) !== undefined) yield invalid(hostPath, host, NOT_AN_ADDRESS)
    yield* validateHost(host, hostPath)
  }
  if (http === undefined) return
  const pathsPath = path.child('http', 'paths')
  if (http.paths.length === 0) yield required(pathsPath)
  for (const [index, one] of http.paths.entries()) {
    yield* validateHttpPath(one, pathsPath.index(index))
  }
}

function* validateHttpPath(given: HTTPIngressPath, path: FieldPath): FieldErrors {
  const { path: text = '', pathType, backend } = given
  const textPath = path.child('path')
  if (!pathType) {
    yield required(path.child('pathType'), 'pathType must be specified')
    return
  }
  if (!PATH_TYPES.includes(pathType)) {
    yield notSupported(path.child('pathType'), pathType, PATH_TYPES)
  } else if (pathType !== 'ImplementationSpecific' || text !== '') {
    if (!text.startsWith('/')) yield invalid(textPath, text, 'must be an absolute path')
  }
  if (pathType === 'Exact' || pathType === 'Prefix') {
    for (const bad of BAD_SEQUENCES) {
      if (text.includes(bad)) yield invalid(textPath, text, `must not contain '${bad}'`)
    }
    for (const bad of BAD_ENDS) {
      if (text.endsWith(bad)) yield invalid(textPath, text, `cannot end with '${bad}'`)
    }
  }
  yield* validateBackend(backend, path.child('backend'))
}

function* validateBackend({ service, resource }: IngressBackend, path: FieldPath): FieldErrors {
  if (service !== undefined && resource !== undefined) {
    yield invalid(path, '', 'cannot set both resource and service backends')
  } else if (resource !== undefined) {
    yield* validateLocalReference(resource, path.child('resource'))
  } else if (service !== undefined) yield* validateService(service, path)
  else yield invalid(path, '', 'resource or service backend is required')
}

function* validateService({ name, port }: IngressServiceBackend, path: FieldPath): FieldErrors {
  const namePath = path.child('service', 'name')
  const portPath = path.child('service', 'port')
  if (name === '') yield required(namePath)
  else yield* invalids(namePath, name, labelNameErrors(name, false))
  const { name: portName = '', number = 0 } = port
  if (portName !== '' && number !== 0) {
    yield invalid(path, '', 'cannot set both port name & port number')
  } else if (portName !== '') {
    yield* invalids(portPath.child('name'), portName, portNameErrors(portName))
  } else if (number !== 0) yield* validatePortNumber(number, portPath.child('number'))
  else yield required(path, 'port name or number is required')
}

/** An object of the same namespace, or of none. */
export function* validateLocalReference(
  reference: {
    readonly apiGroup?: string | null | undefined
    readonly kind: string
    readonly name: string
  },
  path: FieldPath,
): FieldErrors {
  const { apiGroup } = reference
  if (typeof apiGroup === 'string') yield* validateDnsSubdomain(apiGroup, path.child('apiGroup'))
  for (const field of ['kind', 'name'] as const) {
    const value = reference[field]
    if (value === '') yield required(path.child(field))
    else yield* invalids(path.child(field), value, pathSegmentErrors(value, false))
  }
}

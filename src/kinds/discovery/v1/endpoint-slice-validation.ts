import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  collected,
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  required,
  tooMany,
} from '../../../machinery/field-error.ts'
import { canonicalIpErrors, ipErrors, parseIp } from '../../../machinery/ip-address.ts'
import {
  dns1123SubdomainErrors,
  labelValueErrors,
  subdomainNameErrors,
} from '../../../machinery/names.ts'
import {
  invalids,
  validateImmutable,
  validateLabels,
} from '../../../machinery/validate-object-meta.ts'
import { validateEndpointIp } from '../../core/v1/endpoint-ip.ts'
import {
  validateDnsLabel,
  validateOneOf,
  validateQualifiedName,
} from '../../core/v1/field-rules.ts'
import type { Endpoint, EndpointHints, EndpointPort, EndpointSlice } from './endpoint-slice.ts'

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6']
const PROTOCOLS = ['SCTP', 'TCP', 'UDP']
const MOST_TOPOLOGY_LABELS = 16
const MOST_ADDRESSES = 100
const MOST_PORTS = 20_000
const MOST_ENDPOINTS = 1000
const MOST_HINTS = 8

export function* validateEndpointSlice(slice: EndpointSlice, path: FieldPath): FieldErrors {
  yield* validateTypeAndPorts(slice, path)
  yield* validateEndpoints(slice, path.child('endpoints'))
}

/** What did not change is not questioned. */
export function* validateEndpointSliceUpdate(
  slice: EndpointSlice,
  old: EndpointSlice,
  path: FieldPath,
): FieldErrors {
  yield* validateTypeAndPorts(slice, path)
  if (!deepEqual(slice.endpoints, old.endpoints)) {
    yield* validateEndpoints(slice, path.child('endpoints'))
  }
  yield* validateImmutable(slice.addressType, old.addressType, path.child('addressType'))
}

function* validateTypeAndPorts(
  { addressType, ports }: EndpointSlice,
  path: FieldPath,
): FieldErrors {
  yield* validateOneOf(addressType, ADDRESS_TYPES, path.child('addressType'))
  const portsPath = path.child('ports')
  if (ports == null) return
  if (ports.length > MOST_PORTS) yield tooMany(portsPath, ports.length, MOST_PORTS)
  else yield* validatePorts(ports, portsPath)
}

function* validatePorts(ports: readonly EndpointPort[], path: FieldPath): FieldErrors {
  const names = new Set<string>()
  for (const [index, { name, protocol, appProtocol }] of ports.entries()) {
    const itemPath = path.index(index)
    if (name !== '') yield* validateDnsLabel(name, itemPath.child('name'))
    if (names.has(name)) yield duplicate(itemPath.child('name'), name)
    names.add(name)
    yield* validateOneOf(protocol, PROTOCOLS, itemPath.child('protocol'))
    if (appProtocol !== undefined) {
      yield* validateQualifiedName(appProtocol, itemPath.child('appProtocol'))
    }
  }
}

function* validateEndpoints(slice: EndpointSlice, path: FieldPath): FieldErrors {
  const { addressType } = slice
  const endpoints = slice.endpoints ?? []
  if (endpoints.length > MOST_ENDPOINTS) {
    yield tooMany(path, endpoints.length, MOST_ENDPOINTS)
    return
  }
  for (const [index, endpoint] of endpoints.entries()) {
    const { nodeName, hostname, hints, deprecatedTopology = {} } = endpoint
    const itemPath = path.index(index)
    yield* validateAddresses(endpoint, addressType, itemPath.child('addresses'))
    if (nodeName !== undefined) {
      const reasons = subdomainNameErrors(nodeName, false)
      yield* invalids(itemPath.child('nodeName'), nodeName, reasons)
    }
    const topologyPath = itemPath.child('deprecatedTopology')
    const { length } = Object.keys(deprecatedTopology)
    if (length > MOST_TOPOLOGY_LABELS) yield tooMany(topologyPath, length, MOST_TOPOLOGY_LABELS)
    yield* collected(validateLabels, deprecatedTopology, topologyPath)
    if (hostname !== undefined) yield* validateDnsLabel(hostname, itemPath.child('hostname'))
    if (hints !== undefined) yield* validateHints(hints, itemPath.child('hints'))
  }
}

function* validateAddresses(
  { addresses }: Endpoint,
  addressType: string,
  path: FieldPath,
): FieldErrors {
  if (addresses.length === 0) yield required(path, 'must contain at least 1 address')
  if (addresses.length > MOST_ADDRESSES) yield tooMany(path, addresses.length, MOST_ADDRESSES)
  for (const [index, address] of addresses.entries()) {
    const itemPath = path.index(index)
    if (addressType === 'FQDN') yield* validateDomainName(address, itemPath)
    if (addressType !== 'IPv4' && addressType !== 'IPv6') continue
    const reasons = addressType === 'IPv4' ? ipErrors(address) : canonicalIpErrors(address)
    yield* invalids(itemPath, address, reasons)
    if (reasons.length > 0) continue
    if (parseIp(address)?.family !== addressType) {
      yield invalid(path, address, `must be an ${addressType} address`)
    }
    yield* validateEndpointIp(address, itemPath)
  }
}

function* validateDomainName(name: string, path: FieldPath): FieldErrors {
  const domain = name.replace(/\.$/, '')
  if (domain === '') yield required(path)
  else if (dns1123SubdomainErrors(domain).length > 0) {
    yield invalid(path, domain, dns1123SubdomainErrors(domain).join(','))
  } else if (!domain.includes('.')) {
    const why = 'should be a domain with at least two segments separated by dots'
    yield invalid(path, domain, why)
  }
}

function* validateHints(hints: EndpointHints, path: FieldPath): FieldErrors {
  const rules = {
    forZones: labelValueErrors,
    forNodes: (name: string) => subdomainNameErrors(name, false),
  }
  for (const [list, reasonsOf] of Object.entries(rules)) {
    const items = hints[list as keyof typeof rules] ?? []
    const listPath = path.child(list)
    if (items.length > MOST_HINTS) {
      yield tooMany(listPath, items.length, MOST_HINTS)
      return
    }
    const seen = new Set<string>()
    for (const [index, { name }] of items.entries()) {
      const namePath = listPath.index(index).child('name')
      if (seen.has(name)) yield duplicate(namePath, name)
      seen.add(name)
      yield* invalids(namePath, name, reasonsOf(name))
    }
  }
}

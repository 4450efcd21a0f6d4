import { deepEqual } from '../../../machinery/deep-equal.ts'
import { type FieldErrors, type FieldPath, required } from '../../../machinery/field-error.ts'
import { subdomainNameErrors } from '../../../machinery/names.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validateEndpointIp } from './endpoint-ip.ts'
import type { EndpointAddress, EndpointPort, Endpoints } from './endpoints.ts'
import {
  validateDnsLabel,
  validateIp,
  validateOneOf,
  validatePortNumber,
  validateQualifiedName,
} from './field-rules.ts'

const PROTOCOLS = ['SCTP', 'TCP', 'UDP']

export function* validateEndpoints({ subsets = [] }: Endpoints, path: FieldPath): FieldErrors {
  for (const [index, subset] of subsets.entries()) {
    const { addresses = [], notReadyAddresses = [], ports = [] } = subset
    const itemPath = path.child('subsets').index(index)
    if (addresses.length + notReadyAddresses.length === 0) {
      yield required(itemPath, 'must specify `addresses` or `notReadyAddresses`')
    }
    for (const [name, list] of Object.entries({ addresses, notReadyAddresses })) {
      for (const [place, address] of list.entries()) {
        yield* validateAddress(address, itemPath.child(name).index(place))
      }
    }
    for (const [place, port] of ports.entries()) {
      yield* validatePort(port, ports.length > 1, itemPath.child('ports').index(place))
    }
  }
}

/** What did not change is not questioned. */
export function* validateEndpointsUpdate(
  endpoints: Endpoints,
  old: Endpoints,
  path: FieldPath,
): FieldErrors {
  if (!deepEqual(endpoints.subsets, old.subsets)) yield* validateEndpoints(endpoints, path)
}

function* validateAddress(
  { ip, hostname = '', nodeName }: EndpointAddress,
  path: FieldPath,
): FieldErrors {
  yield* validateIp(ip, path.child('ip'))
  if (hostname !== '') yield* validateDnsLabel(hostname, path.child('hostname'))
  if (nodeName !== undefined) {
    yield* invalids(path.child('nodeName'), nodeName, subdomainNameErrors(nodeName, false))
  }
  yield* validateEndpointIp(ip, path.child('ip'))
}

function* validatePort(
  { name = '', port, protocol, appProtocol }: EndpointPort,
  mustBeNamed: boolean,
  path: FieldPath,
): FieldErrors {
  if (name !== '') yield* validateDnsLabel(name, path.child('name'))
  else if (mustBeNamed) yield required(path.child('name'))
  yield* validatePortNumber(port, path.child('port'))
  yield* validateOneOf(protocol, PROTOCOLS, path.child('protocol'))
  if (appProtocol !== undefined)
    yield* validateQualifiedName(appProtocol, path.child('appProtocol'))
}

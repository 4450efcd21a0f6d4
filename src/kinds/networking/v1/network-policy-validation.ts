import {
  collected,
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { cidrErrors, isInCidr, parseCidr } from '../../../machinery/ip-address.ts'
import { validateLabelSelector } from '../../../machinery/validate-label-selector.ts'
import { invalids } from '../../../machinery/validate-object-meta.ts'
import { validatePort, validatePortNumber } from '../../core/v1/field-rules.ts'
import type {
  IPBlock,
  NetworkPolicy,
  NetworkPolicyPeer,
  NetworkPolicyPort,
  NetworkPolicySpec,
} from './network-policy.ts'

const PROTOCOLS = ['TCP', 'UDP', 'SCTP']
const POLICY_TYPES = ['Ingress', 'Egress']

export function validateNetworkPolicy({ spec }: NetworkPolicy, path: FieldPath): FieldErrors {
  return validateSpec(spec, [], path.child('spec'))
}

/** A range that the policy had before is not judged again. */
export function validateNetworkPolicyUpdate(
  { spec }: NetworkPolicy,
  { spec: old }: NetworkPolicy,
  path: FieldPath,
): FieldErrors {
  const peers = [
    ...(old.ingress ?? []).flatMap(({ from = [] }) => from),
    ...(old.egress ?? []).flatMap(({ to = [] }) => to),
  ]
  const known = peers.flatMap(({ ipBlock }) =>
    ipBlock === undefined ? [] : [ipBlock.cidr, ...(ipBlock.except ?? [])],
  )
  return validateSpec(spec, known, path.child('spec'))
}

function* validateSpec(
  spec: NetworkPolicySpec,
  known: readonly string[],
  path: FieldPath,
): FieldErrors {
  yield* collected(validateLabelSelector, spec.podSelector, path.child('podSelector'))
  for (const [index, { ports = [], from = [] }] of (spec.ingress ?? []).entries()) {
    const rulePath = path.child('ingress').index(index)
    yield* validatePorts(ports, rulePath.child('ports'))
    yield* validatePeers(from, known, rulePath.child('from'))
  }
  for (const [index, { ports = [], to = [] }] of (spec.egress ?? []).entries()) {
    const rulePath = path.child('egress').index(index)
    yield* validatePorts(ports, rulePath.child('ports'))
    yield* validatePeers(to, known, rulePath.child('to'))
  }
  yield* validatePolicyTypes(spec.policyTypes, path.child('policyTypes'))
}

function* validatePolicyTypes(types: readonly string[], path: FieldPath): FieldErrors {
  if (types.length > POLICY_TYPES.length) {
    yield invalid(path, types, 'may not specify more than two policyTypes')
    return
  }
  for (const [index, type] of types.entries()) {
    if (!POLICY_TYPES.includes(type)) yield notSupported(path.index(index), type, POLICY_TYPES)
  }
}

function* validatePorts(ports: readonly NetworkPolicyPort[], path: FieldPath): FieldErrors {
  for (const [index, { protocol, port, endPort }] of ports.entries()) {
    const itemPath = path.index(index)
    const endPath = itemPath.child('endPort')
    if (!PROTOCOLS.includes(protocol)) {
      yield notSupported(itemPath.child('protocol'), protocol, PROTOCOLS)
    }
    if (typeof port === 'number') yield* validatePort(port, itemPath.child('port'))
    if (endPort === undefined) {
      if (typeof port === 'string') yield* validatePort(port, itemPath.child('port'))
    } else if (port === undefined) {
      yield invalid(endPath, endPort, 'may not be specified when `port` is not specified')
    } else if (typeof port === 'string') {
      yield invalid(endPath, endPort, 'may not be specified when `port` is non-numeric')
      yield* validatePort(port, itemPath.child('port'))
    } else {
      if (endPort < port) yield invalid(endPath, port, 'must be greater than or equal to `port`')
      yield* validatePortNumber(endPort, endPath)
    }
  }
}

function* validatePeers(
  peers: readonly NetworkPolicyPeer[],
  known: readonly string[],
  path: FieldPath,
): FieldErrors {
  for (const [index, { podSelector, namespaceSelector, ipBlock }] of peers.entries()) {
    const itemPath = path.index(index)
    yield* collected(validateLabelSelector, podSelector, itemPath.child('podSelector'))
    yield* collected(validateLabelSelector, namespaceSelector, itemPath.child('namespaceSelector'))
    if (ipBlock !== undefined) yield* validateBlock(ipBlock, known, itemPath.child('ipBlock'))
    const selects = podSelector !== undefined || namespaceSelector !== undefined
    if (!selects && ipBlock === undefined) yield required(itemPath, 'must specify a peer')
    if (selects && ipBlock !== undefined) {
      yield forbidden(itemPath, 'may not specify both ipBlock and another peer')
    }
  }
}

function* validateBlock(
  { cidr: text, except = [] }: IPBlock,
  known: readonly string[],
  path: FieldPath,
): FieldErrors {
  if (text === '') {
    yield required(path.child('cidr'))
    return
  }
  const check = (cidr: string, where: FieldPath) =>
    known.includes(cidr) ? [] : invalids(where, cidr, cidrErrors(cidr))
  yield* check(text, path.child('cidr'))
  const cidr = parseCidr(text)
  if (cidr === undefined) return
  for (const [index, exceptText] of except.entries()) {
    const exceptPath = path.child('except').index(index)
    yield* check(exceptText, exceptPath)
    const one = parseCidr(exceptText)
    if (one === undefined) continue
    if (isInCidr(one.address, cidr) && cidr.prefixLength < one.prefixLength) continue
    yield invalid(exceptPath, exceptText, 'must be a strict subset of `cidr`')
  }
}

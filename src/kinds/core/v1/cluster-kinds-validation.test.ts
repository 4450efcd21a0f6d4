import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import { EndpointSlice } from '../../discovery/v1/endpoint-slice.ts'
import { ClusterRole } from '../../rbac/v1/cluster-role.ts'
import { ClusterRoleBinding } from '../../rbac/v1/cluster-role-binding.ts'
import { Role } from '../../rbac/v1/role.ts'
import { RoleBinding } from '../../rbac/v1/role-binding.ts'
import { Endpoints } from './endpoints.ts'
import { Event } from './event.ts'
import { Node } from './node.ts'

type Fields = Record<string, unknown>
function read<T extends KubeObject>(kind: Kind<T>, object: Fields): T {
  const { value } = decodeObject(kind, { metadata: { name: 'a', namespace: 'default' }, ...object })
  return kind.setDefaults?.(value) ?? value
}
const create = <T extends KubeObject>(kind: Kind<T>, object: Fields) =>
  [...(kind.validate?.(read(kind, object), FieldPath.root) ?? [])].map(formatFieldError)
const update = <T extends KubeObject>(kind: Kind<T>, object: Fields, old: Fields) => {
  const errors = kind.validateUpdate?.(read(kind, object), read(kind, old), FieldPath.root) ?? []
  return [...errors].map(formatFieldError)
}

test('Endpoints', () => {
  const subsets = [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }]
  assert.deepEqual(create(Endpoints, { subsets }), [])
  const bad = [{ addresses: [{ ip: '169.254.1.1' }], ports: [{ port: 0 }] }, {}]
  const errors = [
    'subsets[0].addresses[0].ip: Invalid value: "169.254.1.1": may not be in the link-local ' +
      'range (169.254.0.0/16, fe80::/10)',
    'subsets[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive',
    'subsets[1]: Required value: must specify `addresses` or `notReadyAddresses`',
  ]
  assert.deepEqual(create(Endpoints, { subsets: bad }), errors)
  assert.deepEqual(update(Endpoints, { subsets: bad }, { subsets }), errors)
  assert.deepEqual(update(Endpoints, { subsets: bad }, { subsets: bad }), [])
})

test('EndpointSlice', () => {
  const slice = (endpoints: Fields[], rest: Fields = {}) => ({
    addressType: 'IPv4',
    endpoints,
    ...rest,
  })
  assert.deepEqual(
    create(EndpointSlice, slice([{ addresses: ['10.0.0.1'] }], { ports: [{ port: 1 }] })),
    [],
  )
  assert.deepEqual(create(EndpointSlice, slice([{ addresses: [] }, { addresses: ['fd00::1'] }])), [
    'endpoints[0].addresses: Required value: must contain at least 1 address',
    'endpoints[1].addresses: Invalid value: "fd00::1": must be an IPv4 address',
  ])
  assert.deepEqual(create(EndpointSlice, { addressType: 'X', ports: [{}, {}] }), [
    'addressType: Unsupported value: "X": supported values: "FQDN", "IPv4", "IPv6"',
    'ports[1].name: Duplicate value: ""',
  ])
  assert.deepEqual(update(EndpointSlice, { addressType: 'IPv6' }, { addressType: 'IPv4' }), [
    'addressType: Invalid value: "IPv6": field is immutable',
  ])
  const many = Array.from({ length: 1001 }, () => ({ addresses: ['10.0.0.1'] }))
  assert.deepEqual(create(EndpointSlice, slice(many)), [
    'endpoints: Too many: 1001: must have at most 1000 items',
  ])
})

test('Node', () => {
  const taint = { key: 'a', effect: 'NoSchedule' }
  assert.deepEqual(
    create(Node, { spec: { taints: [taint], podCIDRs: ['10.0.0.0/24', 'fd00::/64'] } }),
    [],
  )
  assert.deepEqual(create(Node, { spec: { taints: [taint, taint, { key: 'b', effect: 'X' }] } }), [
    'metadata.taints[1]: Duplicate value: {"key":"a","effect":"NoSchedule"}: taints must be ' +
      'unique by key and effect pair',
    'metadata.taints[2].effect: Unsupported value: "X": supported values: "NoSchedule", ' +
      '"PreferNoSchedule", "NoExecute"',
  ])
  assert.deepEqual(
    update(
      Node,
      { spec: { podCIDRs: ['10.1.0.0/24'], providerID: 'b' } },
      { spec: { podCIDRs: ['10.0.0.0/24'], providerID: 'a' } },
    ),
    [
      'spec.podCIDRs: Forbidden: node updates may not change podCIDR except from "" to valid',
      'spec.providerID: Forbidden: node updates may not change providerID except from "" to valid',
    ],
  )
  assert.deepEqual(
    update(Node, { spec: { podCIDRs: ['10.0.0.0/24x'] } }, {}).map((text) => text.split(':')[0]),
    create(Node, { spec: { podCIDRs: ['10.0.0.0/24x'] } }).map((text) => text.split(':')[0]),
    'a changed node is judged like a new one',
  )
  assert.deepEqual(create(Node, { status: { capacity: { pods: '1500m' } } }).slice(0, 1), [
    'status.capacity.pods: Invalid value: "1500m": must be an integer',
  ])
})

test('Event', () => {
  const involvedObject = { kind: 'Pod', name: 'p', namespace: 'default' }
  assert.deepEqual(create(Event, { involvedObject }), [])
  assert.deepEqual(create(Event, { involvedObject: { ...involvedObject, namespace: 'x' } }), [
    'involvedObject.namespace: Invalid value: "x": does not match event.namespace',
  ])
  assert.deepEqual(
    create(Event, {
      involvedObject,
      eventTime: '2024-01-01T00:00:00.000000Z',
      reportingComponent: 'a',
    }),
    ['reportingInstance: Required value', 'action: Required value', 'reason: Required value'],
  )
})

test('roles', () => {
  const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] }
  const urls = { verbs: ['get'], nonResourceURLs: ['/healthz'] }
  assert.deepEqual(create(Role, { rules: [rule] }), [])
  assert.deepEqual(create(ClusterRole, { rules: [rule, urls] }), [])
  assert.deepEqual(create(Role, { rules: [{ verbs: [] }, urls] }), [
    'rules[0].verbs: Required value: verbs must contain at least one value',
    'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    'rules[0].resources: Required value: resource rules must supply at least one resource',
    'rules[1].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to ' +
      'non-resource URLs',
  ])
  assert.deepEqual(create(ClusterRole, { aggregationRule: {} }), [
    'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector ' +
      'required if aggregationRule is non-nil',
  ])
})

test('bindings', () => {
  const roleRef = { kind: 'ClusterRole', name: 'view' }
  const subjects = [
    { kind: 'User', name: 'u' },
    { kind: 'ServiceAccount', name: 's', namespace: 'n' },
  ]
  assert.deepEqual(create(RoleBinding, { roleRef, subjects }), [])
  assert.deepEqual(create(ClusterRoleBinding, { roleRef, subjects }), [])
  assert.deepEqual(
    create(ClusterRoleBinding, {
      roleRef: { kind: 'Role', name: '' },
      subjects: [
        { kind: 'ServiceAccount', name: 's' },
        { kind: 'X', name: 'x' },
      ],
    }),
    [
      'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
      'roleRef.name: Required value',
      'subjects[0].namespace: Required value',
      'subjects[1].kind: Unsupported value: "X": ' +
        'supported values: "ServiceAccount", "User", "Group"',
    ],
  )
  assert.deepEqual(update(RoleBinding, { roleRef: { ...roleRef, name: 'admin' } }, { roleRef }), [
    'roleRef: Invalid value: ' +
      '{"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"admin"}: cannot ' +
      'change roleRef',
  ])
})

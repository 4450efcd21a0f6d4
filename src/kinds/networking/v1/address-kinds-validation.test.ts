import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import { IPAddress as OlderAddress } from '../v1beta1/ip-address.ts'
import { IPAddress } from './ip-address.ts'
import { validateIpAddress } from './ip-address-validation.ts'
import { ServiceCIDR } from './service-cidr.ts'

const read = <T extends KubeObject>(kind: Kind<T>, spec: object): T =>
  decodeObject(kind, { metadata: { name: 'a' }, spec }).value
const create = <T extends KubeObject>(kind: Kind<T>, spec: object) =>
  [...(kind.validate?.(read(kind, spec), FieldPath.root) ?? [])].map(formatFieldError)
const update = <T extends KubeObject>(kind: Kind<T>, spec: object, old: object) =>
  [...(kind.validateUpdate?.(read(kind, spec), read(kind, old), FieldPath.root) ?? [])].map(
    formatFieldError,
  )

test('IPAddress', () => {
  assert.deepEqual(create(IPAddress, { parentRef: { resource: 'services', name: 'a' } }), [])
  assert.deepEqual(create(IPAddress, {}), ['spec.parentRef: Required value'])
  const older = OlderAddress.storedAs?.toStored(read(OlderAddress, {})) as IPAddress
  assert.deepEqual(
    [...validateIpAddress(older, FieldPath.root)].map(({ field }) => field),
    ['spec.parentRef'],
    'neither is there one in the older version',
  )
  assert.equal(create(IPAddress, { parentRef: {} }).length, 2, 'an empty one is something')
  assert.deepEqual(create(IPAddress, { parentRef: { group: 'A', name: 'a/b' } }).slice(1), [
    'spec.parentRef.resource: Required value',
    'spec.parentRef.name: Invalid value: "a/b": may not contain \'/\'',
  ])
  assert.deepEqual(IPAddress.validateName?.('10.0.0.1', false), [])
  assert.deepEqual(IPAddress.validateName?.('2001:DB8::1', false), [
    'must be in canonical form ("2001:db8::1")',
  ])
  const parent = (name: string) => ({ parentRef: { resource: 'services', name } })
  assert.match(update(IPAddress, parent('a'), parent('b')).join(), /field is immutable$/)
  const gone = update(IPAddress, {}, parent('b'))
  assert.equal(gone[0], 'spec.parentRef: Required value')
  assert.match(gone[1] ?? '', /field is immutable$/)
})

test('ServiceCIDR', () => {
  const cidrs = (...ranges: string[]) => ({ cidrs: ranges })
  assert.deepEqual(create(ServiceCIDR, cidrs('10.0.0.0/24', 'fd00::/64')), [])
  assert.deepEqual(create(ServiceCIDR, {}), [
    'spec.cidrs: Required value: at least one CIDR required',
  ])
  assert.deepEqual(create(ServiceCIDR, cidrs('10.0.0.0/24', '10.1.0.0/24')), [
    'spec.cidrs: Invalid value: ["10.0.0.0/24","10.1.0.0/24"]: may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
  ])
  const one = cidrs('10.0.0.0/24')
  assert.deepEqual(update(ServiceCIDR, cidrs('10.0.0.0/24', 'fd00::/64'), one), [])
  assert.deepEqual(update(ServiceCIDR, cidrs('10.2.0.0/24'), one), [
    'spec.cidrs[0]: Invalid value: "10.2.0.0/24": field is immutable',
  ])
  assert.deepEqual(update(ServiceCIDR, one, cidrs('10.0.0.0/24', 'fd00::/64')), [
    'spec.cidrs: Invalid value: ["10.0.0.0/24"]: field is immutable',
  ])
})

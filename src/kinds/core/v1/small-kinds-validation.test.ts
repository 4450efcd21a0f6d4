import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import type { Kind, KubeObject } from '../../../machinery/kind.ts'
import { ConfigMap } from './config-map.ts'
import { Namespace } from './namespace.ts'
import { ResourceQuota } from './resource-quota.ts'
import { Secret } from './secret.ts'
import { ServiceAccount } from './service-account.ts'

const read = <T extends KubeObject>(kind: Kind<T>, object: object): T =>
  decodeObject(kind, { metadata: { name: 'a', namespace: 'b' }, ...object }).value
const create = <T extends KubeObject>(kind: Kind<T>, object: object) =>
  [...(kind.validate?.(read(kind, object), FieldPath.root) ?? [])].map(formatFieldError)
const update = <T extends KubeObject>(kind: Kind<T>, object: object, old: object) =>
  [...(kind.validateUpdate?.(read(kind, object), read(kind, old), FieldPath.root) ?? [])].map(
    formatFieldError,
  )
const base64 = (text: string) => Buffer.from(text).toString('base64')

test('ConfigMap', () => {
  assert.deepEqual(create(ConfigMap, { data: { 'a.b': 'c' }, binaryData: { d: base64('x') } }), [])
  assert.deepEqual(create(ConfigMap, { data: { '..': '', x: '' }, binaryData: { x: '' } }), [
    'data[..]: Invalid value: "..": must not be \'..\'',
    'data[x]: Invalid value: "x": duplicate of key present in binaryData',
  ])
  const large = 'x'.repeat(1024 * 1024)
  assert.deepEqual(create(ConfigMap, { data: { a: large } }), [])
  assert.match(
    create(ConfigMap, { data: { a: large, b: 'x' } })[0] ?? '',
    /^\[\]: Too long: may not be more than 1048576 bytes$/,
  )
  assert.deepEqual(update(ConfigMap, { data: { a: '2' } }, { data: { a: '1' }, immutable: true }), [
    'immutable: Forbidden: field is immutable when `immutable` is set',
    'data: Forbidden: field is immutable when `immutable` is set',
  ])
  assert.deepEqual(update(ConfigMap, { data: { a: '2' } }, { data: { a: '1' } }), [])
})

test('Secret', () => {
  assert.deepEqual(create(Secret, { data: { a: base64('x') } }), [])
  assert.deepEqual(create(Secret, { type: 'kubernetes.io/tls' }), [
    'data[tls.crt]: Required value',
    'data[tls.key]: Required value',
  ])
  assert.deepEqual(create(Secret, { type: 'kubernetes.io/service-account-token' }), [
    'metadata.annotations[kubernetes.io/service-account.name]: Required value',
  ])
  const docker = (text: string) =>
    create(Secret, {
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': base64(text) },
    })
  assert.deepEqual(docker('{}'), [])
  assert.match(
    docker('[]')[0] ?? '',
    /: Invalid value: "<secret contents redacted>": json: cannot unmarshal array/,
  )
  assert.match(docker('{')[0] ?? '', /: Invalid value: "<secret contents redacted>": /)
  assert.deepEqual(update(Secret, { type: 'x' }, {}), [
    'type: Invalid value: "x": field is immutable',
  ])
})

test('Namespace', () => {
  assert.deepEqual(create(Namespace, { spec: { finalizers: ['kubernetes', 'a.b/c'] } }), [])
  assert.deepEqual(create(Namespace, { spec: { finalizers: ['x'] } }), [
    'spec.finalizers: Invalid value: "x": ' +
      'name is neither a standard finalizer name nor is it fully qualified',
  ])
  const namespace = read(Namespace, { status: { phase: 'Terminating' } })
  const errors = Namespace.validateStatusUpdate?.(namespace, namespace, FieldPath.root) ?? []
  assert.deepEqual([...errors].map(formatFieldError), [
    'status.Phase: Invalid value: "Terminating": ' +
      "may only be 'Active' if `deletionTimestamp` is empty",
  ])
})

test('a ServiceAccount keeps of its secrets the names', () => {
  const account = read(ServiceAccount, { secrets: [{ name: 'a', kind: 'Secret', uid: 'u' }] })
  const { secrets } = ServiceAccount.prepareForCreate?.(account, { now: 0 }) ?? account
  assert.deepEqual(secrets, [{ name: 'a' }])
})

test('a ResourceQuota counts in thousandths', () => {
  const quota = read(ResourceQuota, { spec: { hard: { cpu: '1.0001', pods: '3' } } })
  const { spec } = ResourceQuota.setDefaults?.(quota) ?? quota
  assert.deepEqual(spec.hard, { cpu: '1001m', pods: '3' })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collected, FieldPath, formatFieldError } from './field-error.ts'
import { labelNameErrors } from './names.ts'
import type { ObjectMeta } from './object-meta.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './validate-object-meta.ts'

const path = FieldPath.root.child('metadata')
const namespaced = { scope: 'Namespaced' } as const
const meta: ObjectMeta = {
  name: 'a',
  namespace: 'default',
  uid: 'u',
  resourceVersion: '1',
  creationTimestamp: '2024-01-01T00:00:00Z',
}
const create = (
  changes: Partial<ObjectMeta>,
  kind: Parameters<typeof validateObjectMeta>[1] = namespaced,
) => collected(validateObjectMeta, kind, { ...meta, ...changes }, path).map(formatFieldError)
const update = (changes: Partial<ObjectMeta>, old: Partial<ObjectMeta> = {}) =>
  collected(validateObjectMetaUpdate, { ...meta, ...changes }, { ...meta, ...old }, path).map(
    formatFieldError,
  )
const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: '1' }

test('good metadata', () => {
  assert.deepEqual(create({}), [])
  assert.deepEqual(
    create({ generateName: 'web-', labels: { 'a/b': 'c' }, annotations: { 'A/B': '' } }),
    [],
  )
  assert.deepEqual(create({ namespace: undefined }, { scope: 'Cluster' }), [])
  assert.deepEqual(create({ ownerReferences: [{ ...owner, controller: true }, owner] }), [])
  assert.deepEqual(update({ labels: { x: 'y' } }), [])
})

test('names and namespaces', () => {
  assert.deepEqual(create({ name: '' }), [
    'metadata.name: Required value: name or generateName is required',
  ])
  assert.match(
    create({ name: 'A' })[0] ?? '',
    /^metadata.name: Invalid value: "A": a lowercase RFC 1123 subdomain/,
  )
  assert.match(create({ generateName: '_' })[0] ?? '', /^metadata.generateName: Invalid value: "_"/)
  assert.deepEqual(
    create({ name: 'a.b' }, { scope: 'Namespaced', validateName: labelNameErrors }),
    ['metadata.name: Invalid value: "a.b": must not contain dots'],
  )
  assert.deepEqual(create({ namespace: undefined }), ['metadata.namespace: Required value'])
  assert.deepEqual(create({}, { scope: 'Cluster' }), [
    'metadata.namespace: Forbidden: not allowed on this type',
  ])
})

test('labels, annotations, finalizers, managed fields', () => {
  assert.match(
    create({ labels: { a: '-' } })[0] ?? '',
    /^metadata.labels: Invalid value: "-": a valid label/,
  )
  assert.match(
    create({ labels: { 'a b': '' } })[0] ?? '',
    /^metadata.labels: Invalid value: "a b": name part/,
  )
  assert.deepEqual(create({ annotations: { a: 'x'.repeat(256 * 1024) } }), [
    'metadata.annotations: Too long: may not be more than 262144 bytes',
  ])
  assert.deepEqual(create({ finalizers: ['orphan', 'foregroundDeletion'] }), [
    'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: ' +
      'finalizer orphan and foregroundDeletion cannot be both set',
  ])
  assert.deepEqual(create({ managedFields: [{ fieldsType: 'x', manager: 'a\n' }] }), [
    'metadata.managedFields[0].operation: Invalid value: "": must be `Apply` or `Update`',
    'metadata.managedFields[0].fieldsType: Invalid value: "x": must be `FieldsV1`',
    'metadata.managedFields[0].manager: Invalid value: "a\\n": ' +
      'invalid character U+000A (at position 1)',
  ])
})

test('owner references', () => {
  const errors = create({
    ownerReferences: [
      { apiVersion: '', kind: '', name: '', uid: '' },
      { ...owner, kind: 'Event' },
    ],
  })
  assert.deepEqual(errors.slice(0, 4), [
    'metadata.ownerReferences.apiVersion: Invalid value: "": version must not be empty',
    'metadata.ownerReferences.kind: Invalid value: "": must not be empty',
    'metadata.ownerReferences.name: Invalid value: "": must not be empty',
    'metadata.ownerReferences.uid: Invalid value: "": must not be empty',
  ])
  assert.match(errors[4] ?? '', /\/v1, Kind=Event is disallowed from being an owner$/)
  const two = [
    { ...owner, controller: true },
    { ...owner, name: 'q', controller: true },
  ]
  assert.match(
    create({ ownerReferences: two })[0] ?? '',
    /Found "true" in references for Pod\/p and Pod\/q$/,
  )
})

test('updates', () => {
  assert.deepEqual(update({ resourceVersion: '' }), [
    'metadata.resourceVersion: Invalid value: "": must be specified for an update',
  ])
  assert.deepEqual(update({ name: 'b', uid: 'v' }), [
    'metadata.name: Invalid value: "b": field is immutable',
    'metadata.uid: Invalid value: "v": field is immutable',
  ])
  assert.deepEqual(update({ generation: 1 }, { generation: 2 }), [
    'metadata.generation: Invalid value: 1: must not be decremented',
  ])
  const deletionTimestamp = '2024-01-01T00:00:00Z'
  assert.deepEqual(
    update({ deletionTimestamp, finalizers: ['b', 'a'] }, { deletionTimestamp, finalizers: ['c'] }),
    [
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being ' +
        'deleted, found new finalizers []string{"a", "b"}',
    ],
  )
  assert.deepEqual(update({ deletionTimestamp }), [
    'metadata.deletionTimestamp: Invalid value: "2024-01-01T00:00:00Z": field is immutable',
  ])
})

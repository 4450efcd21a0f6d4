import assert from 'node:assert/strict'
import { test } from 'node:test'
import { controllerOf, isControlledBy, ownerReferenceTo } from './owner-references.ts'

const metadata = { name: 'web', uid: 'u1', resourceVersion: '1', creationTimestamp: '' }

test('who controls an object', () => {
  const kind = { apiVersion: 'apps/v1', kind: 'ReplicaSet' }
  const reference = ownerReferenceTo({ metadata }, kind)
  assert.deepEqual(reference, {
    ...kind,
    name: 'web',
    uid: 'u1',
    controller: true,
    blockOwnerDeletion: true,
  })
  const { controller: _, ...plain } = { ...reference, uid: 'u0' }
  const pod = { metadata: { ...metadata, uid: 'p', ownerReferences: [plain, reference] } }
  assert.equal(controllerOf(pod), reference)
  assert.ok(isControlledBy(pod, { metadata }))
  assert.ok(!isControlledBy(pod, { metadata: { uid: 'u0' } }))
  assert.equal(controllerOf({ metadata }), undefined)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { collected, FieldPath } from './field-error.ts'
import type { Scope } from './kind.ts'
import {
  changedMetadataErrors,
  type MetadataRules,
  validateNewMetadata,
  validateNewName,
} from './metadata-rules.ts'
import type { ObjectMeta } from './object-meta.ts'

const PATH = FieldPath.root.child('metadata')
const OLD: ObjectMeta = {
  name: 'a',
  namespace: 'b',
  uid: 'u',
  resourceVersion: '5',
  creationTimestamp: '2026-01-01T00:00:00Z',
}

function kindWith(metadataRules: MetadataRules) {
  return { scope: 'Namespaced' as Scope, metadataRules }
}

function fieldsOf(rules: MetadataRules, change: Partial<ObjectMeta>, isStatus = false): string[] {
  const changed = { ...OLD, ...change }
  const errors = changedMetadataErrors(kindWith(rules), changed, OLD, PATH, isStatus)
  return errors.map(({ field }) => field.replace('metadata.', ''))
}

test('a mistake in changed metadata is a cause for each set of rules that upstream applies', () => {
  const labels = { k: 'not good!' }
  assert.deepEqual(fieldsOf({}, {}), [])
  assert.deepEqual(fieldsOf({}, { labels }), ['labels', 'labels', 'labels'])
  assert.equal(fieldsOf({ onUpdate: 'both' }, { labels }).length, 4)
  assert.equal(fieldsOf({ onUpdate: 'new' }, { labels }).length, 3)
  assert.equal(fieldsOf({ onUpdate: 'none' }, { labels }).length, 2)
  assert.equal(fieldsOf({ onUpdate: 'none' }, { labels }, true).length, 3)
})

test('finalizers have a domain, or are upstream\u2019s own', () => {
  const finalizers = ['kubernetes', 'foregroundDeletion', 'a.b/c', 'plain']
  assert.deepEqual(fieldsOf({}, { finalizers }), ['finalizers[3]'])
  assert.deepEqual(fieldsOf({ allowsPlainFinalizers: true }, { finalizers }), [])
  const errors = collected(validateNewMetadata, kindWith({}), { ...OLD, finalizers }, PATH)
  assert.deepEqual(
    errors.map(({ message }) => message),
    ['Invalid value: "plain": name is neither a standard finalizer name nor is it fully qualified'],
  )
})

test('every name fits into a path; few kinds look at the prefix it was generated from', () => {
  const generateName = 'a/b'
  const kind = kindWith({ ignoresNamePrefix: true })
  const metadata = { ...OLD, generateName }
  assert.deepEqual(collected(validateNewMetadata, kind, metadata, PATH), [])
  assert.deepEqual(
    collected(validateNewName, kind, metadata, PATH).map(({ message }) => message),
    ['Invalid value: "a/b": may not contain \'/\''],
  )
  assert.deepEqual(fieldsOf({}, { generateName }), ['generateName'])
  assert.equal(fieldsOf({ onUpdate: 'both' }, { generateName }).length, 2)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Random, randomInt, seededRandom } from '../base/random.ts'
import { collected, FieldPath } from './field-error.ts'
import type { Scope } from './kind.ts'
import {
  changedMetadataErrors,
  type MetadataRules,
  validateNewMetadata,
  validateNewName,
} from './metadata-rules.ts'
import { pathSegmentErrors } from './names.ts'
import type { ObjectMeta } from './object-meta.ts'
import { validateObjectMeta, validateObjectMetaUpdate } from './validate-object-meta.ts'

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

/** Values of each field that are right, wrong, or wrong as changes alone. */
const VALUES: { readonly [F in keyof ObjectMeta]?: readonly ObjectMeta[F][] } = {
  name: ['a', 'b.c', 'A', '..', ''],
  generateName: [undefined, 'a-', 'a/', 'A'],
  namespace: ['b', 'other', 'b.c', undefined],
  uid: ['u', 'v'],
  resourceVersion: ['5', ''],
  generation: [undefined, 3, -1],
  labels: [undefined, { a: 'b' }, { 'a/b/c': 'd' }, { a: '-' }],
  annotations: [undefined, { 'A/b': '' }, { '/': '' }],
  finalizers: [undefined, ['a.b/c'], ['plain'], ['orphan', 'foregroundDeletion'], ['-']],
  ownerReferences: [undefined, [{ apiVersion: 'v1', kind: 'Event', name: 'e', uid: 'e' }]],
  managedFields: [
    undefined,
    [{ manager: 'm', operation: 'Apply' }],
    [{ manager: 'm'.repeat(129), operation: 'Update' }],
  ],
  deletionTimestamp: [undefined, '2026-01-02T00:00:00Z'],
}

function randomMetadata(random: Random): ObjectMeta {
  const fields = Object.entries(VALUES)
  const changed = Array.from({ length: randomInt(random, 3) }, () => {
    const [field, values] = fields[randomInt(random, fields.length)] as (typeof fields)[number]
    return [field, values[randomInt(random, values.length)]]
  })
  return { ...OLD, ...Object.fromEntries(changed) }
}

test('metadata that is judged in parts is judged as a whole would be', () => {
  const random = seededRandom(7)
  const general = { scope: 'Namespaced' as Scope, validateName: pathSegmentErrors }
  const seen = { right: 0, wrong: 0, named: 0 }
  for (let round = 0; round < 3000; round++) {
    const [metadata, old] = [randomMetadata(random), randomMetadata(random)]
    const kind = kindWith({ onUpdate: 'none', ignoresNamePrefix: true })
    const whole = [
      ...collected(validateObjectMeta, general, metadata, PATH),
      ...collected(validateObjectMetaUpdate, metadata, old, PATH),
    ]
    assert.deepEqual(changedMetadataErrors(kind, metadata, old, PATH, false), whole)
    seen[whole.length === 0 ? 'right' : 'wrong']++
    if (collected(validateNewMetadata, kind, metadata, PATH).length > 0) continue
    const nameErrors = collected(validateNewName, kind, metadata, PATH)
    assert.deepEqual(nameErrors, collected(validateObjectMeta, general, metadata, PATH))
    if (nameErrors.length > 0) seen.named++
  }
  assert.ok(seen.right > 300 && seen.wrong > 300 && seen.named > 30, JSON.stringify(seen))
})

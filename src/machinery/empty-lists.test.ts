import assert from 'node:assert/strict'
import { test } from 'node:test'
import { emptyListsAsNull } from './empty-lists.ts'
import { s } from './schema.ts'

const Driver = s.struct('test.v1.Driver', { keys: s.list(s.string()).optional().nullWhenEmpty() })
const Spec = s.struct('test.v1.Spec', {
  drivers: s.list(Driver).nullWhenEmpty(),
  others: s.list(s.string()),
})
const Plain = s.struct('test.v1.Plain', { others: s.list(s.string()).orNull() })
const change = (value: unknown) => {
  const change = emptyListsAsNull(Spec.node)
  assert.ok(change)
  return change(value)
}

test('marked lists are null where they are empty, at any depth', () => {
  assert.deepEqual(change({ drivers: [], others: [] }), { drivers: null, others: [] })
  assert.deepEqual(change({ drivers: [{ keys: ['a'] }, { keys: [] }], others: ['b'] }), {
    drivers: [{ keys: ['a'] }, { keys: null }],
    others: ['b'],
  })
})

test('what needs no change is shared', () => {
  const value = { drivers: [{ keys: ['a'] }], others: [] }
  assert.equal(change(value), value)
})

test('kinds without such lists are left alone', () => {
  assert.equal(emptyListsAsNull(Plain.node), undefined)
})

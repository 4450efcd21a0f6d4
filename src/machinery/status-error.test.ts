import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FieldPath, invalid } from './field-error.ts'
import { invalidObject } from './status-error.ts'

const KIND = { group: 'apps', kind: 'Thing' }

test('an invalid object: each fault once in the message, all of them among the causes', () => {
  const path = FieldPath.root.child('spec')
  const errors = [invalid(path, ['<a>'], 'no'), invalid(path, ['<a>'], 'no'), invalid(path, 1, 'x')]
  const { message, details } = invalidObject(KIND, 'a', errors).toStatus()
  const [first, last] = ['Invalid value: ["\\u003ca\\u003e"]: no', 'Invalid value: 1: x']
  assert.equal(message, `Thing.apps "a" is invalid: [spec: ${first}, spec: ${last}]`)
  assert.deepEqual(
    details?.causes?.map((cause) => cause.message),
    [first, first, last],
  )
})

test('errors that each show a long list fill no memory with it', () => {
  const path = FieldPath.root.child('list')
  const list = Array.from({ length: 20_000 }, (_, index) => `item ${index}`)
  const startedAt = performance.now()
  const errors = list.map((item) => invalid(path, list, `not ${item}`))
  const { message, details } = invalidObject(KIND, 'a', errors).toStatus()
  assert.ok(message !== undefined && message.length < 10 * 1024 * 1024, `${message?.length}`)
  assert.ok((details?.causes?.length ?? 0) > 1)
  assert.ok(performance.now() - startedAt < 20_000)
})

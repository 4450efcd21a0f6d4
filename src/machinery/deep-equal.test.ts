import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseJson } from '../base/json.ts'
import { deepEqual } from './deep-equal.ts'

test('the same values', () => {
  assert.ok(deepEqual({ a: 1, b: [{ c: 'd' }] }, { b: [{ c: 'd' }], a: 1 }))
  assert.ok(deepEqual({ a: 1, b: undefined }, { a: 1 }))
  assert.ok(deepEqual({ a: 1 }, { c: undefined, a: 1 }))
  assert.ok(deepEqual([], []))
  assert.ok(deepEqual(null, null))
  assert.ok(deepEqual(2n ** 60n, 2n ** 60n))
})

test('different values', () => {
  const pairs: readonly (readonly [unknown, unknown])[] = [
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { a: 1, b: 1 }],
    [{ a: 1, b: undefined }, { b: 1 }],
    [
      [1, 2],
      [2, 1],
    ],
    [[], {}],
    [null, {}],
    [1, '1'],
    [{}, { constructor: Object }],
    [parseJson('{"__proto__":{}}'), {}],
  ]
  for (const [a, b] of pairs) {
    assert.ok(!deepEqual(a, b), `${JSON.stringify(a)} ${JSON.stringify(b)}`)
    assert.ok(!deepEqual(b, a), `${JSON.stringify(b)} ${JSON.stringify(a)}`)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeJson, MOST_DEPTH } from './json.ts'

const bytes = (text: string) => Buffer.from(text)

test('duplicates are found when asked for', () => {
  const text = '{"a":1,"b":[{"c":"x,{","c":2},{"c":1}],"a":{"d":1},"\\u0061":3,"e":{"d":1,"d":2}}'
  const { value, problems } = decodeJson(bytes(text), { findDuplicates: true })
  assert.deepEqual(value, { a: 3, b: [{ c: 2 }, { c: 1 }], e: { d: 2 } })
  assert.deepEqual(problems, [
    'duplicate field "b[0].c"',
    'duplicate field "a"',
    'duplicate field "e.d"',
  ])
  assert.deepEqual(decodeJson(bytes(text)).problems, [])
})

test('depth is limited', () => {
  const nested = (depth: number) => `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`
  assert.ok(decodeJson(bytes(nested(MOST_DEPTH / 2))))
  for (const depth of [MOST_DEPTH / 2 + 1, 100_000]) {
    assert.throws(() => decodeJson(bytes(nested(depth))), { message: 'exceeded max depth' })
  }
  assert.ok(decodeJson(bytes(JSON.stringify({ a: '['.repeat(5000), b: '\\"{'.repeat(5000) }))))
})

test('large integers, and what is not JSON', () => {
  assert.deepEqual(decodeJson(bytes('{"a":9007199254740993}')).value, { a: 9007199254740993n })
  assert.throws(() => decodeJson(bytes('{a}')), { name: 'JsonSyntaxError' })
})

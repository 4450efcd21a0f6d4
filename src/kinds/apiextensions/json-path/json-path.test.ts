import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatPathValue, JsonPath } from './json-path.ts'
import { JsonPathError } from './parse-json-path.ts'

const object = {
  spec: { port: 80, 'dotted.name': 'd', list: ['a', 'b', 'c'] },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Moored', status: 'False' },
    ],
  },
}

const found = (path: string) => new JsonPath(path).find(object)

test('fields, items and ranges', () => {
  assert.deepEqual(found('.spec.port'), [80])
  assert.deepEqual(found(".spec['dotted\\.name']"), ['d'])
  assert.deepEqual(found('.spec.dotted\\.name'), ['d'])
  assert.deepEqual(found('.spec.list[1]'), ['b'])
  assert.deepEqual(found('.spec.list[-1]'), ['c'])
  assert.deepEqual(found('.spec.list[0:2]'), ['a', 'b'])
  assert.deepEqual(found('.spec.list[*]'), ['a', 'b', 'c'])
  assert.deepEqual(found('.spec.none.port'), [])
})

test('filters and whatever is below', () => {
  assert.deepEqual(found('.status.conditions[?(@.type=="Ready")].status'), ['True'])
  assert.deepEqual(found('.status.conditions[?(@.type!="Ready")].status'), ['False'])
  assert.deepEqual(found('..status'), [object.status, 'True', 'False'])
})

test('what is no path is refused', () => {
  for (const path of ['.spec[', '.spec[?(@.a', '.a[x:y]']) {
    assert.throws(() => new JsonPath(path), JsonPathError, path)
  }
})

test('values as kubectl prints them', () => {
  assert.equal(formatPathValue('a'), 'a')
  assert.equal(formatPathValue(true), 'true')
  assert.equal(formatPathValue({ b: 1, a: ['x'] }), '{"a":["x"],"b":1}')
})

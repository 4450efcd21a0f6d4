import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { Correlation } from './correlation.ts'

const items = {
  type: 'object',
  properties: { k: { type: 'string' }, n: { type: 'integer' } },
}
const map: JSONSchemaProps = {
  type: 'array',
  items,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['k'],
}
const list: JSONSchemaProps = { type: 'array', items }

const a = { k: 'a', n: 1 }
const b = { k: 'b', n: 2 }

test('items of map lists are found again by their keys, others never', () => {
  const moved = new Correlation([b, { ...a, n: 3 }], [a, b], map)
  assert.equal(moved.item(0)?.isUnchanged, true)
  assert.deepEqual([moved.item(1)?.old, moved.item(1)?.isUnchanged], [a, false])
  assert.equal(new Correlation([a], [a], list).item(0), undefined)
})

test('a list is what it was, in whatever order where it has keys', () => {
  assert.equal(new Correlation([b, a], [a, b], map).isUnchanged, true)
  assert.equal(new Correlation([b, a], [a, b], list).isUnchanged, false)
  assert.equal(new Correlation([a, b], [{ ...a }, { ...b }], list).isUnchanged, true)
})

test('fields are found again by name, if a schema names them', () => {
  const schema: JSONSchemaProps = { type: 'object', properties: { n: { type: 'integer' } } }
  assert.equal(new Correlation({ n: 1 }, { n: 1 }, schema).isUnchanged, true)
  assert.equal(new Correlation({ n: 1 }, {}, schema).field('n'), undefined)
  assert.equal(new Correlation({ x: 1 }, { x: 1 }, schema).isUnchanged, false)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { prune } from './prune.ts'
import { Structural } from './structural.ts'

const text = { type: 'string' }
const open = 'x-kubernetes-preserve-unknown-fields'

function pruned(value: unknown, schema: object, isRoot = false) {
  const unknown: string[] = []
  return [prune(value, new Structural(schema as JSONSchemaProps, isRoot), { unknown }), unknown]
}

test('fields that no schema names go, and are told', () => {
  const schema = {
    type: 'object',
    properties: {
      name: text,
      list: { type: 'array', items: { type: 'object', properties: { a: text } } },
      map: {
        type: 'object',
        additionalProperties: { type: 'object', properties: { a: text } },
      },
    },
  }
  const value = {
    name: 'x',
    mast: 1,
    list: [{ a: '1', b: 2 }, { a: '3' }],
    map: { k: { a: '1', c: 2 } },
  }
  assert.deepEqual(pruned(value, schema), [
    { name: 'x', list: [{ a: '1' }, { a: '3' }], map: { k: { a: '1' } } },
    ['list[0].b', 'map.k.c', 'mast'],
  ])
})

test('what has nothing to lose is shared', () => {
  const schema = { type: 'object', properties: { a: { type: 'object', properties: { b: text } } } }
  const value = { a: { b: 'x' } }
  assert.equal(pruned(value, schema)[0], value)
  const mixed = { a: { b: 'x' }, c: 1 }
  const [result] = pruned(mixed, schema) as [typeof mixed, string[]]
  assert.equal(result.a, mixed.a)
})

test('an open schema keeps what it does not know, and prunes what it does', () => {
  const schema = {
    type: 'object',
    [open]: true,
    properties: { known: { type: 'object', properties: { a: text } } },
  }
  const value = { any: { b: 1 }, known: { a: 'x', b: 1 } }
  assert.deepEqual(pruned(value, schema)[0], { any: { b: 1 }, known: { a: 'x' } })
})

test('an object has its names and metadata, whatever its schema says', () => {
  const object = { apiVersion: 'v1', kind: 'Boat', metadata: { name: 'a' }, spec: {} }
  const schema = { type: 'object', properties: { spec: { type: 'object' } } }
  assert.equal(pruned(object, schema, true)[0], object)
  assert.deepEqual(pruned(object, schema)[0], { spec: {} })
  const embedding = {
    type: 'object',
    properties: { pod: { ...schema, 'x-kubernetes-embedded-resource': true } },
  }
  assert.deepEqual(pruned({ pod: { ...object, status: {} } }, embedding)[0], { pod: object })
})

test('nulls may be kept for validation, wherever they stand', () => {
  const map = { type: 'object', additionalProperties: text }
  const schema = {
    type: 'object',
    properties: { a: text, map, list: { type: 'array', items: map } },
  }
  const value = { a: null, map: { k: null }, list: [{ k: null }], gone: 1 }
  const structural = new Structural(schema as JSONSchemaProps, false)
  assert.deepEqual(prune(value, structural), { map: {}, list: [{}] })
  const { gone: _, ...kept } = value
  assert.deepEqual(prune(value, structural, { keepsNulls: true }), kept)
})

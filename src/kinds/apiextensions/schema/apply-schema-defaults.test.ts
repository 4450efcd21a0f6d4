import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { applySchemaDefaults } from './apply-schema-defaults.ts'
import { Structural } from './structural.ts'

const filled = (value: unknown, schema: object) =>
  applySchemaDefaults(value, new Structural(schema as JSONSchemaProps))

const port = { type: 'integer', default: 80 }

test('what is missing is filled in, through lists and maps', () => {
  const item = { type: 'object', properties: { port } }
  const schema = {
    type: 'object',
    properties: {
      port,
      list: { type: 'array', items: item },
      map: { type: 'object', additionalProperties: item },
      none: item,
    },
  }
  assert.deepEqual(filled({ list: [{}, { port: 1 }], map: { a: {} } }, schema), {
    port: 80,
    list: [{ port: 80 }, { port: 1 }],
    map: { a: { port: 80 } },
  })
})

test('a default is filled in itself', () => {
  const schema = {
    type: 'object',
    properties: { inner: { type: 'object', default: {}, properties: { port } } },
  }
  assert.deepEqual(filled({}, schema), { inner: { port: 80 } })
})

test('a null gives way to a default, but not where null may stand', () => {
  const nullable = { type: 'integer', default: 80, nullable: true }
  const schema = { type: 'object', properties: { port, nullable } }
  assert.deepEqual(filled({ port: null, nullable: null }, schema), { port: 80, nullable: null })
})

test('what lacks nothing is shared', () => {
  const schema = { type: 'object', properties: { port } }
  const value = { port: 1 }
  assert.equal(filled(value, schema), value)
})

describe('a default of metadata inside an object loses what metadata has no field for', () => {
  const names = { apiVersion: 'v1', kind: 'Thing' }
  const metadata = { name: 'a', colour: 'red', labels: { a: 1 } }
  const kept = { name: 'a' }
  const embedded = (more: object) => ({
    ...{ type: 'object', 'x-kubernetes-embedded-resource': true },
    ...{ 'x-kubernetes-preserve-unknown-fields': true, ...more },
  })
  const root = (inner: object) => ({ type: 'object', properties: { inner } })

  test('where it is that of the whole object', () => {
    const schema = root(embedded({ default: { ...names, metadata } }))
    assert.deepEqual(filled({}, schema), { inner: { ...names, metadata: kept } })
  })

  test('where it is that of something around the object', () => {
    const inner = { type: 'object', properties: { object: embedded({}) } }
    const schema = root({ ...inner, default: { object: { ...names, metadata } } })
    assert.deepEqual(filled({}, schema), { inner: { object: { ...names, metadata: kept } } })
  })

  test('where it is that of the metadata', () => {
    const properties = { metadata: { type: 'object', default: metadata } }
    assert.deepEqual(filled({ inner: {} }, root(embedded({ properties }))), {
      inner: { metadata: kept },
    })
  })

  test('where it is that of a field of metadata, or of a part of one', () => {
    const text = (given: string) => ({ type: 'string', default: given })
    const labels = { type: 'object', properties: { a: text('b') } }
    const owner = { type: 'object', properties: { name: text('o'), none: text('n') } }
    const properties = {
      metadata: {
        type: 'object',
        properties: {
          ...{ name: text('a'), colour: text('red'), labels },
          ownerReferences: { type: 'array', items: owner },
        },
      },
    }
    const given = { metadata: { labels: {}, ownerReferences: [{}] } }
    assert.deepEqual(filled({ inner: given }, root(embedded({ properties }))), {
      inner: { metadata: { name: 'a', labels: { a: 'b' }, ownerReferences: [{ name: 'o' }] } },
    })
  })
})

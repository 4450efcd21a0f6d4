import assert from 'node:assert/strict'
import { test } from 'node:test'
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

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shapeOf } from '../../../machinery/apply/shape.ts'
import { validateTyped } from '../../../machinery/apply/validate-typed.ts'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { applyNodeOf } from './apply-node.ts'

const text = { type: 'string' }

function check(properties: object, value: object): void {
  const schema = { type: 'object', properties } as JSONSchemaProps
  validateTyped(shapeOf(applyNodeOf('example.Boat', schema)), value)
}

test('what keeps unknown fields keeps them in all that is below it, and nowhere else', () => {
  const inner = { type: 'object', properties: { a: text } }
  const listed = { type: 'array', items: inner }
  const named = { type: 'object', additionalProperties: inner }
  const open = { 'x-kubernetes-preserve-unknown-fields': true }
  const spec = { type: 'object', ...open, properties: { inner, listed, named } }
  const value = { inner: { b: 1 }, listed: [{ b: 1 }], named: { x: { b: 1 } }, b: 1 }
  check({ spec }, { spec: value })
  check({ list: { type: 'array', ...open, items: inner } }, { list: [{ b: 1 }] })
  assert.throws(() => check({ spec, inner }, { spec: value, inner: { b: 1 } }), {
    message: '.inner.b: field not declared in schema',
  })
})

test('what an old definition keeps everywhere may be applied, whether it is named or not', () => {
  const properties = { spec: { type: 'object', properties: { a: text } } }
  const schema = { properties } as JSONSchemaProps
  const value = { spec: { a: 'x', b: 1 }, other: { c: [1] } }
  const apply = (keepsUnknown: boolean) =>
    validateTyped(shapeOf(applyNodeOf('example.Boat', schema, keepsUnknown)), value)
  apply(true)
  assert.throws(() => apply(false), { message: /\.other: field not declared in schema/ })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Structural } from '../../../kinds/apiextensions/schema/structural.ts'
import type { KubeObject } from '../../../machinery/kind.ts'
import { ObjectReader } from './object-reader.ts'

const apiVersion = 'example.com/v1'

const reader = new ObjectReader({
  ...{ apiVersion, version: 'v1', kind: 'Toy', keepsUnknown: false },
  structural: new Structural({ type: 'object', properties: { size: { type: 'integer' } } }, true),
})

const stored = (metadata: object, more: object = {}) =>
  ({ apiVersion, kind: 'Toy', metadata, ...more }) as unknown as KubeObject

test('what was stored before metadata was checked is read without what it cannot be', () => {
  const metadata = {
    ...{ name: 'a', colour: 'red', generation: null },
    ...{ labels: { a: 'not valid, but text' }, annotations: { a: 1, b: 'c' } },
  }
  assert.deepEqual(reader.complete(stored(metadata, { size: 1, weight: 2 })), {
    ...{ apiVersion, kind: 'Toy', size: 1 },
    metadata: { name: 'a', generation: 1, labels: { a: 'not valid, but text' } },
  })
})

test('what is as it should be is read as it is', () => {
  const object = stored({ name: 'a', generation: 2, labels: { a: 'b' } }, { size: 1 })
  assert.equal(reader.complete(object), object)
})

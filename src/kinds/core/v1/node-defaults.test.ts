import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Node } from './node.ts'
import { setNodeDefaults } from './node-defaults.ts'

test('the first range of pod addresses stands in both of its fields', () => {
  const rangesOf = (spec: object) => {
    const { podCIDR, podCIDRs } = setNodeDefaults({ spec, status: {} } as Node).spec
    return [podCIDR, podCIDRs]
  }
  const [a, b] = ['10.0.0.0/24', '10.0.1.0/24']
  assert.deepEqual(rangesOf({}), [undefined, undefined])
  assert.deepEqual(rangesOf({ podCIDR: a }), [a, [a]])
  assert.deepEqual(rangesOf({ podCIDRs: [a, b] }), [a, [a, b]])
  assert.deepEqual(rangesOf({ podCIDR: b, podCIDRs: [a, b] }), [b, [b]])
})

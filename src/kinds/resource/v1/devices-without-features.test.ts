import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { withoutFeatures } from './devices-without-features.ts'
import { ResourceSlice } from './resource-slice.ts'

const read = (device: object) => {
  const spec = { driver: 'd', pool: { name: 'p' }, devices: [{ name: 'a', ...device }] }
  return decodeObject(ResourceSlice, { metadata: { name: 'a' }, spec }).value
}

test('lists as attributes and mappings are kept only where they were before', () => {
  const lists = { attributes: { a: { bool: true, ints: [1] } } }
  const mapped = { nodeAllocatableResourceMappings: { cpu: { capacityKey: 'c' } } }
  const [device] = withoutFeatures(read({ ...lists, ...mapped })).spec.devices ?? []
  assert.deepEqual(device, { name: 'a', attributes: { a: { bool: true } } })
  const old = read(lists)
  assert.equal(withoutFeatures(old, old), old)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { s } from '../schema.ts'
import { conversionFault } from './conversion-fault.ts'

const { node } = s.struct('test.v1.Thing', {
  text: s.string().optional(),
  flag: s.bool().optional(),
  count: s.int32().optional(),
  share: s.double().optional(),
  bytes: s.bytes().optional(),
  time: s.time().optional(),
  labels: s.map(s.string()).optional(),
  items: s.list(s.struct('test.v1.Item', { name: s.string() })).optional(),
})

test('what does not fit is told as upstream converts it', () => {
  const faults: readonly [value: unknown, fault: string | undefined][] = [
    [{ text: 'a', flag: true, count: 1, share: 1, bytes: 'YQ==', labels: {} }, undefined],
    [{ text: null, labels: { a: null }, unknown: [] }, undefined],
    [{ text: 1 }, 'cannot convert int64 to string'],
    [{ text: true }, 'unrecognized type: string'],
    [{ text: 1.5 }, 'unrecognized type: string'],
    [{ flag: 'true' }, 'unrecognized type: bool'],
    [{ flag: 1 }, 'unrecognized type: bool'],
    [{ count: '1' }, 'unrecognized type: int32'],
    [{ count: 1.5 }, 'cannot convert float64 to int32'],
    [{ share: 'a' }, 'unrecognized type: float64'],
    [{ bytes: 5 }, 'cannot restore slice from int64'],
    [{ labels: 'x' }, 'cannot restore map from string'],
    [{ labels: { a: 1 } }, 'cannot convert int64 to string'],
    [{ items: {} }, 'cannot restore slice from map'],
    [{ items: [[]] }, 'cannot restore struct from: slice'],
    [{ items: [{ name: [] }] }, 'unrecognized type: string'],
    // A time reads JSON itself: whoever decodes says what is wrong with it.
    [{ time: 5 }, undefined],
  ]
  for (const [value, fault] of faults) {
    assert.equal(conversionFault(node, value), fault, JSON.stringify(value))
  }
})

test('what the patch left as it was is not looked into', () => {
  const items = [{ name: 1 }]
  const before = { text: 1, items, labels: { a: 1, b: '' } }
  const fault = (value: object) => conversionFault(node, value, before)
  assert.equal(
    fault({ ...before, count: 1, labels: { a: 1, b: 'c' } }),
    'cannot convert int64 to string',
  )
  assert.equal(fault({ ...before, labels: before.labels, count: 1 }), undefined)
  assert.equal(fault({ ...before, count: '1' }), 'unrecognized type: int32')
  assert.equal(
    fault({ ...before, items: [...items, { name: 2 }] }),
    'cannot convert int64 to string',
  )
  assert.equal(fault({ ...before, items: [...items, { name: 'a' }] }), undefined)
})

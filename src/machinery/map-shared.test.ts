import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mapShared, withFields } from './map-shared.ts'

test('what does not change is shared', () => {
  const list = [{ n: 1 }, { n: 2 }, { n: 3 }]
  assert.equal(
    mapShared(list, (item) => item),
    list,
  )
  const changed = mapShared(list, (item) => (item.n === 2 ? { n: 9 } : item))
  assert.deepEqual(changed, [{ n: 1 }, { n: 9 }, { n: 3 }])
  assert.equal(changed[2], list[2])
  const object: { a: number; b?: number } = { a: 1 }
  assert.equal(withFields(object, { a: 1 }), object)
  assert.deepEqual(withFields(object, { b: 2 }), { a: 1, b: 2 })
})

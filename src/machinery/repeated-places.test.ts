import assert from 'node:assert/strict'
import { test } from 'node:test'
import { repeatedPlaces } from './repeated-places.ts'

test('what has come before is found at each of its later places, in long lists too', () => {
  assert.deepEqual([...repeatedPlaces([])], [])
  assert.deepEqual([...repeatedPlaces(['a', 'b'])], [])
  assert.deepEqual([...repeatedPlaces(['a', 'b', 'a', 'c', 'a', 'b'])], [2, 4, 5])
  const many = Array.from({ length: 200_000 }, (_, index) => index)
  const startedAt = performance.now()
  assert.deepEqual([...repeatedPlaces([...many, 7])], [many.length])
  assert.ok(performance.now() - startedAt < 5000)
})

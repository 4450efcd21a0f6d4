import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../../base/random.ts'
import { OrderedObjects } from './ordered-objects.ts'
import type { StoredObject } from './stored-object.ts'

const objectOf = (key: string, revision = 1) => ({ key, revision }) as StoredObject

test('objects are in order after any inserts, replacements and deletions', () => {
  const random = seededRandom(7)
  const ordered = new OrderedObjects()
  const byKey = new Map<string, StoredObject>()
  const check = () => {
    const expected = [...byKey.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))
    assert.deepEqual(ordered.all(), expected)
  }
  check()
  for (let step = 0; step < 12_000; step++) {
    const isGrowing = step < 6_000
    const key = String(Math.floor(random.next() * 4_000)).padStart(5, '0')
    const known = byKey.get(key)
    if (known === undefined) {
      const stored = objectOf(key)
      byKey.set(key, stored)
      ordered.insert(stored)
    } else if (random.next() < (isGrowing ? 0.2 : 0.9)) {
      byKey.delete(key)
      ordered.delete(known)
    } else {
      const stored = objectOf(key, known.revision + 1)
      byKey.set(key, stored)
      ordered.replace(stored)
    }
    if (step % 500 === 0) check()
  }
  for (const stored of byKey.values()) ordered.delete(stored)
  byKey.clear()
  check()
  for (let index = 0; index < 3_000; index++) {
    const stored = objectOf(String(index).padStart(5, '0'))
    byKey.set(stored.key, stored)
    ordered.insert(stored)
  }
  check()
})

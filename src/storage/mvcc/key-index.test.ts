import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KeyIndex } from './key-index.ts'
import { prefixRange } from './key-order.ts'
import { planWrite } from './plan-write.ts'

/** Applies writes like 'a' and deletions like '-a' from revision 2 on. */
function indexOf(...writes: string[]): KeyIndex {
  const index = new KeyIndex()
  for (const write of writes) {
    const isDeletion = write.startsWith('-')
    const key = isDeletion ? write.slice(1) : write
    const value = isDeletion ? undefined : Buffer.from('x')
    const request = { key, value, expiryTime: 0 }
    const plan = planWrite(request, index.newest(key), index.revision + 1, true)
    assert.equal(plan.code, 'Write')
    if (plan.code === 'Write') index.apply(plan.version)
  }
  return index
}

test('a sweep names what became unreachable, once each, in any steps', () => {
  for (const most of [1, 2, 3, 100]) {
    const index = indexOf('b', 'c', 'a', 'a', '-b', 'c', 'a', 'b', '-a')
    index.compact(7)
    const swept: number[] = []
    while (!index.isSwept) swept.push(...index.sweep(most))
    // 2 and 6: b and its deletion; 3: c, overwritten at 7; 4: a, overwritten at 5.
    assert.deepEqual(swept.toSorted(), [2, 3, 4, 6])
    assert.deepEqual(index.sweep(most), [])
    index.compact(10)
    const rest: number[] = []
    while (!index.isSwept) rest.push(...index.sweep(most))
    assert.deepEqual(
      rest.toSorted((a, b) => a - b),
      [5, 8, 10],
    )
  }
})

test('a deleted key is forgotten with its deletion, and a state in between stays', () => {
  const index = indexOf('a', '-a', 'b', 'a', '-a', 'c')
  index.compact(4)
  index.sweep(100)
  assert.equal(index.get('a', 4), undefined)
  assert.equal(index.get('a', 5)?.modRevision, 5)
  assert.equal(index.newest('a')?.isDeleted, true)
  index.compact(6)
  index.sweep(100)
  assert.equal(index.newest('a'), undefined)
  assert.equal(index.count(prefixRange(''), 7), 2)
})

test('a fork of an old revision does not bring back what was swept', () => {
  const index = indexOf('a', '-a', 'b', 'a')
  index.compact(4)
  index.sweep(100)
  const fork = index.fork(4)
  assert.equal(fork.newest('a'), undefined)
  assert.equal(fork.count(prefixRange(''), 4), 1)
})

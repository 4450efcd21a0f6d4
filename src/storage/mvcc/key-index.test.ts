import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInt, seededRandom } from '../../base/random.ts'
import { CopyOnWriteTree } from './copy-on-write-tree.ts'
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

test('counts of every revision are those of its keys, whatever was changed since', () => {
  for (const seed of [1, 2, 3, 4]) {
    const random = seededRandom(seed)
    const present = new Set<string>()
    const states: (readonly string[])[] = []
    const writes = Array.from({ length: 200 }, () => {
      const key = `/${'ab'[randomInt(random, 2)]}/${randomInt(random, 6)}`
      const isDeletion = present.has(key) && random.next() < 0.5
      if (isDeletion) present.delete(key)
      else present.add(key)
      states.push([...present])
      return isDeletion ? `-${key}` : key
    })
    const index = indexOf(...writes)
    index.compact(50)
    index.sweep(30)
    for (let revision = 50; revision <= index.revision; revision++) {
      const keys = states[revision - 2] ?? []
      for (const [prefix, start] of [
        ['', undefined],
        ['/a/', undefined],
        ['/b/', '/b/3'],
      ] as const) {
        const wanted = keys
          .filter((key) => key.startsWith(prefix) && key >= (start ?? ''))
          .toSorted()
        const range = prefixRange(prefix, start)
        assert.equal(index.count(range, revision), wanted.length)
        const { versions, count, more } = index.list(range, revision, 2)
        assert.deepEqual(
          versions.map(({ key }) => key),
          wanted.slice(0, 2),
        )
        assert.deepEqual([count, more], [wanted.length, wanted.length > 2])
      }
    }
  }
})

test('a page of an old revision looks at its own keys, not at all', (context) => {
  const index = indexOf(...Array.from({ length: 1000 }, (_, at) => `/a/${1000 + at}`), '/b/1')
  let looked = 0
  const visit = CopyOnWriteTree.prototype.visit
  context.mock.method(
    CopyOnWriteTree.prototype,
    'visit',
    function (
      this: CopyOnWriteTree<unknown>,
      from: string,
      below: string | undefined,
      visitor: (value: unknown) => boolean,
    ) {
      visit.call(this, from, below, (value) => {
        looked++
        return visitor(value)
      })
    },
  )
  const range = prefixRange('/a/', '/a/1500')
  assert.equal(index.list(range, index.revision - 1, 10, false).versions.length, 10)
  assert.equal(looked, 11)
  assert.equal(index.list(range, index.revision - 1, 10).count, 500)
  assert.equal(looked, 22, 'one change since then is less than all keys')
})

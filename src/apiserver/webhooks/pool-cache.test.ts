import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HttpsPool } from './https-pool.ts'
import { PoolCache } from './pool-cache.ts'

function opener() {
  const opened: string[] = []
  const closed: string[] = []
  const open = (id: string) => (): HttpsPool => {
    opened.push(id)
    return {
      post: () => Promise.reject(new Error('nobody there')),
      [Symbol.dispose]: () => void closed.push(id),
    }
  }
  return { opened, closed, open }
}

test('a pool is opened once, and closed when others have taken its place', () => {
  const { opened, closed, open } = opener()
  const cache = new PoolCache(2)
  for (const id of ['a', 'b', 'a', 'c', 'a', 'b']) cache.borrow(id, open(id))[Symbol.dispose]()
  assert.deepEqual(opened, ['a', 'b', 'c', 'b'])
  assert.deepEqual(closed, ['b', 'c'])
  cache[Symbol.dispose]()
  assert.deepEqual(closed.toSorted(), ['a', 'b', 'b', 'c'])
})

test('one that is used is closed after its last call', () => {
  const { closed, open } = opener()
  const cache = new PoolCache(1)
  const first = cache.borrow('a', open('a'))
  const second = cache.borrow('a', open('a'))
  assert.equal(first.pool, second.pool)
  cache.borrow('b', open('b'))[Symbol.dispose]()
  first[Symbol.dispose]()
  assert.deepEqual(closed, [])
  second[Symbol.dispose]()
  assert.deepEqual(closed, ['a'])
})

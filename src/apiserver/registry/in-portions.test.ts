import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TurnCounter } from '../../../test/support/turn-counter.ts'
import { inPortions, JUDGED_AT_ONCE, selectInPortions } from './in-portions.ts'

test('others go on while a long list is visited', async () => {
  const visited: number[] = []
  const turns = new TurnCounter()
  await inPortions(new Array(1000).keys(), (item) => visited.push(item))
  assert.deepEqual(visited, [...new Array(1000).keys()])
  assert.ok(turns.stop() >= 9)
})

test('others go on while a long list is judged; a short one is judged at once', async () => {
  const list = [...new Array(10 * JUDGED_AT_ONCE).keys()]
  const isEven = (item: number) => item % 2 === 0
  const turns = new TurnCounter()
  const { items, seen } = await selectInPortions(list, isEven)
  assert.ok(turns.stop() >= 9)
  assert.deepEqual(items, list.filter(isEven))
  assert.equal(seen, list.length)
  const short = selectInPortions(list.slice(0, JUDGED_AT_ONCE), isEven)
  assert.ok(!(short instanceof Promise))
  const { items: same } = await selectInPortions(list, undefined)
  assert.equal(same, list, 'no copy of what is not chosen from')
})

test('a page is full before the rest is judged', async () => {
  const list = [...new Array(10 * JUDGED_AT_ONCE).keys()]
  for (const [limit, last] of [
    [3, 2],
    [JUDGED_AT_ONCE, JUDGED_AT_ONCE - 1],
    [JUDGED_AT_ONCE + 7, JUDGED_AT_ONCE + 6],
  ] as const) {
    let judged = 0
    const { items, seen } = await selectInPortions(list, () => ++judged > 0, limit)
    assert.deepEqual([items.length, items.at(-1), seen, judged], [limit, last, last + 1, last + 1])
  }
  const { items, seen } = await selectInPortions(list, undefined, 4)
  assert.deepEqual([items, seen], [[0, 1, 2, 3], 4])
  const all = await selectInPortions(list.slice(0, 2), undefined, 4)
  assert.deepEqual([all.items, all.seen], [[0, 1], 2])
})

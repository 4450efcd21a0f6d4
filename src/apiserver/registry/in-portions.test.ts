import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inPortions } from './in-portions.ts'

test('others go on while a long list is visited', async () => {
  const visited: number[] = []
  let turns = 0
  let isDone = false
  const turn = () => {
    turns++
    if (!isDone) setImmediate(turn)
  }
  setImmediate(turn)
  await inPortions(new Array(1000).keys(), (item) => visited.push(item))
  isDone = true
  assert.deepEqual(visited, [...new Array(1000).keys()])
  assert.ok(turns >= 9)
})

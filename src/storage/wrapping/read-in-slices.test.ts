import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TurnCounter } from '../../../test/support/turn-counter.ts'
import { readInSlices } from './read-in-slices.ts'

const valuesOf = (count: number, length: number) =>
  Array.from({ length: count }, (_, index) => ({ index, value: new Uint8Array(length) }))

async function turnsOf(count: number, length: number): Promise<number> {
  const turns = new TurnCounter()
  const read = await readInSlices(valuesOf(count, length), ({ index }) => index)
  assert.deepEqual(read, [...Array(count).keys()])
  return turns.stop()
}

test('many values are read in many turns, and so are few large ones', async () => {
  assert.ok((await turnsOf(1000, 1000)) >= 15)
  assert.ok((await turnsOf(10_000, 0)) >= 30)
  assert.ok((await turnsOf(5, 1_000_000)) >= 4)
})

test('few values are read at once', async () => {
  assert.equal(await turnsOf(20, 1000), 0)
})

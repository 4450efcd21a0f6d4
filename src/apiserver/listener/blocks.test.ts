import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { BLOCK_BYTES, BlockPool, inBlocks } from './blocks.ts'

test('blocks hold the same bytes, and a large chunk is not copied', () => {
  const large = Buffer.alloc(2_000_000, 'x')
  const small = Array.from({ length: 1000 }, (_, index) => Buffer.from(`item ${index},`.repeat(10)))
  const chunks = [...small.slice(0, 500), large, ...small.slice(500), Buffer.alloc(0)]
  const pool = new BlockPool()
  const blocks = [...inBlocks(chunks, pool)]
  assert.deepEqual(Buffer.concat(blocks), Buffer.concat(chunks))
  assert.ok(blocks.includes(large))
  assert.ok(blocks.length < 8)
  assert.deepEqual([...inBlocks([], pool)], [])
})

test('a block is used again once it was written, but not after an error', () => {
  const pool = new BlockPool()
  const chunks = [Buffer.alloc(30_000, 'a'), Buffer.alloc(30_000, 'b')]
  const [first] = inBlocks(chunks, pool)
  const [second] = inBlocks(chunks, pool)
  assert.ok(first !== undefined && second !== undefined)
  assert.notEqual(first.buffer, second.buffer)
  pool.giveBack(first)
  pool.giveBack(first)
  pool.giveBack(second, new Error('the connection was lost'))
  const [third] = inBlocks([Buffer.alloc(50_000, 'c'), Buffer.from('d')], pool)
  const [fourth] = inBlocks(chunks, pool)
  assert.equal(third?.buffer, first.buffer)
  assert.equal(third.toString(), `${'c'.repeat(50_000)}d`)
  assert.ok(fourth !== undefined && ![first.buffer, second.buffer].includes(fourth.buffer))
})

test('blocks that never come back are not kept', async () => {
  const pool = new BlockPool()
  const part = new WeakRef(pool.fill([Buffer.alloc(BLOCK_BYTES)], BLOCK_BYTES))
  for (let turn = 0; turn < 20 && part.deref() !== undefined; turn++) {
    await setImmediate() // A WeakRef holds what it refers to until the turn ends.
    globalThis.gc?.()
  }
  assert.equal(part.deref(), undefined)
})

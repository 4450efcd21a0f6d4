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

test('what is put together from few bytes holds no block, and takes one for a moment only', () => {
  const pool = new BlockPool()
  const small = [...inBlocks([Buffer.from('a'), Buffer.from('b')], pool)]
  assert.equal(Buffer.concat(small).toString(), 'ab')
  assert.ok(small.every(({ buffer }) => buffer.byteLength < BLOCK_BYTES))
  const block = pool.take()
  assert.equal(block.toString('latin1', 0, 2), 'ab')
})

test('a source of bytes is written where it belongs, alone or among others', () => {
  const pool = new BlockPool()
  const source = {
    length: 40_000,
    copyTo: (target: Buffer, at: number) => void target.fill('s', at, at + 40_000),
  }
  const blocks = [...inBlocks([source, Buffer.from('x'), source, source], pool)]
  assert.deepEqual(
    blocks.map(({ length }) => length),
    [40_001, 40_000, 40_000],
  )
  const text = Buffer.concat(blocks).toString()
  assert.equal(text, `${'s'.repeat(40_000)}x${'s'.repeat(80_000)}`)
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
  const part = new WeakRef(pool.lend(pool.take(), BLOCK_BYTES))
  for (let turn = 0; turn < 20 && part.deref() !== undefined; turn++) {
    await setImmediate() // A WeakRef holds what it refers to until the turn ends.
    globalThis.gc?.()
  }
  assert.equal(part.deref(), undefined)
})

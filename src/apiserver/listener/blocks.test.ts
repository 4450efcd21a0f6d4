import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inBlocks } from './blocks.ts'

test('blocks hold the same bytes, and a large chunk is not copied', () => {
  const large = Buffer.alloc(2_000_000, 'x')
  const small = Array.from({ length: 1000 }, (_, index) => Buffer.from(`item ${index},`.repeat(10)))
  const chunks = [...small.slice(0, 500), large, ...small.slice(500), Buffer.alloc(0)]
  const blocks = [...inBlocks(chunks)]
  assert.deepEqual(Buffer.concat(blocks), Buffer.concat(chunks))
  assert.ok(blocks.includes(large))
  assert.ok(blocks.length < 6)
  assert.deepEqual([...inBlocks([])], [])
})

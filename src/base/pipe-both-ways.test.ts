import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { pipeBothWays } from './pipe-both-ways.ts'

test('a stream that has gone before it begins breaks the other', { timeout: 5000 }, async () => {
  for (const isLeft of [true, false]) {
    const [gone, other] = [new PassThrough(), new PassThrough()]
    gone.destroy()
    await new Promise((resolve) => gone.once('close', resolve))
    await (isLeft ? pipeBothWays(gone, other) : pipeBothWays(other, gone))
    assert.ok(other.destroyed)
  }
})

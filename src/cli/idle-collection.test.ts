import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isWorthCollecting } from './idle-collection.ts'

const MIB = 2 ** 20

describe('collecting when idle', () => {
  const grown = { usedBytes: 60 * MIB, committedBytes: 100 * MIB }

  it('gives back what a burst has left', () => {
    assert.ok(isWorthCollecting(grown, 50 * MIB, 0.01))
  })

  it('waits until the process is idle', () => {
    assert.ok(!isWorthCollecting(grown, 50 * MIB, 0.5))
  })

  it('does not collect again what it has collected', () => {
    assert.ok(!isWorthCollecting(grown, 95 * MIB, 0.01))
  })

  it('spares a large heap the pause', () => {
    const large = { usedBytes: 500 * MIB, committedBytes: 900 * MIB }
    assert.ok(!isWorthCollecting(large, 100 * MIB, 0.01))
  })
})

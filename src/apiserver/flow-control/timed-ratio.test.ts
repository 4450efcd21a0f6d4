import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { TimedRatio } from './timed-ratio.ts'

test('a ratio is counted for each nanosecond in which it was so, whatever changed it', async () => {
  const clock = new VirtualClock()
  const ratio = new TimedRatio(clock, [0, 0.5, 1], { level: 'a' })
  await clock.advance(1)
  ratio.limit(4)
  ratio.set(1, clock.monotonic())
  await clock.advance(2)
  ratio.set(3, clock.monotonic())
  await clock.advance(3)
  ratio.limit(2)
  await clock.advance(5)
  const { labels, counts, sum } = ratio.times
  assert.deepEqual([...counts], [1e6, 2e6, 3e6, 5e6])
  assert.equal(sum, 2e6 * 0.25 + 3e6 * 0.75 + 5e6 * 1.5)
  assert.deepEqual(labels, { level: 'a' })
  ratio.set(0, clock.monotonic())
  await clock.advance(7)
  assert.deepEqual([...ratio.times.counts], [8e6, 2e6, 3e6, 5e6])
})

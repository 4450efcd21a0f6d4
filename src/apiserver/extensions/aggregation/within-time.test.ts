import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../../test/support/virtual-clock.ts'
import { withinTime } from './within-time.ts'

test('a task that takes too long is ended, not only forgotten', async () => {
  const clock = new VirtualClock()
  let given: AbortSignal | undefined
  const waiting = withinTime(clock, 5000, new AbortController().signal, (signal) => {
    given = signal
    return new Promise(() => {})
  })
  const refused = assert.rejects(waiting, /^Error: request timed out$/)
  await clock.advance(4999)
  assert.equal(given?.aborted, false)
  await clock.advance(1)
  await refused
  assert.equal(given?.aborted, true)
})

test('what is there in time is given, and what ends the caller ends the task', async () => {
  const clock = new VirtualClock()
  const parent = new AbortController()
  let given: AbortSignal | undefined
  const found = await withinTime(clock, 5000, parent.signal, async (signal) => {
    given = signal
    return 7
  })
  assert.deepEqual([found, given?.aborted, clock.pendingTimers], [7, false, 0])

  const ended = withinTime(
    clock,
    5000,
    parent.signal,
    (signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  )
  parent.abort(new Error('the server ends'))
  await assert.rejects(ended, /the server ends/)
})

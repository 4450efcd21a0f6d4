import assert from 'node:assert/strict'
import { test } from 'node:test'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { DeadlineQueue } from './deadline-queue.ts'
import { LazyAbort } from './lazy-abort.ts'

test('one timer serves all deadlines, those that were cancelled aside', async () => {
  const clock = new VirtualClock()
  const queue = new DeadlineQueue(clock, 100)
  const due: string[] = []
  const add = (name: string) => queue.add(() => due.push(`${name} at ${clock.monotonic()}`))
  const first = add('first')
  await clock.advance(30)
  const second = add('second')
  add('third')
  assert.equal(clock.pendingTimers, 1)
  queue.cancel(first)
  await clock.advance(80)
  assert.deepEqual(due, [])
  queue.cancel(second)
  const late = add('late')
  await clock.advance(20)
  assert.deepEqual(due, ['third at 130'])
  queue.cancel(late)
  const again = add('again')
  queue.cancel(again)
  await clock.advance(90)
  assert.equal(clock.pendingTimers, 0)
  add('alone')
  await clock.advance(100)
  assert.deepEqual(due, ['third at 130', 'alone at 320'])
  assert.equal(clock.pendingTimers, 0)
  add('cut short')
  queue[Symbol.dispose]()
  assert.equal(clock.pendingTimers, 0)
})

test('a signal that is asked for late has been aborted already', () => {
  const abort = new LazyAbort()
  abort.abort('first')
  abort.abort('second')
  assert.ok(abort.signal.aborted)
  assert.equal(abort.signal.reason, 'first')
  const other = new LazyAbort()
  const { signal } = other
  assert.ok(!signal.aborted)
  other.abort('now')
  assert.ok(signal.aborted && other.isAborted)
})

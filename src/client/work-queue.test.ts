import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle, VirtualClock } from '../../test/support/virtual-clock.ts'
import { WorkQueue } from './work-queue.ts'

test('a key that is added twice is handed out once', async () => {
  const queue = new WorkQueue(new VirtualClock())
  queue.add('a')
  queue.add('b')
  queue.add('a')
  assert.equal(await queue.get(), 'a')
  assert.equal(await queue.get(), 'b')
  assert.equal(queue.size, 0)
})

test('a key that changes while it is worked on comes again, after its worker is done', async () => {
  const queue = new WorkQueue(new VirtualClock())
  queue.add('a')
  await queue.get()
  queue.add('a')
  let second: string | undefined
  const asking = queue.get().then((key) => {
    second = key
  })
  await settle()
  assert.equal(second, undefined)
  queue.done('a')
  await asking
  assert.equal(second, 'a')
})

test('a failing key waits twice as long each time, at most 1,000 seconds', async () => {
  const clock = new VirtualClock()
  const queue = new WorkQueue(clock)
  for (const expectedMs of [5, 10, 20, 40]) {
    queue.addRateLimited('a')
    await clock.advance(expectedMs - 1)
    assert.equal(queue.size, 0)
    await clock.advance(1)
    assert.equal(await queue.get(), 'a')
    queue.done('a')
  }
  assert.equal(queue.failuresOf('a'), 4)
  queue.forget('a')
  queue.addRateLimited('a')
  await clock.advance(5)
  assert.equal(queue.size, 1)
})

test('after a burst of 100 failures of many keys, ten may retry each second', async () => {
  const clock = new VirtualClock()
  const queue = new WorkQueue(clock)
  for (let index = 0; index < 120; index++) queue.addRateLimited(`key-${index}`)
  await clock.advance(5)
  assert.equal(queue.size, 100)
  await clock.advance(995)
  assert.equal(queue.size, 110)
  await clock.advance(1_000)
  assert.equal(queue.size, 120)
})

test('of several delays of a key the earliest counts', async () => {
  const clock = new VirtualClock()
  const queue = new WorkQueue(clock)
  queue.addAfter('a', 1_000)
  queue.addAfter('a', 100)
  queue.addAfter('a', 5_000)
  await clock.advance(100)
  assert.equal(await queue.get(), 'a')
  queue.done('a')
  await clock.advance(10_000)
  assert.equal(queue.size, 0)
  assert.equal(clock.pendingTimers, 0)
})

test('a queue that is shut down releases its workers and leaves no timer', async () => {
  const clock = new VirtualClock()
  const queue = new WorkQueue(clock)
  const waiting = queue.get()
  queue.addAfter('a', 1_000)
  queue.shutDown()
  assert.equal(await waiting, undefined)
  assert.equal(await queue.get(), undefined)
  queue.add('b')
  assert.equal(queue.size, 0)
  assert.equal(clock.pendingTimers, 0)
})

test('ten thousand keys come out in the order in which they came in', async () => {
  const queue = new WorkQueue(new VirtualClock())
  const keys = Array.from({ length: 10_000 }, (_, index) => `key-${index}`)
  for (const key of keys) queue.add(key)
  for (const key of keys) {
    assert.equal(await queue.get(), key)
    queue.done(key)
  }
})

test('a key that rests is handed out once afterwards, however often it was added', async () => {
  const clock = new VirtualClock()
  const queue = new WorkQueue(clock)
  queue.add('a')
  assert.equal(await queue.get(), 'a')
  queue.done('a', 50)
  queue.add('a')
  queue.add('a')
  queue.add('b')
  assert.equal(await queue.get(), 'b')
  let next: string | undefined
  void queue.get().then((key) => {
    next = key
  })
  await clock.advance(49)
  assert.equal(next, undefined)
  await clock.advance(1)
  assert.equal(next, 'a')
  assert.equal(queue.size, 0)
  queue.done('a', 50)
  queue.shutDown()
  assert.equal(clock.pendingTimers, 0)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testNode, testPod } from '../../../test/support/scheduling-objects.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { assignedPodEvent, nodeEvent } from '../framework/cluster-event.ts'
import type { Plugin } from '../framework/plugin.ts'
import { schedulingGates } from '../plugins/scheduling-gates.ts'
import type { QueuedPod } from './queued-pod.ts'
import { SchedulingQueue } from './scheduling-queue.ts'

const needsNode: Plugin = { name: 'NeedsNode', helpedBy: ['Node/Added'] }
const nowhere = { nodeName: 'n', node: undefined }
const nodeAdded = nodeEvent('Added', testNode('n'))

function createQueue(...plugins: Plugin[]) {
  const clock = new VirtualClock()
  const queue = new SchedulingQueue(clock, [schedulingGates, needsNode, ...plugins])
  const popped = () => queue.pop()?.pod.metadata.name
  return { clock, queue, popped }
}

function mustPop(queue: SchedulingQueue): QueuedPod {
  const queued = queue.pop()
  assert.ok(queued !== undefined)
  return queued
}

test('higher priority first, then who came first', async () => {
  const { clock, queue, popped } = createQueue()
  queue.add(testPod('first'))
  await clock.advance(1)
  queue.add(testPod('second'))
  queue.add(testPod('urgent', { spec: { priority: 10 } }))
  assert.deepEqual(
    [popped(), popped(), popped(), popped()],
    ['urgent', 'first', 'second', undefined],
  )
})

test('a pod that was tried goes behind those of its priority that were not', async () => {
  const { clock, queue, popped } = createQueue()
  queue.add(testPod('tried'))
  queue.reject(mustPop(queue), new Set(['NeedsNode']))
  await clock.advance(2_000)
  queue.add(testPod('new'))
  await clock.advance(1_000)
  queue.moveOn(nodeAdded)
  assert.deepEqual([popped(), popped()], ['tried', 'new'])
  queue.close()
})

test('a pod in the active heap that changes is popped once, as it is now', () => {
  const { queue } = createQueue()
  queue.add(testPod('a', { labels: { version: '1' } }))
  queue.add(testPod('a', { labels: { version: '2' } }))
  assert.equal(mustPop(queue).pod.metadata.labels?.['version'], '2')
  assert.equal(queue.pop(), undefined)
})

test('a rejected pod waits for an event of its plugin, and for no other', async () => {
  const { clock, queue } = createQueue()
  queue.add(testPod('a'))
  queue.reject(mustPop(queue), new Set(['NeedsNode']))
  await clock.advance(60_000)
  queue.moveOn(assignedPodEvent('Deleted', testPod('x'), nowhere))
  queue.moveOn(nodeEvent('Updated', testNode('n', { labels: { a: 'b' } }), testNode('n')))
  assert.equal(queue.pop(), undefined)
  queue.moveOn(nodeAdded)
  assert.equal(queue.pop()?.uid, 'uid-a')
  queue.close()
  assert.equal(clock.pendingTimers, 0)
})

test('an event does not touch pods that other plugins rejected', () => {
  let asked = 0
  const other: Plugin = {
    name: 'Other',
    helpedBy: ['AssignedPod/Deleted'],
    isHelpful: () => {
      asked++
      return false
    },
  }
  const { queue } = createQueue(other)
  for (let index = 0; index < 1_000; index++) {
    queue.add(testPod(`p${index}`))
    queue.reject(mustPop(queue), new Set([index < 10 ? 'Other' : 'NeedsNode']))
  }
  queue.moveOn(assignedPodEvent('Deleted', testPod('x'), nowhere))
  assert.equal(asked, 10)
  queue.moveOn(assignedPodEvent('Added', testPod('x'), nowhere))
  assert.equal(asked, 10)
  queue.close()
})

test('back-off is 1 s, 2 s, 4 s, 8 s and then 10 s', async () => {
  const { clock, queue } = createQueue()
  queue.add(testPod('a'))
  for (const expected of [1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    const queued = mustPop(queue)
    queue.reject(queued, new Set(['NeedsNode']))
    assert.equal(queued.backoffUntil - clock.monotonic(), expected)
    await clock.advance(expected - 1)
    queue.moveOn(nodeAdded)
    assert.equal(queued.state, 'backoff')
    await clock.advance(1)
    assert.equal(queued.state, 'active')
  }
  queue.close()
})

test('with nothing else to do a pod does not wait for the end of its back-off', () => {
  const { queue } = createQueue()
  queue.add(testPod('a'))
  queue.reject(mustPop(queue), new Set(['NeedsNode']))
  queue.moveOn(nodeAdded)
  queue.add(testPod('b'))
  assert.deepEqual([queue.pop()?.uid, queue.pop()?.uid], ['uid-b', 'uid-a'])
})

test('after an error the back-off is kept even with nothing else to do', async () => {
  const { clock, queue, popped } = createQueue()
  let wakes = 0
  queue.onActive = () => wakes++
  queue.add(testPod('a'))
  queue.fail(mustPop(queue))
  queue.moveOn(nodeAdded)
  await clock.advance(999)
  assert.deepEqual([popped(), wakes], [undefined, 1])
  await clock.advance(1)
  assert.deepEqual([wakes, popped()], [2, 'a'])
  queue.close()
  assert.equal(clock.pendingTimers, 0)
})

test('what no event has helped for five minutes is tried again', async () => {
  const { clock, queue, popped } = createQueue()
  queue.add(testPod('a'))
  queue.reject(mustPop(queue), new Set(['NeedsNode']))
  await clock.advance(299_999)
  assert.equal(popped(), undefined)
  await clock.advance(1)
  assert.equal(popped(), 'a')
  assert.equal(clock.pendingTimers, 0)
})

test('a pod with gates waits outside until the last is gone', () => {
  const { queue, popped } = createQueue()
  const gated = (...names: string[]) =>
    testPod('a', { spec: { schedulingGates: names.map((name) => ({ name })) } })
  queue.add(gated('x', 'y'))
  queue.moveOn(nodeAdded)
  queue.add(gated('x'))
  assert.equal(popped(), undefined)
  queue.add(gated())
  assert.equal(popped(), 'a')
})

test('a pod that goes is forgotten wherever it waits', async () => {
  const { clock, queue, popped } = createQueue()
  queue.add(testPod('active'))
  queue.remove('uid-active')
  assert.equal(popped(), undefined)
  queue.add(testPod('a'))
  const queued = mustPop(queue)
  queue.remove('uid-a')
  queue.reject(queued, new Set(['NeedsNode']))
  queue.fail(queued)
  queue.moveOn(nodeAdded)
  await clock.advance(400_000)
  assert.deepEqual([popped(), queue.size, clock.pendingTimers], [undefined, 0, 0])
})

test('its own change brings back a pod that it helps', () => {
  const tolerant: Plugin = { name: 'Tolerant', helpedBy: ['Pod/Tolerations'] }
  const { queue, popped } = createQueue(tolerant)
  queue.add(testPod('a'))
  queue.reject(mustPop(queue), new Set(['Tolerant']))
  queue.add(testPod('a', { labels: { other: 'thing' } }))
  assert.equal(popped(), undefined)
  queue.add(testPod('a', { spec: { tolerations: [{ operator: 'Exists' }] } }))
  assert.equal(popped(), 'a')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Registry } from 'prom-client'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { DEFAULT_DELAYS, WorkQueue } from '../../client/work-queue.ts'
import { WorkQueueMetrics } from './work-queue-metrics.ts'

test('a queue is measured from the first key to the last', async () => {
  const clock = new VirtualClock()
  const registry = new Registry()
  const metrics = new WorkQueueMetrics(registry, clock)
  const queue = new WorkQueue(clock, DEFAULT_DELAYS, metrics.meterOf('crd_finalizer'))
  const read = async (name: string) => {
    const text = await registry.metrics()
    return text.match(new RegExp(`^workqueue_${name}\\{.*name="crd_finalizer"\\} (.*)$`, 'm'))?.[1]
  }
  queue.add('a')
  queue.add('b')
  queue.add('a')
  assert.equal(await read('adds_total'), '2')
  assert.equal(await read('depth'), '2')
  await clock.advance(2000)
  await queue.get()
  assert.equal(await read('depth'), '1')
  assert.equal(await read('queue_duration_seconds_sum'), '2')
  await clock.advance(3000)
  await queue.get()
  await clock.advance(1000)
  assert.equal(await read('unfinished_work_seconds'), '5')
  assert.equal(await read('longest_running_processor_seconds'), '4')
  queue.addRateLimited('a')
  queue.done('a')
  queue.done('b')
  assert.equal(await read('work_duration_seconds_sum'), '5')
  assert.equal(await read('work_duration_seconds_count'), '2')
  assert.equal(await read('retries_total'), '1')
  assert.equal(await read('longest_running_processor_seconds'), '0')
  queue.shutDown()
  const text = await registry.metrics()
  assert.match(text, /workqueue_work_duration_seconds_bucket\{le="9\.999999999999999e-06",/)
})

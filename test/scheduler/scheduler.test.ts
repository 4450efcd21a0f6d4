import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SchedulerSimulation } from '../support/scheduler-simulation.ts'

test('a pod goes to a node with room, and an event tells so', async () => {
  const simulation = new SchedulerSimulation(1)
  await simulation.addNode('small', { cpu: '1' })
  await simulation.addNode('large', { cpu: '8' })
  simulation.start()
  await simulation.addPod('web', { cpu: '2' })
  await simulation.clock.advance(1_000)
  assert.equal(simulation.nodeOf('web'), 'large')
  assert.deepEqual(simulation.events('Scheduled', 'web'), [
    'Successfully assigned default/web to large',
  ])
  await simulation.stop()
  assert.equal(simulation.clock.pendingTimers, 0)
})

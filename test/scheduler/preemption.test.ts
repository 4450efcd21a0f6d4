import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { PodDisruptionBudget } from '../../src/kinds/policy/v1/pod-disruption-budget.ts'
import { findCondition } from '../../src/machinery/conditions.ts'
import { SchedulerSimulation } from '../support/scheduler-simulation.ts'

const urgent = { spec: { priority: 1000 } }

async function createSimulation(nodes: readonly string[]): Promise<SchedulerSimulation> {
  const simulation = new SchedulerSimulation(1)
  for (const name of nodes) await simulation.addNode(name, { cpu: '2' })
  simulation.start()
  return simulation
}

/** A pod that is bound before the test goes on. */
async function place(simulation: SchedulerSimulation, name: string, options: object) {
  await simulation.addPod(name, options)
  await simulation.clock.advance(50)
  assert.ok(simulation.nodeOf(name), `${name} is placed`)
}

test('an urgent pod takes the place of a lesser one, and nobody slips in meanwhile', async () => {
  const simulation = await createSimulation(['a'])
  const { clock } = simulation
  await place(simulation, 'lesser', { cpu: '1', spec: { priority: 5 } })
  await place(simulation, 'least', { cpu: '1', spec: { priority: 1 } })
  const { uid } = (await simulation.addPod('urgent', { cpu: '1', ...urgent })).metadata
  await clock.advance(1_000)
  assert.equal(simulation.pod('urgent')?.status.nominatedNodeName, 'a')
  assert.equal(simulation.whyPending('urgent'), '0/1 nodes are available: 1 Insufficient cpu.')
  assert.deepEqual(simulation.events('Preempted', 'least'), [`Preempted by pod ${uid} on node a`])
  const victim = simulation.pod('least')
  assert.ok(victim?.metadata.deletionTimestamp !== undefined)
  assert.equal(victim.metadata.deletionGracePeriodSeconds, 30)
  const disruption = findCondition(victim.status.conditions, 'DisruptionTarget')
  assert.equal(disruption?.reason, 'PreemptionByScheduler')
  assert.equal(
    disruption?.message,
    'default-scheduler: preempting to accommodate a higher priority pod',
  )
  assert.equal(simulation.pod('lesser')?.metadata.deletionTimestamp, undefined)

  await simulation.addPod('opportunist', { cpu: '1', spec: { priority: 2 } })
  await clock.advance(20_000)
  simulation.finishDeletions()
  await clock.advance(1_000)
  assert.equal(simulation.nodeOf('urgent'), 'a')
  assert.equal(simulation.nodeOf('opportunist'), undefined)
  await simulation.stop()
  assert.equal(clock.pendingTimers, 0)
})

test('it does not ask for more victims while the first are going', async () => {
  const simulation = await createSimulation(['a', 'b'])
  await place(simulation, 'one', { cpu: '2' })
  await place(simulation, 'two', { cpu: '2' })
  await simulation.addPod('urgent', { cpu: '2', ...urgent })
  await simulation.clock.advance(1_000)
  // An event that has it tried again while the victim still runs.
  await simulation.addNode('tiny', { cpu: '2', pods: '0' })
  await simulation.addNode('small', { cpu: '2', labels: { x: 'y' } })
  await simulation.clock.advance(5_000)
  const going = ['one', 'two'].filter((name) => simulation.pod(name)?.metadata.deletionTimestamp)
  assert.equal(going.length, 1)
  await simulation.stop()
})

test('the node whose budgets stay whole is preferred', async () => {
  const simulation = await createSimulation(['a', 'b'])
  await simulation.client.create(PodDisruptionBudget, {
    metadata: { name: 'guard', namespace: 'default' },
    spec: { minAvailable: 1, selector: { matchLabels: { app: 'guarded' } } },
  })
  await place(simulation, 'guarded', { cpu: '2', labels: { app: 'guarded' } })
  await place(simulation, 'free', { cpu: '2', labels: { app: 'free' }, spec: { priority: 7 } })
  await simulation.addPod('urgent', { cpu: '2', ...urgent })
  await simulation.clock.advance(1_000)
  assert.equal(simulation.pod('guarded')?.metadata.deletionTimestamp, undefined)
  assert.ok(simulation.pod('free')?.metadata.deletionTimestamp)
  await simulation.stop()
})

test('what cannot be helped is told as upstream tells it', async () => {
  const simulation = await createSimulation(['a', 'b'])
  await simulation.addNode('c', { cpu: '8' })
  await place(simulation, 'three', { cpu: '8', ...urgent })
  for (const name of ['one', 'two']) await place(simulation, name, { cpu: '2', ...urgent })
  await simulation.addPod('equal', { cpu: '2', ...urgent })
  await simulation.addPod('modest', {
    cpu: '2',
    spec: { priority: 2000, preemptionPolicy: 'Never' },
  })
  await simulation.addPod('huge', { cpu: '4', spec: { priority: 1 } })
  await simulation.clock.advance(1_000)
  const tail = 'no new claims to deallocate, preemption:'
  assert.equal(
    simulation.whyPending('equal'),
    `0/3 nodes are available: 3 Insufficient cpu. ${tail} 0/3 nodes are available: ` +
      '3 No preemption victims found for incoming pod.',
  )
  assert.equal(
    simulation.whyPending('modest'),
    `0/3 nodes are available: 3 Insufficient cpu. ${tail} ` +
      'not eligible due to preemptionPolicy=Never.',
  )
  assert.equal(
    simulation.whyPending('huge'),
    `0/3 nodes are available: 3 Insufficient cpu. ${tail} 0/3 nodes are available: ` +
      '1 No preemption victims found for incoming pod, 2 Preemption is not helpful for scheduling.',
  )
  await simulation.stop()
})

test('a victim that cannot be deleted at once is tried again', async () => {
  const simulation = await createSimulation(['a'])
  await place(simulation, 'lesser', { cpu: '2' })
  const { faults } = simulation.transport
  simulation.transport.faults = { ...faults, requestErrors: 0.8 }
  await simulation.addPod('urgent', { cpu: '2', ...urgent })
  await simulation.clock.advance(2_000)
  simulation.transport.faults = faults
  await simulation.clock.advance(20_000)
  simulation.finishDeletions()
  await simulation.clock.advance(10_000)
  assert.equal(simulation.nodeOf('urgent'), 'a')
  await simulation.stop()
})

test('a nomination ends with its pod, and those that had to yield are tried', async () => {
  const simulation = await createSimulation(['a'])
  const gated = await simulation.addPod('gated', {
    cpu: '2',
    spec: { priority: 1000, schedulingGates: [{ name: 'x' }] },
  })
  const status = { ...gated.status, nominatedNodeName: 'a' }
  await simulation.client.updateStatus(Pod, { ...gated, status })
  await simulation.clock.advance(1_000)
  await simulation.addPod('next', { cpu: '2' })
  await simulation.clock.advance(1_000)
  assert.equal(simulation.nodeOf('next'), undefined)
  const pod = simulation.pod('gated')
  assert.ok(pod !== undefined)
  simulation.api.change(Pod, pod, undefined)
  await simulation.clock.advance(1_000)
  assert.equal(simulation.nodeOf('next'), 'a')
  await simulation.stop()
})

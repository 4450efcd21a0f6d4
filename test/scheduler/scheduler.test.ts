import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Event } from '../../src/kinds/core/v1/event.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { findCondition } from '../../src/machinery/conditions.ts'
import type { Plugin } from '../../src/scheduler/framework/plugin.ts'
import { defaultPlugins } from '../../src/scheduler/plugins/index.ts'
import { SchedulerSimulation } from '../support/scheduler-simulation.ts'

/** How often the scheduler has found no node for a pod. */
function rejections({ lines }: SchedulerSimulation, name: string): number {
  return lines.filter((line) => line.includes('no node fits') && line.includes(`/${name}"`)).length
}

async function end(simulation: SchedulerSimulation): Promise<void> {
  await simulation.stop()
  assert.equal(simulation.clock.pendingTimers, 0, 'timers are left')
}

async function setNode(simulation: SchedulerSimulation, name: string, change: object) {
  const node = simulation.api.list(Node).find(({ metadata }) => metadata.name === name)
  assert.ok(node !== undefined)
  await simulation.client.update(Node, { ...node, spec: { ...node.spec, ...change } })
}

function remove(simulation: SchedulerSimulation, name: string): void {
  const pod = simulation.pod(name)
  assert.ok(pod !== undefined)
  simulation.api.change(Pod, pod, undefined)
}

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
  const [event] = simulation.api.list(Event)
  assert.equal(event?.source?.component, 'default-scheduler')
  await end(simulation)
})

test('the message counts nodes by reason, and the condition says the same', async () => {
  const simulation = new SchedulerSimulation(1)
  await simulation.addNode('a', { cpu: '1' })
  await simulation.addNode('b', { cpu: '1', pods: '0' })
  await simulation.addNode('c')
  await setNode(simulation, 'c', { unschedulable: true })
  simulation.start()
  await simulation.addPod('web', { cpu: '2' })
  await simulation.clock.advance(1_000)
  const message =
    '0/3 nodes are available: 1 Too many pods, 1 node(s) were unschedulable, 2 Insufficient cpu. ' +
    'no new claims to deallocate, preemption: 0/3 nodes are available: ' +
    '3 Preemption is not helpful for scheduling.'
  assert.deepEqual(simulation.events('FailedScheduling', 'web'), [message])
  const condition = findCondition(simulation.pod('web')?.status.conditions, 'PodScheduled')
  assert.deepEqual(
    [condition?.status, condition?.reason, condition?.message],
    ['False', 'Unschedulable', message],
  )
  await end(simulation)
})

test('a pending pod is tried again for the event that helps, and is not polled', async (t) => {
  const full = { cpu: '4' }
  const helps: readonly [string, (simulation: SchedulerSimulation) => Promise<unknown>][] = [
    ['a node comes', (simulation) => simulation.addNode('b')],
    ['a taint goes', (simulation) => setNode(simulation, 'tainted', { taints: [] })],
    ['a pod goes', async (simulation) => remove(simulation, 'first')],
    [
      'a pod ends',
      async (simulation) => {
        const pod = simulation.pod('first')
        assert.ok(pod !== undefined)
        const status = { ...pod.status, phase: 'Succeeded' as const }
        await simulation.client.updateStatus(Pod, { ...pod, status })
      },
    ],
  ]
  for (const [name, help] of helps) {
    await t.test(name, async () => {
      const simulation = new SchedulerSimulation(1)
      await simulation.addNode('a', full)
      await simulation.addNode('tainted')
      await setNode(simulation, 'tainted', { taints: [{ key: 'k', effect: 'NoSchedule' }] })
      simulation.start()
      await simulation.addPod('first', full)
      await simulation.clock.advance(1_000)
      assert.equal(simulation.nodeOf('first'), 'a')
      await simulation.addPod('second', full)
      await simulation.clock.advance(120_000)
      // What does not help: a heartbeat, a label, another taint, a pod elsewhere.
      await setNode(simulation, 'tainted', { taints: [{ key: 'l', effect: 'NoSchedule' }] })
      await simulation.addPod('hopeless', { cpu: '99' })
      await simulation.clock.advance(60_000)
      assert.equal(rejections(simulation, 'second'), 1)
      assert.equal(simulation.nodeOf('second'), undefined)
      await help(simulation)
      await simulation.clock.advance(1_000)
      assert.ok(simulation.nodeOf('second'))
      assert.equal(rejections(simulation, 'second'), 1)
      await end(simulation)
    })
  }
})

test('nothing polls while there are no nodes', async () => {
  const simulation = new SchedulerSimulation(1)
  simulation.start()
  await simulation.addPod('web')
  await simulation.clock.advance(240_000)
  assert.equal(rejections(simulation, 'web'), 1)
  assert.equal(simulation.whyPending('web'), 'no nodes available to schedule pods')
  await simulation.addNode('a')
  await simulation.clock.advance(1_000)
  assert.equal(simulation.nodeOf('web'), 'a')
  await end(simulation)
})

test('a pod that has to be on one node is tried when that node comes', async () => {
  const simulation = new SchedulerSimulation(1)
  await simulation.addNode('a')
  simulation.start()
  const matchFields = [{ key: 'metadata.name', operator: 'In', values: ['b'] }]
  const nodeAffinity = {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
  }
  await simulation.addPod('daemon', { spec: { affinity: { nodeAffinity } } })
  await simulation.clock.advance(60_000)
  assert.match(
    simulation.whyPending('daemon') ?? '',
    /^0\/1 nodes are available: 1 node\(s\) didn't satisfy plugin\(s\) \[NodeAffinity\]\./,
  )
  await simulation.addNode('b')
  await simulation.clock.advance(1_000)
  assert.equal(simulation.nodeOf('daemon'), 'b')
  await end(simulation)
})

test('pods of other schedulers, with gates or on their way out are left alone', async () => {
  const simulation = new SchedulerSimulation(1)
  await simulation.addNode('a')
  simulation.start()
  await simulation.addPod('foreign', { spec: { schedulerName: 'other' } })
  await simulation.addPod('gated', { spec: { schedulingGates: [{ name: 'x' }] } })
  const held = { metadata: { finalizers: ['example.com/hold'] } }
  const going = await simulation.addPod('going', { spec: { schedulingGates: [{ name: 'x' }] } })
  const key = { namespace: 'default', name: 'going' }
  await simulation.client.patch(Pod, key, 'application/merge-patch+json', held)
  await simulation.client.delete(Pod, key)
  await simulation.clock.advance(1_000)
  const spec = { ...going.spec, schedulingGates: [] }
  const now = simulation.pod('going')
  assert.ok(now !== undefined)
  simulation.api.change(Pod, now, { ...now, spec })
  await simulation.clock.advance(10_000)
  for (const name of ['foreign', 'gated', 'going']) {
    assert.equal(simulation.nodeOf(name), undefined, name)
  }
  assert.deepEqual(simulation.events('FailedScheduling', 'going'), [
    'skip schedule deleting pod: default/going',
  ])
  const gated = simulation.pod('gated')
  assert.ok(gated !== undefined)
  await simulation.client.update(Pod, { ...gated, spec: { ...gated.spec, schedulingGates: [] } })
  await simulation.clock.advance(1_000)
  assert.equal(simulation.nodeOf('gated'), 'a')
  await end(simulation)
})

test('a pod that is deleted while it is being bound leaves its room to the next', async () => {
  const simulation = new SchedulerSimulation(1)
  await simulation.addNode('a', { cpu: '1' })
  simulation.start()
  await simulation.clock.advance(100)
  simulation.transport.faults = { ...simulation.transport.faults, maxLatencyMs: 2_000 }
  await simulation.addPod('first', { cpu: '1' })
  await simulation.clock.advance(1)
  await simulation.addPod('second', { cpu: '1' })
  await simulation.clock.advance(1)
  assert.equal(simulation.nodeOf('first'), undefined)
  remove(simulation, 'first')
  await simulation.addPod('first', { cpu: '3' })
  await simulation.clock.advance(30_000)
  assert.equal(simulation.nodeOf('second'), 'a')
  assert.equal(simulation.nodeOf('first'), undefined)
  await end(simulation)
})

test('a binding whose answer is lost is found out, and its room is not given away', async () => {
  const simulation = new SchedulerSimulation(1)
  await simulation.addNode('a', { cpu: '1' })
  simulation.start()
  await simulation.clock.advance(100)
  const { faults } = simulation.transport
  simulation.transport.faults = { ...faults, lostAnswers: 1, maxWatchLagMs: 3_000 }
  await simulation.addPod('first', { cpu: '1' })
  await simulation.addPod('second', { cpu: '1' })
  await simulation.clock.advance(10_000)
  simulation.transport.faults = faults
  await simulation.clock.advance(10_000)
  const bound = ['first', 'second'].filter((name) => simulation.nodeOf(name) === 'a')
  assert.equal(bound.length, 1)
  assert.deepEqual(simulation.events('Scheduled', bound[0] ?? ''), [
    `Successfully assigned default/${bound[0]} to a`,
  ])
  await end(simulation)
})

test('pods outlive their node: their room is taken when it comes back', async () => {
  const simulation = new SchedulerSimulation(1)
  await simulation.addNode('a', { cpu: '1' })
  simulation.start()
  await simulation.addPod('first', { cpu: '1' })
  await simulation.clock.advance(1_000)
  await simulation.client.delete(Node, { name: 'a' })
  await simulation.addPod('second', { cpu: '1' })
  await simulation.clock.advance(1_000)
  await simulation.addNode('a', { cpu: '1' })
  await simulation.clock.advance(1_000)
  assert.equal(simulation.nodeOf('second'), undefined)
  remove(simulation, 'first')
  await simulation.clock.advance(1_000)
  assert.equal(simulation.nodeOf('second'), 'a')
  await end(simulation)
})

test('a plugin that throws spoils one pod, for as long as it throws', async () => {
  const simulation = new SchedulerSimulation(1)
  await simulation.addNode('a')
  let isBroken = true
  const broken: Plugin = {
    name: 'Broken',
    filter(_state, { pod }) {
      if (isBroken && pod.metadata.name === 'unlucky') throw new Error('out of order')
      return undefined
    },
  }
  simulation.start({
    plugins: (context) => [...defaultPlugins(context), { plugin: broken, weight: 0 }],
  })
  await simulation.addPod('unlucky')
  await simulation.addPod('lucky')
  await simulation.clock.advance(500)
  assert.equal(simulation.nodeOf('lucky'), 'a')
  const condition = findCondition(simulation.pod('unlucky')?.status.conditions, 'PodScheduled')
  assert.deepEqual(
    [condition?.reason, condition?.message],
    ['SchedulerError', 'running "Broken" filter plugin: out of order'],
  )
  isBroken = false
  await simulation.clock.advance(10_000)
  assert.equal(simulation.nodeOf('unlucky'), 'a')
  await end(simulation)
})

test('it can be stopped before the first list has come, and while nothing answers', async () => {
  const early = new SchedulerSimulation(1)
  early.transport.faults = { ...early.transport.faults, requestErrors: 1 }
  early.start()
  await early.clock.advance(100)
  await end(early)
  const busy = new SchedulerSimulation(2)
  await busy.addNode('a')
  busy.start()
  await busy.clock.advance(100)
  busy.transport.faults = { ...busy.transport.faults, requestErrors: 1 }
  await busy.addPod('web')
  await busy.clock.advance(5_000)
  await end(busy)
})

test('a pod that somebody else has bound meanwhile counts where it is', async () => {
  const simulation = new SchedulerSimulation(1)
  await simulation.addNode('a', { cpu: '4' })
  await simulation.addNode('b', { cpu: '1' })
  simulation.start()
  await simulation.clock.advance(100)
  const { faults } = simulation.transport
  simulation.transport.faults = { ...faults, maxLatencyMs: 1_000, maxWatchLagMs: 3_000 }
  await simulation.addPod('first', { cpu: '1' })
  const key = { namespace: 'default', name: 'first' }
  const target = { kind: 'Node', name: 'b' }
  await simulation.client.createSubresource(Pod, key, 'binding', { metadata: {}, target })
  await simulation.addPod('second', { cpu: '4' })
  await simulation.addPod('third', { cpu: '1' })
  await simulation.clock.advance(30_000)
  assert.equal(simulation.nodeOf('first'), 'b')
  assert.equal(simulation.nodeOf('second'), 'a')
  assert.equal(simulation.nodeOf('third'), undefined)
  await end(simulation)
})

test('no condition is written behind the binding, however slow the API server is', async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const simulation = new SchedulerSimulation(seed)
    const late: string[] = []
    simulation.api.store.onCommit(({ resource, object, old }) => {
      if (resource !== '/pods' || ((old as Pod | undefined)?.spec.nodeName ?? '') === '') return
      late.push(JSON.stringify((object as Pod).status))
    })
    simulation.start()
    await simulation.clock.advance(100)
    const { faults } = simulation.transport
    simulation.transport.faults = { ...faults, maxLatencyMs: 1_000, requestErrors: 0.3 }
    await simulation.addPod('web')
    await simulation.clock.advance(300)
    await simulation.addNode('a')
    await simulation.clock.advance(60_000)
    assert.equal(simulation.nodeOf('web'), 'a', `seed ${seed}`)
    assert.deepEqual(late, [], `seed ${seed}`)
    await end(simulation)
  }
})

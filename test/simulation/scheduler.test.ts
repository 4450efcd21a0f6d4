import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInt } from '../../src/base/random.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import type { KubeObject } from '../../src/machinery/kind.ts'
import { podInfoOf } from '../../src/scheduler/framework/pod-info.ts'
import { amountsOf } from '../../src/scheduler/framework/pod-requests.ts'
import { manyFaults } from '../support/faulty-transport.ts'
import { SchedulerSimulation } from '../support/scheduler-simulation.ts'

const SEEDS = 60
const STEPS = 60

/** Never two of these on one node. */
const alone = {
  affinity: {
    podAntiAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        {
          topologyKey: 'kubernetes.io/hostname',
          labelSelector: { matchLabels: { app: 'solo' } },
        },
      ],
    },
  },
}
const isSolo = ({ metadata }: KubeObject) => metadata.labels?.['app'] === 'solo'

/** Looks at each commit: a pod's node never changes, no node gets more than it can hold. */
function watchRules(simulation: SchedulerSimulation): string[] {
  const { api, clock } = simulation
  const broken: string[] = []
  api.store.onCommit(({ resource, type, object, old }) => {
    if (resource !== '/pods' || type === 'DELETED') return
    const { nodeName = '' } = (object as Pod).spec
    const before = old?.metadata.uid === object.metadata.uid ? (old as Pod).spec.nodeName : ''
    if (before === nodeName) return
    const at = `${object.metadata.name} at ${clock.monotonic()} ms`
    if (before) broken.push(`bound twice: ${at}`)
    const alike = api
      .list(Pod)
      .filter((pod) => isSolo(pod) && isSolo(object) && pod.spec.nodeName === nodeName)
    if (alike.length > 1) broken.push(`together on ${nodeName}: ${at}`)
    const node = api.list(Node).find(({ metadata }) => metadata.name === nodeName)
    const what = node && overcommitted(simulation, node)
    if (what !== undefined) broken.push(`too much ${what} on ${nodeName}: ${at}`)
  })
  return broken
}

function overcommitted(simulation: SchedulerSimulation, node: Node): string | undefined {
  for (const [name, left] of freeOf(simulation, node)) if (left < 0) return name
  return undefined
}

/** The node that would take a waiting pod, once less urgent ones have made room. */
function placeFor(simulation: SchedulerSimulation, pod: Pod): string | undefined {
  const { requests, priority } = podInfoOf(pod)
  for (const node of simulation.api.list(Node)) {
    if (node.spec.unschedulable === true) continue
    const free = freeOf(simulation, node, priority)
    const wanted = [...requests, ['pods', 1] as const]
    if (wanted.every(([name, amount]) => amount <= (free.get(name) ?? 0))) return node.metadata.name
  }
  return undefined
}

/** What pods of a priority, or any, leave free. */
function freeOf(
  { api }: SchedulerSimulation,
  node: Node,
  leastPriority = -Infinity,
): Map<string, number> {
  const free = amountsOf(node.status.allocatable)
  for (const pod of api.list(Pod)) {
    if (pod.spec.nodeName !== node.metadata.name) continue
    if (podInfoOf(pod).priority < leastPriority) continue
    free.set('pods', (free.get('pods') ?? 0) - 1)
    for (const [name, amount] of podInfoOf(pod).requests) {
      free.set(name, (free.get(name) ?? 0) - amount)
    }
  }
  return free
}

/** Something that happens in a cluster. */
async function act(simulation: SchedulerSimulation, step: number): Promise<void> {
  const { api, client, random } = simulation
  const any = <T>(items: readonly T[]): T | undefined => items[randomInt(random, items.length)]
  const node = any(api.list(Node))
  const pod = any(api.list(Pod))
  switch (randomInt(random, 8)) {
    case 0:
      if (api.list(Node).length < 6) await simulation.addNode(`node-${step}`, { pods: '6' })
      return
    case 1:
      if (node !== undefined) {
        const unschedulable = node.spec.unschedulable !== true
        await client.update(Node, { ...node, spec: { ...node.spec, unschedulable } })
      }
      return
    case 2:
      if (node !== undefined && random.next() < 0.2) {
        await client.delete(Node, { name: node.metadata.name })
        for (const one of api.list(Pod)) {
          if (one.spec.nodeName === node.metadata.name) api.change(Pod, one, undefined)
        }
      }
      return
    case 3:
      if (pod !== undefined) api.change(Pod, pod, undefined)
      return
    case 4:
      if (pod !== undefined) {
        // Another pod takes over the name.
        api.change(Pod, pod, undefined)
        await simulation.addPod(pod.metadata.name, { cpu: '500m' })
      }
      return
    default: {
      const cpu = ['100m', '500m', '1', '3', '6'][randomInt(random, 5)] as string
      if (random.next() < 0.2) {
        await simulation.addPod(`solo-${step}`, { cpu, labels: { app: 'solo' }, spec: alone })
        return
      }
      const priority = [0, 0, 10, 100][randomInt(random, 4)]
      await simulation.addPod(`pod-${step}`, { cpu, spec: { priority } })
    }
  }
}

async function simulate(seed: number) {
  const simulation = new SchedulerSimulation(seed, manyFaults)
  const broken = watchRules(simulation)
  simulation.start()
  for (let step = 0; step < STEPS; step++) {
    await act(simulation, step)
    if (step % 5 === 0) simulation.finishDeletions()
    await simulation.clock.advance(randomInt(simulation.random, 700))
  }
  for (let rest = 0; rest < 20; rest++) {
    await simulation.clock.advance(6_000)
    simulation.finishDeletions()
  }
  return { simulation, broken }
}

test('no pod is bound twice, no node holds too much, and at rest nobody waits who has a place', async () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    try {
      const { simulation, broken } = await simulate(seed)
      assert.deepEqual(broken, [])
      const waiting = simulation.api.list(Pod).filter((pod) => !pod.spec.nodeName && !isSolo(pod))
      for (const pod of waiting)
        assert.equal(placeFor(simulation, pod), undefined, pod.metadata.name)
      await simulation.stop()
      assert.equal(simulation.clock.pendingTimers, 0, 'timers are left')
    } catch (error) {
      throw new Error(`seed ${seed}`, { cause: error })
    }
  }
})

test('one seed is one history', async () => {
  const logs = await Promise.all(
    [7, 7].map(async (seed) => {
      const { simulation } = await simulate(seed)
      await simulation.stop()
      return simulation.log
    }),
  )
  assert.equal(logs[0], logs[1])
})

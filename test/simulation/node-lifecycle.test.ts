import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatMicroTime, formatTime } from '../../src/base/clock.ts'
import { NodeLifecycleController } from '../../src/controllers/nodelifecycle/node-lifecycle-controller.ts'
import { PodGcController } from '../../src/controllers/podgc/pod-gc-controller.ts'
import type { ControllerContext } from '../../src/controllers/runtime/controller.ts'
import { TaintEvictionController } from '../../src/controllers/tainteviction/taint-eviction-controller.ts'
import { Lease } from '../../src/kinds/coordination/v1/lease.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { ControllerSimulation } from '../support/controller-simulation.ts'
import { manyFaults, noFaults } from '../support/faulty-transport.ts'
import { seeds } from '../support/seeds.ts'

const periods = { monitorGraceMs: 50_000, startupGraceMs: 60_000 }
const definitions = [
  {
    name: 'node-lifecycle-controller',
    serviceAccount: 'node-controller',
    create: (context: ControllerContext) => new NodeLifecycleController(context, periods),
  },
  {
    name: 'taint-eviction-controller',
    serviceAccount: 'node-controller',
    create: (context: ControllerContext) => new TaintEvictionController(context),
  },
  {
    name: 'pod-garbage-collector-controller',
    serviceAccount: 'pod-garbage-collector',
    create: (context: ControllerContext) => new PodGcController(context, 2),
  },
]

/** Nodes that renew their leases while they are alive, without faults of their own. */
class Nodes {
  readonly simulation: ControllerSimulation
  readonly alive = new Set<string>()

  constructor(seed: number, names: readonly string[]) {
    this.simulation = new ControllerSimulation(seed)
    this.simulation.arePodsRun = false
    for (const name of names) this.alive.add(name)
  }

  async start(): Promise<void> {
    const { client, clock } = this.simulation
    for (const name of this.alive) {
      await client.create(Node, { metadata: { name } })
      this.report(name)
      await client.create(Lease, { metadata: { name, namespace: 'kube-node-lease' } })
    }
    this.simulation.start(definitions)
    this.#renew()
    await clock.advance(30_000)
  }

  node(name: string): Node {
    const node = this.simulation.api.list(Node).find(({ metadata }) => metadata.name === name)
    if (node === undefined) throw new Error(`no node ${name}`)
    return node
  }

  taints(name: string): string[] {
    return (this.node(name).spec.taints ?? [])
      .map(({ key, effect }) => `${key}:${effect}`)
      .toSorted()
  }

  report(name: string): void {
    const { api, clock } = this.simulation
    const node = this.node(name)
    const time = formatTime(clock.now())
    const ready = { type: 'Ready', status: 'True' as const, lastHeartbeatTime: time }
    const conditions = [{ ...ready, lastTransitionTime: time }]
    api.change(Node, node, { ...node, status: { ...node.status, conditions } })
  }

  async createPod(name: string, nodeName: string, tolerationSeconds?: number): Promise<void> {
    const tolerations = ['not-ready', 'unreachable'].map((key) => ({
      key: `node.kubernetes.io/${key}`,
      operator: 'Exists' as const,
      effect: 'NoExecute' as const,
      tolerationSeconds,
    }))
    const { client, api } = this.simulation
    const pod = await client.create(Pod, {
      metadata: { name, namespace: 'default' },
      spec: {
        nodeName,
        containers: [{ name: 'main', image: 'main' }],
        ...(tolerationSeconds !== undefined && { tolerations }),
      },
    })
    const conditions = [{ type: 'Ready', status: 'True' as const }]
    api.change(Pod, pod, { ...pod, status: { ...pod.status, phase: 'Running', conditions } })
  }

  pod(name: string): Pod | undefined {
    return this.simulation.api.list(Pod).find(({ metadata }) => metadata.name === name)
  }

  #renew(): void {
    const { clock, api } = this.simulation
    for (const lease of api.list(Lease)) {
      if (!this.alive.has(lease.metadata.name)) continue
      const renewTime = formatMicroTime(clock.now())
      api.change(Lease, lease, { ...lease, spec: { ...lease.spec, renewTime } })
    }
    if (this.alive.size > 0) clock.after(10_000, () => this.#renew())
  }
}

test('a node that falls silent is given up after its grace, its pods after their tolerations', async () => {
  for (const seed of seeds(3)) {
    const nodes = new Nodes(seed, ['a', 'b', 'c'])
    const { clock, transport } = nodes.simulation
    await nodes.start()
    await nodes.createPod('patient', 'a', 300)
    await nodes.createPod('hasty', 'a')
    await nodes.createPod('elsewhere', 'b')
    if (seed > 1) transport.faults = { ...manyFaults, lostAnswers: 0 }
    await clock.advance(5_000)
    nodes.alive.delete('a')
    await clock.advance(35_000)
    assert.deepEqual(nodes.taints('a'), [], `seed ${seed}: too early`)
    await clock.advance(25_000)
    const ready = nodes.node('a').status.conditions?.find(({ type }) => type === 'Ready')
    assert.equal(ready?.status, 'Unknown')
    assert.equal(ready?.reason, 'NodeStatusUnknown')
    transport.faults = noFaults
    await clock.advance(20_000)
    assert.deepEqual(nodes.taints('a'), [
      'node.kubernetes.io/unreachable:NoExecute',
      'node.kubernetes.io/unreachable:NoSchedule',
    ])
    assert.ok(nodes.pod('hasty')?.metadata.deletionTimestamp)
    assert.equal(nodes.pod('patient')?.metadata.deletionTimestamp, undefined)
    const podReady = nodes.pod('patient')?.status.conditions?.find(({ type }) => type === 'Ready')
    assert.equal(podReady?.status, 'False')
    await clock.advance(300_000)
    assert.ok(nodes.pod('patient')?.metadata.deletionTimestamp)
    assert.equal(nodes.pod('elsewhere')?.metadata.deletionTimestamp, undefined)
    nodes.alive.clear()
    await nodes.simulation.stop()
  }
})

test('a node that comes back loses its taints, and its pods stay', async () => {
  const nodes = new Nodes(1, ['a', 'b'])
  const { clock } = nodes.simulation
  await nodes.start()
  await nodes.createPod('patient', 'a', 300)
  nodes.alive.delete('a')
  await clock.advance(90_000)
  assert.equal(nodes.taints('a').length, 2)
  nodes.alive.add('a')
  nodes.report('a')
  await clock.advance(400_000)
  assert.deepEqual(nodes.taints('a'), [])
  assert.equal(nodes.pod('patient')?.metadata.deletionTimestamp, undefined)
  nodes.alive.clear()
  await nodes.simulation.stop()
})

test('when all nodes are silent none is given up', async () => {
  const nodes = new Nodes(1, ['a', 'b', 'c'])
  const { clock } = nodes.simulation
  await nodes.start()
  nodes.alive.clear()
  await clock.advance(300_000)
  for (const name of ['a', 'b', 'c']) {
    assert.deepEqual(nodes.taints(name), ['node.kubernetes.io/unreachable:NoSchedule'])
  }
  await nodes.simulation.stop()
})

test('a zone gives its nodes up one in ten seconds', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `node-${index}`)
  const nodes = new Nodes(1, names)
  const { clock } = nodes.simulation
  await nodes.start()
  for (const name of names.slice(0, 4)) nodes.alive.delete(name)
  const givenUp = () => names.filter((name) => nodes.taints(name).length === 2).length
  await clock.advance(62_000)
  const first = givenUp()
  assert.ok(first >= 1 && first <= 2, `${first} at once`)
  await clock.advance(20_000)
  assert.ok(givenUp() - first <= 3)
  await clock.advance(60_000)
  assert.equal(givenUp(), 4)
  nodes.alive.clear()
  await nodes.simulation.stop()
})

test('pods of a node that is gone go after a quarantine, and finished ones beyond the limit', async () => {
  const nodes = new Nodes(1, ['a', 'b'])
  const { clock, client, api } = nodes.simulation
  await nodes.start()
  await nodes.createPod('orphan', 'a', 300)
  nodes.alive.delete('a')
  await client.delete(Node, { name: 'a' })
  await clock.advance(35_000)
  assert.ok(nodes.pod('orphan'))
  await clock.advance(10_000)
  assert.equal(nodes.pod('orphan'), undefined)
  for (const name of ['one', 'two', 'three']) {
    await nodes.createPod(name, 'b')
    const pod = nodes.pod(name)
    if (pod === undefined) throw new Error('no pod')
    api.change(Pod, pod, { ...pod, status: { ...pod.status, phase: 'Succeeded' } })
    await clock.advance(2_000)
  }
  assert.equal(api.list(Pod).length, 2)
  assert.equal(nodes.pod('one'), undefined)
  nodes.alive.clear()
  await nodes.simulation.stop()
})

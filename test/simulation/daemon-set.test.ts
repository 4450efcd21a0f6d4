import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInt } from '../../src/base/random.ts'
import { targetNode } from '../../src/controllers/daemon/daemon-pod.ts'
import { DaemonSetController } from '../../src/controllers/daemon/daemon-set-controller.ts'
import type { ControllerContext } from '../../src/controllers/runtime/controller.ts'
import { isPodActive, isPodReady } from '../../src/controllers/runtime/pods.ts'
import { ControllerRevision } from '../../src/kinds/apps/v1/controller-revision.ts'
import { DaemonSet } from '../../src/kinds/apps/v1/daemon-set.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { ControllerSimulation } from '../support/controller-simulation.ts'
import { manyFaults, noFaults } from '../support/faulty-transport.ts'
import { seeds } from '../support/seeds.ts'

const definitions = [
  {
    name: 'daemonset-controller',
    serviceAccount: 'daemon-set-controller',
    create: (context: ControllerContext) => new DaemonSetController(context),
  },
]

interface Options {
  readonly surge?: number
  readonly nodes?: number
  readonly revisionHistoryLimit?: number
}

async function setUp(seed: number, { surge = 0, nodes = 5, ...rest }: Options = {}) {
  const simulation = new ControllerSimulation(seed)
  const { client, api } = simulation
  for (let index = 0; index < nodes; index++) {
    await client.create(Node, { metadata: { name: `node-${index}`, labels: { disk: 'fast' } } })
  }
  const rollingUpdate = { maxSurge: surge, maxUnavailable: surge === 0 ? 2 : 0 }
  await client.create(DaemonSet, {
    metadata: { name: 'agent', namespace: 'default' },
    spec: {
      ...rest,
      selector: { matchLabels: { app: 'agent' } },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate },
      template: {
        metadata: { labels: { app: 'agent' } },
        spec: { nodeSelector: { disk: 'fast' }, containers: [{ name: 'agent', image: 'agent:1' }] },
      },
    },
  })
  const set = () => {
    const [found] = api.list(DaemonSet)
    if (found === undefined) throw new Error('no daemon set')
    return found
  }
  const setImage = (image: string) => {
    const { spec } = set()
    const containers = [{ name: 'agent', image }]
    const template = { ...spec.template, spec: { ...spec.template.spec, containers } }
    return client.update(DaemonSet, {
      ...set(),
      spec: { ...spec, template },
    } as unknown as DaemonSet)
  }
  const active = () => api.list(Pod).filter(isPodActive)
  const nodesOf = (pods: readonly Pod[]) => pods.map((pod) => targetNode(pod) ?? '').toSorted()
  const changeNode = async (name: string, change: (node: Node) => Node) => {
    const node = await client.get(Node, { name })
    await client.update(Node, change(node))
  }
  return { simulation, ...simulation, set, setImage, active, nodesOf, changeNode, api, client }
}

test('every node that is selected gets one pod, and no other node', async () => {
  for (const seed of seeds(6)) {
    const { simulation, active, nodesOf, set, changeNode, api, client } = await setUp(seed)
    const { clock, random, transport } = simulation
    transport.faults = { ...manyFaults, lostAnswers: 0 }
    api.store.onCommit(() => {
      const nodes = nodesOf(active())
      assert.equal(new Set(nodes).size, nodes.length, `seed ${seed}: two pods on a node: ${nodes}`)
    })
    simulation.start(definitions)
    for (let step = 0; step < 8; step++) {
      await clock.advance(randomInt(random, 8_000))
      const pods = api.list(Pod)
      const victim = pods[randomInt(random, pods.length + 1)]
      if (victim !== undefined) await client.delete(Pod, victim.metadata)
    }
    await changeNode('node-0', (node) => ({
      ...node,
      metadata: { ...node.metadata, labels: { disk: 'slow' } },
    }))
    await changeNode('node-1', (node) => ({
      ...node,
      spec: { taints: [{ key: 'mine', effect: 'NoExecute' as const }] },
    }))
    await changeNode('node-2', (node) => ({
      ...node,
      spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' as const }] },
    }))
    transport.faults = noFaults
    await clock.advance(400_000)
    assert.deepEqual(nodesOf(active()), ['node-2', 'node-3', 'node-4'], `seed ${seed}`)
    const { status } = set()
    assert.deepEqual(
      { ...status },
      {
        currentNumberScheduled: 3,
        numberMisscheduled: 0,
        desiredNumberScheduled: 3,
        numberReady: 3,
        observedGeneration: 1,
        updatedNumberScheduled: 3,
        numberAvailable: 3,
      },
      `seed ${seed}`,
    )
    await simulation.stop()
    assert.equal(clock.pendingTimers, 0)
  }
})

test('an update leaves at most as many nodes without a pod as it may', async () => {
  for (const seed of seeds(5)) {
    const { simulation, active, setImage, api, set } = await setUp(seed)
    const { clock, transport } = simulation
    simulation.start(definitions)
    await clock.advance(20_000)
    const ready = () => active().filter(isPodReady).length
    assert.equal(ready(), 5)
    api.store.onCommit(() => assert.ok(ready() >= 3, `seed ${seed}: only ${ready()} are ready`))
    transport.faults = { ...manyFaults, lostAnswers: 0 }
    await setImage('agent:2')
    await clock.advance(60_000)
    transport.faults = noFaults
    await clock.advance(400_000)
    assert.ok(active().every(({ spec }) => spec.containers[0]?.image === 'agent:2'))
    assert.equal(set().status.updatedNumberScheduled, 5)
    await simulation.stop()
  }
})

test('with surge every node has a pod that serves all through an update', async () => {
  for (const seed of seeds(5)) {
    const { simulation, active, setImage, api, nodesOf } = await setUp(seed, { surge: 2 })
    const { clock, transport } = simulation
    simulation.start(definitions)
    await clock.advance(20_000)
    const served = () => new Set(nodesOf(active().filter(isPodReady))).size
    assert.equal(served(), 5)
    api.store.onCommit(() => {
      assert.equal(served(), 5, `seed ${seed}`)
      assert.ok(active().length <= 7, `seed ${seed}: ${active().length} pods`)
    })
    transport.faults = { ...manyFaults, lostAnswers: 0 }
    await setImage('agent:2')
    await clock.advance(60_000)
    transport.faults = noFaults
    await clock.advance(400_000)
    assert.equal(active().length, 5)
    assert.ok(active().every(({ spec }) => spec.containers[0]?.image === 'agent:2'))
    await simulation.stop()
  }
})

test('old revisions are kept up to the limit, and going back to one gives it a new number', async () => {
  const { simulation, setImage, api } = await setUp(1, { nodes: 1, revisionHistoryLimit: 1 })
  const { clock } = simulation
  simulation.start(definitions)
  for (const image of ['agent:1', 'agent:2', 'agent:3', 'agent:2']) {
    await setImage(image)
    await clock.advance(60_000)
  }
  const numbers = api.list(ControllerRevision).map(({ revision }) => revision)
  assert.deepEqual(numbers.toSorted(), [3, 4])
  const [pod] = api.list(Pod)
  const newest = api.list(ControllerRevision).find(({ revision }) => revision === 4)
  assert.equal(
    pod?.metadata.labels?.['controller-revision-hash'],
    newest?.metadata.labels?.['controller-revision-hash'],
  )
  await simulation.stop()
})

test('a failed pod is replaced, each time after a longer wait', async () => {
  const { simulation, api, active } = await setUp(1, { nodes: 1 })
  const { clock } = simulation
  simulation.start(definitions)
  const replaced: number[] = []
  for (let round = 0; round < 6; round++) {
    await clock.until(() => active().some(isPodReady), 120_000)
    const [pod] = active()
    if (pod === undefined) throw new Error('no pod')
    const failedAt = clock.monotonic()
    api.change(Pod, pod, { ...pod, status: { ...pod.status, phase: 'Failed' } })
    await clock.until(() => active().some(({ metadata }) => metadata.uid !== pod.metadata.uid))
    replaced.push(clock.monotonic() - failedAt)
  }
  assert.ok((replaced[0] ?? 0) < 500, `${replaced}`)
  assert.ok((replaced[5] ?? 0) > 5_000, `${replaced}`)
  await simulation.stop()
})

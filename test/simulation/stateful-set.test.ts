import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInt } from '../../src/base/random.ts'
import type { ControllerContext } from '../../src/controllers/runtime/controller.ts'
import { isPodReady } from '../../src/controllers/runtime/pods.ts'
import { StatefulSetController } from '../../src/controllers/statefulset/stateful-set-controller.ts'
import { StatefulSet } from '../../src/kinds/apps/v1/stateful-set.ts'
import { PersistentVolumeClaim } from '../../src/kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { ControllerSimulation } from '../support/controller-simulation.ts'
import { manyFaults, noFaults } from '../support/faulty-transport.ts'
import { seeds } from '../support/seeds.ts'

const definitions = [
  {
    name: 'statefulset-controller',
    serviceAccount: 'statefulset-controller',
    create: (context: ControllerContext) => new StatefulSetController(context),
  },
]

async function setUp(seed: number, spec: object = {}) {
  const simulation = new ControllerSimulation(seed)
  const { api, client } = simulation
  await client.create(StatefulSet, {
    metadata: { name: 'db', namespace: 'default' },
    spec: {
      replicas: 3,
      serviceName: 'db',
      selector: { matchLabels: { app: 'db' } },
      template: {
        metadata: { labels: { app: 'db' } },
        spec: { containers: [{ name: 'db', image: 'db:1' }] },
      },
      volumeClaimTemplates: [
        {
          metadata: { name: 'disk' },
          spec: {
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: '1Gi' } },
          },
        },
      ],
      ...spec,
    },
  })
  const set = () => {
    const [found] = api.list(StatefulSet)
    if (found === undefined) throw new Error('no stateful set')
    return found
  }
  const change = (next: object) =>
    client.update(StatefulSet, { ...set(), spec: { ...set().spec, ...next } } as StatefulSet)
  const setImage = (image: string) => {
    const { template } = set().spec
    return change({
      template: { ...template, spec: { ...template.spec, containers: [{ name: 'db', image }] } },
    })
  }
  const pods = () => api.list(Pod)
  const names = () => pods().map(({ metadata }) => metadata.name)
  const claims = () => api.list(PersistentVolumeClaim).map(({ metadata }) => metadata.name)
  const isServing = (pod: Pod) => pod.metadata.deletionTimestamp === undefined && isPodReady(pod)
  return { simulation, set, change, setImage, pods, names, claims, isServing, api, client }
}

test('pods come in order, each with its name, its labels and its claim', async () => {
  const { simulation, api, names, pods, claims, set, isServing } = await setUp(1)
  const { clock } = simulation
  api.store.onCommit(({ resource, type, object }) => {
    if (resource !== '/pods' || type !== 'ADDED') return
    const ordinal = Number(object.metadata.name.slice(3))
    const serving = pods().filter(isServing).length
    assert.equal(serving, ordinal, `${object.metadata.name} came when ${serving} were serving`)
  })
  simulation.start(definitions)
  await clock.advance(30_000)
  assert.deepEqual(names(), ['db-0', 'db-1', 'db-2'])
  assert.deepEqual(claims(), ['disk-db-0', 'disk-db-1', 'disk-db-2'])
  const [, pod] = pods()
  assert.equal(pod?.metadata.labels?.['statefulset.kubernetes.io/pod-name'], 'db-1')
  assert.equal(pod?.metadata.labels?.['apps.kubernetes.io/pod-index'], '1')
  assert.equal(pod?.metadata.labels?.['controller-revision-hash'], set().status.updateRevision)
  assert.equal(pod?.spec.hostname, 'db-1')
  assert.equal(pod?.spec.subdomain, 'db')
  assert.equal(pod?.spec.volumes?.[0]?.persistentVolumeClaim?.claimName, 'disk-db-1')
  const { currentRevision, updateRevision, ...counts } = set().status
  assert.equal(currentRevision, updateRevision)
  assert.deepEqual(
    { ...counts },
    {
      replicas: 3,
      availableReplicas: 3,
      observedGeneration: 1,
      readyReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      collisionCount: 0,
    },
  )
  await simulation.stop()
  assert.equal(clock.pendingTimers, 0)
})

test('whatever is lost comes back, and the last ones go first when the set shrinks', async () => {
  for (const seed of seeds(6)) {
    const { simulation, api, change, names, pods, claims, client } = await setUp(seed)
    const { clock, random, transport } = simulation
    simulation.start(definitions)
    transport.faults = { ...manyFaults }
    for (let step = 0; step < 8; step++) {
      await clock.advance(randomInt(random, 10_000))
      const present = pods()
      const victim = present[randomInt(random, present.length + 1)]
      if (victim !== undefined) await client.delete(Pod, victim.metadata)
    }
    transport.faults = noFaults
    await clock.advance(400_000)
    assert.deepEqual(names(), ['db-0', 'db-1', 'db-2'], `seed ${seed}`)
    const gone: string[] = []
    api.store.onCommit(({ resource, type, object }) => {
      if (resource === '/pods' && type === 'DELETED') gone.push(object.metadata.name)
    })
    await change({ replicas: 1 })
    await clock.advance(60_000)
    assert.deepEqual(gone, ['db-2', 'db-1'], `seed ${seed}`)
    assert.equal(claims().length, 3)
    await simulation.stop()
  }
})

test('an update goes from the last pod to the partition, one at a time', async () => {
  for (const seed of seeds(5)) {
    const partition = { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }
    const { simulation, api, setImage, pods, isServing, change, set } = await setUp(seed, {
      updateStrategy: partition,
    })
    const { clock, transport } = simulation
    simulation.start(definitions)
    await clock.advance(30_000)
    const updated: string[] = []
    api.store.onCommit(({ resource, type, object }) => {
      const serving = pods().filter(isServing).length
      assert.ok(serving >= 2, `seed ${seed}: only ${serving} serve`)
      if (resource === '/pods' && type === 'ADDED') updated.push(object.metadata.name)
    })
    transport.faults = { ...manyFaults }
    await setImage('db:2')
    await clock.advance(60_000)
    transport.faults = noFaults
    await clock.advance(300_000)
    assert.deepEqual(updated, ['db-2', 'db-1'], `seed ${seed}`)
    assert.equal(set().status.updatedReplicas, 2)
    assert.notEqual(set().status.currentRevision, set().status.updateRevision)
    await change({ updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } })
    await clock.advance(60_000)
    assert.deepEqual(updated, ['db-2', 'db-1', 'db-0'])
    assert.equal(set().status.currentRevision, set().status.updateRevision)
    assert.ok(pods().every(({ spec }) => spec.containers[0]?.image === 'db:2'))
    await simulation.stop()
  }
})

test('in parallel all pods come at once; with OnDelete an update waits for the deletion', async () => {
  const { simulation, api, names, setImage, pods, client } = await setUp(1, {
    podManagementPolicy: 'Parallel',
    updateStrategy: { type: 'OnDelete' },
  })
  const { clock } = simulation
  simulation.arePodsRun = false
  simulation.start(definitions)
  await clock.advance(1_000)
  assert.deepEqual(names(), ['db-0', 'db-1', 'db-2'])
  simulation.arePodsRun = true
  await setImage('db:2')
  await clock.advance(30_000)
  assert.ok(pods().every(({ spec }) => spec.containers[0]?.image === 'db:1'))
  await client.delete(Pod, { namespace: 'default', name: 'db-1' })
  await clock.advance(30_000)
  const images = api.list(Pod).map(({ spec }) => spec.containers[0]?.image)
  assert.deepEqual(images, ['db:1', 'db:2', 'db:1'])
  await simulation.stop()
})

test('claims belong to whom the retention policy says', async () => {
  const { simulation, api, change } = await setUp(1, {
    replicas: 2,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Delete' },
  })
  const { clock } = simulation
  simulation.start(definitions)
  await clock.advance(30_000)
  const owners = () =>
    api
      .list(PersistentVolumeClaim)
      .map(({ metadata }) => metadata.ownerReferences?.map(({ kind, name }) => `${kind} ${name}`))
  assert.deepEqual(owners(), [['StatefulSet db'], ['StatefulSet db']])
  await change({ replicas: 1 })
  await clock.advance(30_000)
  assert.deepEqual(owners(), [['StatefulSet db'], ['Pod db-1']])
  // The claim of the pod that was is on its way out: a new pod must not take it.
  await change({ replicas: 2 })
  await clock.advance(30_000)
  assert.equal(api.list(Pod).length, 1)
  await simulation.client.delete(PersistentVolumeClaim, { namespace: 'default', name: 'disk-db-1' })
  await clock.advance(30_000)
  assert.equal(api.list(Pod).length, 2)
  assert.deepEqual(owners(), [['StatefulSet db'], ['StatefulSet db']])
  await simulation.stop()
})

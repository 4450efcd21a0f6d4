import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PersistentVolume } from '../../src/kinds/core/v1/persistent-volume.ts'
import { PersistentVolumeClaim } from '../../src/kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { StorageClass } from '../../src/kinds/storage/v1/storage-class.ts'
import { SchedulerSimulation } from '../support/scheduler-simulation.ts'

const SELECTED_NODE = 'volume.kubernetes.io/selected-node'
const BIND_COMPLETED = 'pv.kubernetes.io/bind-completed'
const MERGE = 'application/merge-patch+json'

async function createSimulation(): Promise<SchedulerSimulation> {
  const simulation = new SchedulerSimulation(1)
  for (const name of ['a', 'b', 'c']) await simulation.addNode(name)
  const { client } = simulation
  const late = { volumeBindingMode: 'WaitForFirstConsumer' as const }
  await client.create(StorageClass, { metadata: { name: 'fast' }, provisioner: 'x/y', ...late })
  await client.create(StorageClass, {
    metadata: { name: 'local' },
    provisioner: 'kubernetes.io/no-provisioner',
    ...late,
  })
  simulation.start()
  return simulation
}

function addPod(simulation: SchedulerSimulation, name: string, claimName = name) {
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName } }]
  return simulation.addPod(name, { spec: { volumes } })
}

function addClaim(
  { client }: SchedulerSimulation,
  name: string,
  storageClassName: string,
  mode: 'ReadWriteOnce' | 'ReadWriteOncePod' = 'ReadWriteOnce',
) {
  return client.create(PersistentVolumeClaim, {
    metadata: { name, namespace: 'default' },
    spec: {
      accessModes: [mode],
      storageClassName,
      resources: { requests: { storage: '1Gi' } },
    },
  })
}

function addVolume(
  { client }: SchedulerSimulation,
  name: string,
  node: string,
  storageClassName: string,
  storage = '2Gi',
) {
  const matchExpressions = [
    { key: 'kubernetes.io/hostname', operator: 'In' as const, values: [node] },
  ]
  return client.create(PersistentVolume, {
    metadata: { name },
    spec: {
      capacity: { storage },
      accessModes: ['ReadWriteOnce'],
      storageClassName,
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } },
      hostPath: { path: '/data' },
    },
  })
}

/** As the volume controller does in the end. */
async function finishClaim({ client }: SchedulerSimulation, name: string, volumeName: string) {
  await client.patch(PersistentVolumeClaim, { namespace: 'default', name }, MERGE, {
    metadata: { annotations: { [BIND_COMPLETED]: 'yes' } },
    spec: { volumeName },
  })
}

function selectedNode({ api }: SchedulerSimulation, name: string): string | undefined {
  const claims = api.list(PersistentVolumeClaim)
  return claims.find((one) => one.metadata.name === name)?.metadata.annotations?.[SELECTED_NODE]
}

const startsWith = (simulation: SchedulerSimulation, pod: string, text: string) =>
  assert.ok(
    simulation.whyPending(pod)?.startsWith(`0/3 nodes are available: ${text}.`),
    simulation.whyPending(pod),
  )

test('a pod waits for its claim, for the binding, and for the node of the volume', async () => {
  const simulation = await createSimulation()
  await addPod(simulation, 'db')
  await simulation.clock.advance(1_000)
  startsWith(simulation, 'db', 'persistentvolumeclaim "db" not found')
  await addClaim(simulation, 'db', 'slow')
  await simulation.clock.advance(1_000)
  startsWith(simulation, 'db', 'pod has unbound immediate PersistentVolumeClaims')
  await addVolume(simulation, 'v', 'b', 'slow')
  await finishClaim(simulation, 'db', 'v')
  await simulation.clock.advance(1_000)
  assert.equal(simulation.nodeOf('db'), 'b')
  await simulation.stop()
  assert.equal(simulation.clock.pendingTimers, 0)
})

test('a volume is made where the pod is to go', async () => {
  const simulation = await createSimulation()
  await addClaim(simulation, 'db', 'fast')
  await addPod(simulation, 'db')
  await simulation.clock.advance(1_000)
  const node = selectedNode(simulation, 'db')
  assert.ok(node !== undefined)
  assert.equal(simulation.nodeOf('db'), undefined)
  await addVolume(simulation, 'v', node, 'fast')
  await finishClaim(simulation, 'db', 'v')
  await simulation.clock.advance(1_000)
  assert.equal(simulation.nodeOf('db'), node)
  await simulation.stop()
  assert.equal(simulation.clock.pendingTimers, 0)
})

test('where making it fails, the pod is tried again', async () => {
  const simulation = await createSimulation()
  await addClaim(simulation, 'db', 'fast')
  await addPod(simulation, 'db')
  await simulation.clock.advance(1_000)
  const claim = { namespace: 'default', name: 'db' }
  const taken = { metadata: { annotations: { [SELECTED_NODE]: null } } }
  await simulation.client.patch(PersistentVolumeClaim, claim, MERGE, taken)
  await simulation.clock.advance(500)
  assert.equal(
    simulation.whyPending('db'),
    'running PreBind plugin "VolumeBinding": ' +
      'binding volumes: provisioning failed for PVC "db"',
  )
  await simulation.clock.advance(10_000)
  assert.ok(selectedNode(simulation, 'db') !== undefined)
  await simulation.stop()
  assert.equal(simulation.clock.pendingTimers, 0)
})

test('a local volume draws its pod to its node, and goes to one claim only', async () => {
  const simulation = await createSimulation()
  await addVolume(simulation, 'large', 'a', 'local', '9Gi')
  await addVolume(simulation, 'small', 'a', 'local', '2Gi')
  await addVolume(simulation, 'tiny', 'b', 'local', '500Mi')
  for (const name of ['one', 'two', 'three']) await addClaim(simulation, name, 'local')
  await simulation.clock.advance(100)
  for (const name of ['one', 'two', 'three']) await addPod(simulation, name)
  await simulation.clock.advance(1_000)
  const given = Object.fromEntries(
    simulation.api
      .list(PersistentVolume)
      .map(({ metadata, spec }) => [metadata.name, spec.claimRef?.name]),
  )
  assert.deepEqual(given, { large: 'two', small: 'one', tiny: undefined })
  await finishClaim(simulation, 'one', 'small')
  await finishClaim(simulation, 'two', 'large')
  await simulation.clock.advance(1_000)
  assert.deepEqual([simulation.nodeOf('one'), simulation.nodeOf('two')], ['a', 'a'])
  startsWith(simulation, 'three', "3 node(s) didn't find available persistent volumes to bind")
  await simulation.stop()
  assert.equal(simulation.clock.pendingTimers, 0)
})

test('a claim for one pod alone is used by one pod after the other', async () => {
  const simulation = await createSimulation()
  await addClaim(simulation, 'data', 'slow', 'ReadWriteOncePod')
  await addVolume(simulation, 'v', 'b', 'slow')
  await finishClaim(simulation, 'data', 'v')
  await simulation.clock.advance(100)
  await addPod(simulation, 'first', 'data')
  await simulation.clock.advance(1_000)
  assert.equal(simulation.nodeOf('first'), 'b')
  await addPod(simulation, 'second', 'data')
  await simulation.clock.advance(60_000)
  startsWith(
    simulation,
    'second',
    '3 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode',
  )
  const first = simulation.pod('first')
  assert.ok(first !== undefined)
  simulation.api.change(Pod, first, undefined)
  await simulation.clock.advance(1_000)
  assert.equal(simulation.nodeOf('second'), 'b')
  await simulation.stop()
})

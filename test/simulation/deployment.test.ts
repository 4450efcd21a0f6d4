import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInt } from '../../src/base/random.ts'
import { DeploymentController } from '../../src/controllers/deployment/deployment-controller.ts'
import { wantedReplicas } from '../../src/controllers/deployment/replica-set-list.ts'
import { ReplicaSetController } from '../../src/controllers/replicaset/replica-set-controller.ts'
import type { ControllerContext } from '../../src/controllers/runtime/controller.ts'
import { isPodActive, isPodReady } from '../../src/controllers/runtime/pods.ts'
import { Deployment } from '../../src/kinds/apps/v1/deployment.ts'
import { ReplicaSet } from '../../src/kinds/apps/v1/replica-set.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { ControllerSimulation } from '../support/controller-simulation.ts'
import { manyFaults, noFaults } from '../support/faulty-transport.ts'
import { seeds } from '../support/seeds.ts'

const definitions = [
  {
    name: 'deployment-controller',
    serviceAccount: 'deployment-controller',
    create: (context: ControllerContext) => new DeploymentController(context),
  },
  {
    name: 'replicaset-controller',
    serviceAccount: 'replicaset-controller',
    create: (context: ControllerContext) => new ReplicaSetController(context),
  },
]

const draft = (replicas: number, strategy: 'RollingUpdate' | 'Recreate') => ({
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    replicas,
    strategy:
      strategy === 'Recreate'
        ? { type: strategy }
        : { type: strategy, rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } },
    selector: { matchLabels: { app: 'web' } },
    template: {
      metadata: { labels: { app: 'web' } },
      spec: { containers: [{ name: 'web', image: 'web:1' }] },
    },
  },
})

async function set(
  simulation: ControllerSimulation,
  change: (spec: Deployment['spec']) => object,
): Promise<void> {
  const [deployment] = simulation.api.list(Deployment)
  if (deployment === undefined) throw new Error('no deployment')
  const spec = { ...deployment.spec, ...change(deployment.spec) }
  await simulation.client.update(Deployment, { ...deployment, spec })
}

function setImage(simulation: ControllerSimulation, image: string): Promise<void> {
  const spec = { containers: [{ name: 'web', image }] }
  return set(simulation, ({ template }) => ({ template: { ...template, spec } }))
}

const images = (pods: readonly Pod[]) => [
  ...new Set(pods.map(({ spec }) => spec.containers[0]?.image)),
]

/** Rolls through several templates on a bad network, some before the last one is done. */
async function simulateRollingUpdate(seed: number): Promise<string> {
  const simulation = new ControllerSimulation(seed)
  const { clock, random, api, client, transport } = simulation
  const replicas = 4
  await client.create(Deployment, draft(replicas, 'RollingUpdate'))
  simulation.start(definitions)
  await clock.advance(30_000)
  const ready = () => api.list(Pod).filter((pod) => isPodActive(pod) && isPodReady(pod)).length
  assert.equal(ready(), replicas, `seed ${seed}: not started`)
  api.store.onCommit(() => {
    // Replica sets follow in their own time, so the surge is a promise of what they are asked for.
    const asked = wantedReplicas(api.list(ReplicaSet))
    const when = `seed ${seed}, ${clock.monotonic()} ms`
    assert.ok(asked <= replicas + 2, `${when}: ${asked} pods are asked for`)
    assert.ok(ready() >= replicas - 1, `${when}: only ${ready()} pods are available`)
  })
  transport.faults = { ...manyFaults, lostAnswers: 0 }
  let image = ''
  for (let step = 2; step <= 5; step++) {
    image = `web:${step}`
    await setImage(simulation, image)
    await clock.advance(randomInt(random, 60_000))
    if (random.next() < 0.2) api.store.compact()
  }
  transport.faults = noFaults
  await clock.advance(700_000)
  const active = api.list(Pod).filter(isPodActive)
  assert.equal(active.length, replicas, `seed ${seed}: not converged`)
  assert.deepEqual(images(active), [image])
  const status = api.list(Deployment)[0]?.status
  assert.equal(status?.updatedReplicas, replicas)
  assert.equal(status?.availableReplicas, replicas)
  const reasons = status?.conditions?.map(({ type, reason }) => `${type} ${reason}`)
  assert.deepEqual(reasons?.toSorted(), [
    'Available MinimumReplicasAvailable',
    'Progressing NewReplicaSetAvailable',
  ])
  const revisions = api
    .list(ReplicaSet)
    .map(({ metadata }) => metadata.annotations?.['deployment.kubernetes.io/revision'])
  assert.equal(new Set(revisions).size, revisions.length, `seed ${seed}: ${revisions}`)
  await simulation.stop()
  assert.equal(clock.pendingTimers, 0, `seed ${seed}: a timer is left`)
  return simulation.log
}

test('a rolling update keeps between its surge and its minimum', async () => {
  for (const seed of seeds(10)) await simulateRollingUpdate(seed)
})

test('one seed of a rolling update gives one history', async () => {
  assert.equal(await simulateRollingUpdate(3), await simulateRollingUpdate(3))
})

test('Recreate never runs two versions at a time', async () => {
  for (const seed of seeds(8)) {
    const simulation = new ControllerSimulation(seed)
    const { clock, api, client, transport } = simulation
    await client.create(Deployment, draft(3, 'Recreate'))
    transport.faults = { ...manyFaults, lostAnswers: 0 }
    simulation.start(definitions)
    api.store.onCommit(() => {
      const versions = images(api.list(Pod))
      assert.ok(versions.length <= 1, `seed ${seed}: ${versions} run together`)
    })
    await clock.advance(40_000)
    await setImage(simulation, 'web:2')
    await clock.advance(60_000)
    transport.faults = noFaults
    await clock.advance(400_000)
    assert.equal(api.list(Pod).length, 3, `seed ${seed}`)
    assert.deepEqual(images(api.list(Pod)), ['web:2'])
    await simulation.stop()
  }
})

test('a rollout that gets nowhere misses its deadline, and a fix ends that', async () => {
  const simulation = new ControllerSimulation(1)
  const { clock, api, client } = simulation
  simulation.arePodsRun = false
  const { metadata, spec } = draft(2, 'RollingUpdate')
  await client.create(Deployment, { metadata, spec: { ...spec, progressDeadlineSeconds: 60 } })
  simulation.start(definitions)
  const progressing = () =>
    api.list(Deployment)[0]?.status.conditions?.find(({ type }) => type === 'Progressing')
  await clock.advance(50_000)
  assert.equal(progressing()?.status, 'True')
  await clock.advance(15_000)
  assert.equal(progressing()?.reason, 'ProgressDeadlineExceeded')
  assert.equal(progressing()?.status, 'False')
  assert.match(progressing()?.message ?? '', /^ReplicaSet "web-\w+" has timed out progressing\.$/)
  simulation.arePodsRun = true
  await setImage(simulation, 'web:2')
  await clock.advance(60_000)
  assert.equal(progressing()?.reason, 'NewReplicaSetAvailable')
  await simulation.stop()
})

test('a paused deployment scales but does not roll; resumed, it goes on', async () => {
  const simulation = new ControllerSimulation(1)
  const { clock, api, client } = simulation
  await client.create(Deployment, draft(2, 'RollingUpdate'))
  simulation.start(definitions)
  await clock.advance(20_000)
  await set(simulation, () => ({ paused: true }))
  await setImage(simulation, 'web:2')
  await set(simulation, () => ({ replicas: 4 }))
  await clock.advance(30_000)
  assert.deepEqual(images(api.list(Pod)), ['web:1'])
  assert.equal(api.list(Pod).length, 4)
  const conditions = () => api.list(Deployment)[0]?.status.conditions?.map(({ reason }) => reason)
  assert.ok(conditions()?.includes('DeploymentPaused'))
  await set(simulation, () => ({ paused: false }))
  await clock.advance(60_000)
  assert.deepEqual(images(api.list(Pod)), ['web:2'])
  assert.ok(conditions()?.includes('NewReplicaSetAvailable'))
  await simulation.stop()
})

test('old replica sets are kept up to the limit, and going back to one raises its revision', async () => {
  const simulation = new ControllerSimulation(1)
  const { clock, api, client } = simulation
  const { metadata, spec } = draft(1, 'RollingUpdate')
  await client.create(Deployment, { metadata, spec: { ...spec, revisionHistoryLimit: 2 } })
  simulation.start(definitions)
  for (const image of ['web:1', 'web:2', 'web:3', 'web:4', 'web:3']) {
    await setImage(simulation, image)
    await clock.advance(60_000)
  }
  const revisions = api
    .list(ReplicaSet)
    .map(({ metadata: { annotations }, spec }) => [
      spec.template.spec.containers[0]?.image,
      annotations?.['deployment.kubernetes.io/revision'],
      annotations?.['deployment.kubernetes.io/revision-history'],
    ])
  assert.deepEqual(revisions.toSorted(), [
    ['web:2', '2', undefined],
    ['web:3', '5', '3'],
    ['web:4', '4', undefined],
  ])
  const [deployment] = api.list(Deployment)
  assert.equal(deployment?.metadata.annotations?.['deployment.kubernetes.io/revision'], '5')
  await simulation.stop()
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInt } from '../../src/base/random.ts'
import { ReplicaSetController } from '../../src/controllers/replicaset/replica-set-controller.ts'
import { isPodActive } from '../../src/controllers/runtime/pods.ts'
import { ReplicaSet } from '../../src/kinds/apps/v1/replica-set.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { ControllerSimulation } from '../support/controller-simulation.ts'
import { manyFaults, noFaults } from '../support/faulty-transport.ts'
import { seeds } from '../support/seeds.ts'

const REPLICAS = 3
const definitions = [
  {
    name: 'replicaset-controller',
    serviceAccount: 'replicaset-controller',
    create: (context: ConstructorParameters<typeof ReplicaSetController>[0]) =>
      new ReplicaSetController(context),
  },
]
const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'web' }] },
}

/** One ReplicaSet through a minute of lost pods and a bad network; returns the whole log. */
async function simulate(seed: number): Promise<string> {
  const simulation = new ControllerSimulation(seed)
  const { clock, random, api, client, transport } = simulation
  await client.create(ReplicaSet, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: REPLICAS, selector: { matchLabels: { app: 'web' } }, template },
  })
  api.store.onCommit(() => {
    const { length } = api.list(Pod).filter(isPodActive)
    assert.ok(length <= REPLICAS, `seed ${seed}: ${length} pods at ${clock.monotonic()} ms`)
  })
  // A lost answer to a creation is the one thing that may make a pod too many.
  transport.faults = { ...manyFaults, lostAnswers: 0 }
  simulation.start(definitions)
  for (let step = 0; step < 20; step++) {
    await clock.advance(randomInt(random, 5_000))
    const pods = api.list(Pod)
    const victim = pods[randomInt(random, pods.length + 1)]
    if (victim !== undefined) await client.delete(Pod, victim.metadata)
    if (random.next() < 0.1) api.store.compact()
  }
  transport.faults = noFaults
  await clock.advance(400_000)
  const active = api.list(Pod).filter(isPodActive)
  assert.equal(active.length, REPLICAS, `seed ${seed}: not converged`)
  const status = api.list(ReplicaSet)[0]?.status
  assert.deepEqual(
    { ...status },
    {
      replicas: REPLICAS,
      fullyLabeledReplicas: REPLICAS,
      readyReplicas: REPLICAS,
      availableReplicas: REPLICAS,
      terminatingReplicas: 0,
      observedGeneration: 1,
    },
    `seed ${seed}`,
  )
  await simulation.stop()
  assert.equal(clock.pendingTimers, 0, `seed ${seed}: a timer is left`)
  return simulation.log
}

test('a ReplicaSet never has too many pods and ends with exactly enough', async () => {
  for (const seed of seeds(20)) await simulate(seed)
})

test('the same seed gives the same history', async () => {
  assert.equal(await simulate(7), await simulate(7))
  assert.notEqual(await simulate(7), await simulate(8))
})

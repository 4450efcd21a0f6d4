import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTime } from '../../src/base/clock.ts'
import { isPodReady } from '../../src/controllers/runtime/pods.ts'
import { Deployment } from '../../src/kinds/apps/v1/deployment.ts'
import { ConfigMap } from '../../src/kinds/core/v1/config-map.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { PodDisruptionBudget } from '../../src/kinds/policy/v1/pod-disruption-budget.ts'
import { ownerReferenceTo } from '../../src/machinery/owner-references.ts'
import { isReason } from '../../src/machinery/status-error.ts'
import { ControlSimulation } from '../support/control-simulation.ts'
import { manyFaults, noFaults } from '../support/faulty-transport.ts'
import { seeds } from '../support/seeds.ts'

const where = { namespace: 'default', name: 'web' }
const labels = { app: 'web' }

async function setUp(seed: number, spec: object) {
  const simulation = await ControlSimulation.start(seed)
  const { client, clock } = simulation
  await client.create(Node, { metadata: { name: 'node' } })
  const time = formatTime(clock.now())
  const ready = { type: 'Ready', status: 'True', lastHeartbeatTime: time, lastTransitionTime: time }
  const type = 'application/merge-patch+json'
  const status = { conditions: [ready] }
  await client.patch(Node, { name: 'node' }, type, { status }, { subresource: 'status' })
  const template = { metadata: { labels }, spec: { containers: [{ name: 'a', image: 'a' }] } }
  await client.create(Deployment, {
    metadata: where,
    spec: { replicas: 4, selector: { matchLabels: labels }, template },
  })
  await client.create(PodDisruptionBudget, {
    metadata: where,
    spec: { selector: { matchLabels: labels }, ...spec },
  })
  const budget = async () => (await client.get(PodDisruptionBudget, where)).status
  const pods = async () => (await client.list(Pod, { namespace: 'default' })).items
  /** Whether the API server let the pod go. */
  const evict = async ({ metadata: { namespace, name } }: Pod): Promise<boolean> => {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } }
    try {
      await client.createSubresource(Pod, { namespace, name }, 'eviction', body)
      return true
    } catch (error) {
      if (isReason(error, 'TooManyRequests', 'NotFound', 'Conflict')) return false
      throw error
    }
  }
  return { simulation, client, clock, budget, pods, evict }
}

test('evictions never take more pods than the budget gives', async () => {
  for (const seed of seeds(2)) {
    const { simulation, clock, budget, pods, evict } = await setUp(seed, { maxUnavailable: '25%' })
    await clock.advance(20_000)
    const { conditions, ...counts } = await budget()
    assert.deepEqual(counts, {
      observedGeneration: 1,
      disruptionsAllowed: 1,
      currentHealthy: 4,
      desiredHealthy: 3,
      expectedPods: 4,
    })
    const [condition] = conditions ?? []
    assert.deepEqual([condition?.type, condition?.reason], ['DisruptionAllowed', 'SufficientPods'])
    simulation.faults = { ...manyFaults, lostAnswers: 0 }
    let evicted = 0
    for (let step = 0; step < 40; step++) {
      for (const pod of await pods()) {
        if (await evict(pod)) evicted += 1
      }
      const serving = (await pods()).filter(
        (pod) => isPodReady(pod) && pod.metadata.deletionTimestamp === undefined,
      )
      assert.ok(serving.length >= 3, `seed ${seed}: only ${serving.length} pods are left`)
      await clock.advance(1_000)
    }
    assert.ok(evicted > 3, `seed ${seed}: ${evicted} pods were evicted`)
    simulation.faults = noFaults
    await clock.advance(300_000)
    const { disruptionsAllowed, disruptedPods } = await budget()
    assert.deepEqual([disruptionsAllowed, disruptedPods], [1, undefined])
    await simulation.stop()
  }
})

test('a budget whose pods cannot be counted gives nothing', async () => {
  const { simulation, client, clock, budget, pods, evict } = await setUp(1, { minAvailable: '50%' })
  await clock.advance(20_000)
  assert.equal((await budget()).disruptionsAllowed, 2)
  const map = await client.create(ConfigMap, { metadata: where })
  const owner = { ...ownerReferenceTo(map, ConfigMap), blockOwnerDeletion: false }
  await client.create(Pod, {
    metadata: { ...where, name: 'odd', labels, ownerReferences: [owner] },
    spec: { containers: [{ name: 'a', image: 'a' }] },
  })
  await clock.advance(1_000)
  const { disruptionsAllowed, conditions } = await budget()
  assert.equal(disruptionsAllowed, 0)
  const text = 'configmaps does not implement the scale subresource'
  assert.deepEqual(
    conditions?.map(({ reason, message }) => [reason, message]),
    [['SyncFailed', text]],
  )
  const [pod] = await pods()
  assert.ok(pod !== undefined && !(await evict(pod)))
  await simulation.stop()
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTime } from '../../src/base/clock.ts'
import { Deployment } from '../../src/kinds/apps/v1/deployment.ts'
import { Namespace } from '../../src/kinds/core/v1/namespace.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { ResourceQuota } from '../../src/kinds/core/v1/resource-quota.ts'
import { ControlSimulation } from '../support/control-simulation.ts'
import { manyFaults, noFaults } from '../support/faulty-transport.ts'
import { seeds } from '../support/seeds.ts'

const where = { namespace: 'shop' }
const MOST_PODS = 4

async function createNode({ client, clock }: ControlSimulation): Promise<void> {
  await client.create(Node, { metadata: { name: 'node' } })
  const time = formatTime(clock.now())
  const conditions = [
    { type: 'Ready', status: 'True', lastHeartbeatTime: time, lastTransitionTime: time },
  ]
  const type = 'application/merge-patch+json'
  const options = { subresource: 'status' as const }
  await client.patch(Node, { name: 'node' }, type, { status: { conditions } }, options)
}

/** Several deployments want more than their namespace has; never are there too many pods. */
async function simulate(seed: number, hasFaults: boolean): Promise<void> {
  const simulation = await ControlSimulation.start(seed)
  const { client, clock } = simulation
  await createNode(simulation)
  await clock.advance(3_000)
  await client.create(Namespace, { metadata: { name: where.namespace } })
  const hard = { pods: `${MOST_PODS}`, 'count/deployments.apps': '2' }
  await client.create(ResourceQuota, { metadata: { ...where, name: 'q' }, spec: { hard } })
  await clock.advance(2_000)
  if (hasFaults) simulation.faults = { ...manyFaults, lostAnswers: 0 }
  const create = (name: string) =>
    client.create(Deployment, {
      metadata: { ...where, name },
      spec: {
        replicas: 3,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'c', image: 'i' }] },
        },
      },
    })
  await create('a')
  await create('b')
  await assert.rejects(create('c'), /exceeded quota: q, requested: count\/deployments.apps=1/)
  const countPods = async () => (await client.list(Pod, where)).items.length
  const usedOf = async () =>
    (await client.get(ResourceQuota, { ...where, name: 'q' })).status.used?.['pods']

  for (let step = 0; step < (hasFaults ? 60 : 15); step++) {
    await clock.advance(1_000)
    const count = await countPods()
    assert.ok(count <= MOST_PODS, `seed ${seed}: ${count} pods`)
  }
  simulation.faults = noFaults
  await clock.advance(320_000)
  assert.deepEqual([await countPods(), await usedOf()], [MOST_PODS, `${MOST_PODS}`], `seed ${seed}`)

  // What one leaves the other takes.
  await client.delete(Deployment, { ...where, name: 'a' })
  await clock.advance(400_000)
  assert.deepEqual([await countPods(), await usedOf()], [3, '3'], `seed ${seed}`)
  await create('c')
  await simulation.stop()
}

test('deployments share what their quota leaves them', () => simulate(1, false))

test('a quota is never exceeded on a bad network', async () => {
  for (const seed of seeds(3)) await simulate(seed, true)
})

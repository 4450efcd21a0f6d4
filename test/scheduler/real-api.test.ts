import assert from 'node:assert/strict'
import { setMaxListeners } from 'node:events'
import { test } from 'node:test'
import { objectSubresources } from '../../src/apiserver/compose.ts'
import { createLogger, silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { ClientEventRecorder } from '../../src/client/event-sender.ts'
import { SharedInformers } from '../../src/client/informers.ts'
import { Event } from '../../src/kinds/core/v1/event.ts'
import { Namespace } from '../../src/kinds/core/v1/namespace.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { ServiceAccount } from '../../src/kinds/core/v1/service-account.ts'
import { builtInKinds } from '../../src/kinds/index.ts'
import { PriorityClass } from '../../src/kinds/scheduling/v1/priority-class.ts'
import { findCondition } from '../../src/machinery/conditions.ts'
import { Scheduler } from '../../src/scheduler/scheduler.ts'
import { createTestServer } from '../support/api-server.ts'
import { startSecuredApi } from '../support/secured-api.ts'

const TAINTED =
  '0/1 nodes are available: 1 node(s) had untolerated taint(s). no new claims to deallocate, ' +
  'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.'

async function createCluster() {
  const { client, clock, close } = await createTestServer()
  const ports = { client, clock, random: seededRandom(1), logger: silentLogger }
  const informers = new SharedInformers(ports)
  const recorder = new ClientEventRecorder({ ...ports, component: 'default-scheduler' })
  const scheduler = new Scheduler({ ...ports, informers, recorder })
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const running = Promise.all([informers.run(stop.signal), scheduler.run(stop.signal)])
  await client.create(ServiceAccount, { metadata: { name: 'default', namespace: 'default' } })
  const end = async () => {
    stop.abort()
    recorder[Symbol.dispose]()
    await clock.advance(1_000)
    await running
    close()
  }
  return { client, clock, end }
}

type Cluster = Awaited<ReturnType<typeof createCluster>>

async function addNode({ client }: Cluster, name: string): Promise<void> {
  const node = await client.create(Node, { metadata: { name } })
  const allocatable = { cpu: '2', memory: '4Gi', pods: '10' }
  await client.updateStatus(Node, { ...node, status: { ...node.status, allocatable } })
  // The API server taints a new node until the node lifecycle controller has seen it ready.
  const made = await client.get(Node, { name })
  await client.update(Node, { ...made, spec: { ...made.spec, taints: [] } })
}

function getPod({ client }: Cluster, name: string): Promise<Pod> {
  return client.get(Pod, { namespace: 'default', name })
}

test('against the real API server: bound, or told why not, and bound once a node comes', async () => {
  const cluster = await createCluster()
  const { client, clock, end } = cluster
  await client.create(Pod, {
    metadata: { name: 'web', namespace: 'default' },
    spec: { containers: [{ name: 'main', image: 'nginx' }] },
  })
  await clock.advance(1_000)
  const waiting = await getPod(cluster, 'web')
  const condition = findCondition(waiting.status.conditions, 'PodScheduled')
  assert.deepEqual(
    { ...condition, lastTransitionTime: undefined, lastProbeTime: undefined },
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: 'no nodes available to schedule pods',
      observedGeneration: 1,
      lastProbeTime: undefined,
      lastTransitionTime: undefined,
    },
  )

  await addNode(cluster, 'a')
  await clock.advance(15_000)
  const bound = await getPod(cluster, 'web')
  assert.equal(bound.spec.nodeName, 'a')
  assert.equal(findCondition(bound.status.conditions, 'PodScheduled')?.status, 'True')
  const events = (await client.list(Event)).items.map(({ reason, message }) => [reason, message])
  assert.deepEqual(events.toSorted(), [
    ['FailedScheduling', TAINTED],
    ['FailedScheduling', 'no nodes available to schedule pods'],
    ['Scheduled', 'Successfully assigned default/web to a'],
  ])
  await end()
})

test('against the real API server: an urgent pod takes the place of a lesser one', async () => {
  const cluster = await createCluster()
  const { client, clock, end } = cluster
  await addNode(cluster, 'a')
  await client.create(PriorityClass, { metadata: { name: 'high' }, value: 1000 })
  const create = (name: string, spec: object = {}) =>
    client.create(Pod, {
      metadata: { name, namespace: 'default' },
      spec: {
        containers: [{ name: 'main', image: 'nginx', resources: { requests: { cpu: '2' } } }],
        ...spec,
      },
    })
  await create('lesser')
  await clock.advance(1_000)
  assert.equal((await getPod(cluster, 'lesser')).spec.nodeName, 'a')
  const { metadata } = await create('urgent', { priorityClassName: 'high' })
  await clock.advance(1_000)
  assert.equal((await getPod(cluster, 'urgent')).status.nominatedNodeName, 'a')
  const victim = await getPod(cluster, 'lesser')
  assert.equal(victim.metadata.deletionGracePeriodSeconds, 30)
  assert.equal(
    findCondition(victim.status.conditions, 'DisruptionTarget')?.reason,
    'PreemptionByScheduler',
  )
  const events = (await client.list(Event)).items.filter(({ reason }) => reason === 'Preempted')
  assert.deepEqual(
    events.map(({ message }) => message),
    [`Preempted by pod ${metadata.uid} on node a`],
  )
  await client.delete(Pod, { namespace: 'default', name: 'lesser' }, { gracePeriodSeconds: 0 })
  await clock.advance(1_000)
  assert.equal((await getPod(cluster, 'urgent')).spec.nodeName, 'a')
  await end()
})

test('its bootstrap roles allow all that it does', async () => {
  using api = await startSecuredApi(() => ({ subresources: objectSubresources(builtInKinds) }))
  const { admin, clock } = api
  const client = api.as('system:kube-scheduler')
  const refused: string[] = []
  const logger = createLogger((level, message, fields) => {
    if (JSON.stringify(fields).includes('forbidden')) refused.push(`${level} ${message}`)
  })
  const ports = { client, clock, random: seededRandom(1), logger }
  const informers = new SharedInformers(ports)
  using recorder = new ClientEventRecorder({ ...ports, component: 'default-scheduler' })
  const scheduler = new Scheduler({ ...ports, informers, recorder })
  const stop = new AbortController()
  setMaxListeners(0, stop.signal)
  const running = Promise.all([informers.run(stop.signal), scheduler.run(stop.signal)])
  await admin.create(Namespace, { metadata: { name: 'default' } })
  const allocatable = { cpu: '2', memory: '4Gi', pods: '10' }
  const node = await admin.create(Node, { metadata: { name: 'a' } })
  await admin.updateStatus(Node, { ...node, status: { ...node.status, allocatable } })
  for (const priority of [0, 1000]) {
    await admin.create(Pod, {
      metadata: { name: `p${priority}`, namespace: 'default' },
      spec: {
        priority,
        containers: [{ name: 'main', image: 'x', resources: { requests: { cpu: '2' } } }],
      },
    })
    await clock.advance(1_000)
  }
  const victim = await admin.get(Pod, { namespace: 'default', name: 'p0' })
  assert.equal(victim.spec.nodeName, 'a')
  assert.ok(victim.metadata.deletionTimestamp !== undefined)
  const events = (await admin.list(Event)).items.map(({ reason }) => reason)
  assert.deepEqual(events.toSorted(), ['FailedScheduling', 'Preempted', 'Scheduled'])
  assert.deepEqual(refused, [])
  stop.abort()
  await clock.advance(1_000)
  await running
})

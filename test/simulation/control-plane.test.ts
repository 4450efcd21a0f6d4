import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatTime } from '../../src/base/clock.ts'
import { Deployment } from '../../src/kinds/apps/v1/deployment.ts'
import { ReplicaSet } from '../../src/kinds/apps/v1/replica-set.ts'
import { CronJob } from '../../src/kinds/batch/v1/cron-job.ts'
import { Job } from '../../src/kinds/batch/v1/job.ts'
import { ConfigMap } from '../../src/kinds/core/v1/config-map.ts'
import { Endpoints } from '../../src/kinds/core/v1/endpoints.ts'
import { Event } from '../../src/kinds/core/v1/event.ts'
import { Namespace } from '../../src/kinds/core/v1/namespace.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { Service } from '../../src/kinds/core/v1/service.ts'
import { ServiceAccount } from '../../src/kinds/core/v1/service-account.ts'
import { EndpointSlice } from '../../src/kinds/discovery/v1/endpoint-slice.ts'
import { ClusterRole } from '../../src/kinds/rbac/v1/cluster-role.ts'
import { AUTHORITY, ControlSimulation } from '../support/control-simulation.ts'
import { manyFaults, noFaults } from '../support/faulty-transport.ts'
import { seeds } from '../support/seeds.ts'

const NAMESPACE = 'shop'

async function createNode({ client, clock }: ControlSimulation): Promise<void> {
  const { metadata } = await client.create(Node, { metadata: { name: 'node' } })
  const time = formatTime(clock.now())
  const status = {
    addresses: [{ type: 'InternalIP', address: '192.0.2.7' }],
    conditions: [
      { type: 'Ready', status: 'True', lastHeartbeatTime: time, lastTransitionTime: time },
    ],
  }
  // Controllers change new nodes at once: a patch gets along with that.
  const { name } = metadata
  const type = 'application/merge-patch+json'
  await client.patch(Node, { name }, type, { status }, { subresource: 'status' })
}

/** An application is made, changed and taken away again, all by the real API server. */
async function simulate(seed: number, hasFaults: boolean): Promise<void> {
  const simulation = await ControlSimulation.start(seed)
  const { client, clock } = simulation
  const where = { namespace: NAMESPACE }
  await createNode(simulation)
  await clock.advance(3_000)
  if (hasFaults) simulation.faults = { ...manyFaults, lostAnswers: 0 }
  await client.create(Namespace, { metadata: { name: NAMESPACE } })
  await clock.advance(hasFaults ? 30_000 : 1_000)
  const account = await client.get(ServiceAccount, { ...where, name: 'default' })
  assert.ok(account.metadata.uid)
  const authority = await client.get(ConfigMap, { ...where, name: 'kube-root-ca.crt' })
  assert.deepEqual(authority.data, { 'ca.crt': AUTHORITY })

  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { containers: [{ name: 'web', image: 'web:1', ports: [{ containerPort: 3000 }] }] },
  }
  await client.create(Service, {
    metadata: { ...where, name: 'web' },
    spec: {
      type: 'LoadBalancer',
      selector: { app: 'web' },
      ports: [{ port: 80, targetPort: 3000 }],
    },
  })
  await client.create(Deployment, {
    metadata: { ...where, name: 'web' },
    spec: { replicas: 3, selector: { matchLabels: { app: 'web' } }, template },
  })
  await clock.advance(hasFaults ? 120_000 : 15_000)
  simulation.faults = noFaults
  await clock.advance(hasFaults ? 60_000 : 1_000)

  const pods = await client.list(Pod, where)
  assert.equal(pods.items.length, 3, `seed ${seed}:\n${simulation.lines.join('\n')}`)
  const addresses = pods.items.flatMap(({ status }) => status.podIP ?? []).toSorted()
  const slices = await client.list(EndpointSlice, where)
  const published = slices.items.flatMap(({ endpoints }) => endpoints ?? [])
  assert.deepEqual(published.flatMap((one) => one.addresses).toSorted(), addresses)
  assert.ok(published.every(({ conditions }) => conditions.ready))
  const endpoints = await client.get(Endpoints, { ...where, name: 'web' })
  assert.deepEqual(
    endpoints.subsets?.flatMap((subset) => subset.addresses?.map(({ ip }) => ip)).toSorted(),
    addresses,
  )
  assert.equal(endpoints.subsets?.[0]?.ports?.[0]?.port, 3000)
  const service = await client.get(Service, { ...where, name: 'web' })
  assert.deepEqual(
    service.status.loadBalancer.ingress?.map(({ ip }) => ip),
    ['192.0.2.7'],
  )
  const deployment = await client.get(Deployment, { ...where, name: 'web' })
  assert.equal(deployment.status.availableReplicas, 3)
  assert.equal(deployment.metadata.annotations?.['deployment.kubernetes.io/revision'], '1')
  const events = await client.list(Event, where)
  const reasons = new Set(events.items.map(({ reason }) => reason))
  const lost = ['ScalingReplicaSet', 'SuccessfulCreate'].filter((reason) => !reasons.has(reason))
  assert.deepEqual(lost, [], `seed ${seed}:\n${simulation.lines.join('\n')}`)

  // Deleted with its dependents, which the garbage collector finds by their owners.
  if (hasFaults) simulation.faults = { ...manyFaults, lostAnswers: 0 }
  await client.delete(Deployment, { ...where, name: 'web' })
  await clock.advance(hasFaults ? 120_000 : 20_000)
  simulation.faults = noFaults
  await clock.advance(hasFaults ? 60_000 : 1_000)
  assert.equal((await client.list(ReplicaSet, where)).items.length, 0, `seed ${seed}`)
  assert.equal((await client.list(Pod, where)).items.length, 0, `seed ${seed}`)

  await client.delete(Namespace, { name: NAMESPACE })
  await clock.advance(120_000)
  const namespaces = await client.list(Namespace)
  assert.ok(!namespaces.items.some(({ metadata }) => metadata.name === NAMESPACE), `seed ${seed}`)
  const forbidden = simulation.lines.filter((line) => line.includes('is forbidden'))
  assert.deepEqual(forbidden, [], 'every controller may do what it does')
  await simulation.stop()
}

test('an application comes and goes, each controller under its own rights', () =>
  simulate(1, false))

test('an application comes and goes on a bad network', async () => {
  for (const seed of seeds(2)) await simulate(seed, true)
})

test('aggregated roles hold the rules of the roles that they choose', async () => {
  const simulation = await ControlSimulation.start(1)
  const { client, clock } = simulation
  await clock.advance(5_000)
  const before = await client.get(ClusterRole, { name: 'view' })
  await client.create(ClusterRole, {
    metadata: { name: 'things', labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } },
    rules: [{ apiGroups: ['example.com'], resources: ['things'], verbs: ['get'] }],
  })
  await clock.advance(5_000)
  const after = await client.get(ClusterRole, { name: 'view' })
  assert.equal(after.rules?.length, (before.rules?.length ?? 0) + 1)
  await simulation.stop()
})

test('endpoints kept by hand are mirrored until their service has a selector', async () => {
  const simulation = await ControlSimulation.start(1)
  const { client, clock } = simulation
  const where = { namespace: 'default', name: 'external' }
  const ports = [{ port: 80 }]
  await client.create(Service, { metadata: where, spec: { ports } })
  const endpoints = await client.create(Endpoints, {
    metadata: where,
    subsets: [
      { addresses: [{ ip: '203.0.113.5' }, { ip: '2001:db8::5' }], ports: [{ port: 8080 }] },
    ],
  })
  const mirrored = async () => {
    await clock.advance(20_000)
    const { items } = await client.list(EndpointSlice, { namespace: 'default' })
    return items.filter(
      ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'external',
    )
  }
  const addresses = (slices: readonly EndpointSlice[]) =>
    slices.flatMap((slice) => slice.endpoints?.map((one) => `${one.addresses}`) ?? []).toSorted()
  const first = await mirrored()
  assert.deepEqual(addresses(first), ['2001:db8::5', '203.0.113.5'])
  assert.equal(first[0]?.ports?.[0]?.port, 8080)
  assert.equal(first[0]?.metadata.ownerReferences?.[0]?.uid, endpoints.metadata.uid)
  const subsets = [
    { addresses: [{ ip: '203.0.113.6' }], ports: [{ port: 9090, protocol: 'TCP' as const }] },
  ]
  await client.update(Endpoints, { ...endpoints, subsets })
  assert.deepEqual(addresses(await mirrored()), ['203.0.113.6'])
  const service = await client.get(Service, where)
  const spec = { ...service.spec, selector: { app: 'nothing' } }
  await client.update(Service, { ...service, spec })
  const last = await mirrored()
  assert.deepEqual(addresses(last), [])
  assert.deepEqual(
    last.map(({ metadata }) => metadata.labels?.['endpointslice.kubernetes.io/managed-by']),
    ['endpointslice-controller.k8s.io'],
  )
  await simulation.stop()
})

test('Jobs run to their end, are suspended, and leave nothing behind', async () => {
  const simulation = await ControlSimulation.start(1)
  const { client, clock } = simulation
  await createNode(simulation)
  const where = { namespace: 'default', name: 'work' }
  const template = {
    spec: { restartPolicy: 'Never' as const, containers: [{ name: 'a', image: 'a' }] },
  }
  await client.create(Job, {
    metadata: where,
    spec: { completions: 3, parallelism: 2, completionMode: 'Indexed', suspend: true, template },
  })
  await clock.advance(5_000)
  const suspended = await client.get(Job, where)
  assert.deepEqual(
    suspended.status.conditions?.map(({ type, status }) => [type, status]),
    [['Suspended', 'True']],
  )
  await client.update(Job, { ...suspended, spec: { ...suspended.spec, suspend: false } })
  for (let step = 0; step < 20; step++) {
    await clock.advance(3_000)
    const { items } = await client.list(Pod, { namespace: 'default' })
    const running = items.filter(({ status }) => status.phase === 'Running')
    for (const pod of running) {
      const status = { ...pod.status, phase: 'Succeeded' as const }
      await client.updateStatus(Pod, { ...pod, status })
    }
  }
  const { status } = await client.get(Job, where)
  const text = simulation.lines.join('\n')
  assert.deepEqual([status.succeeded, status.completedIndexes], [3, '0-2'], text)
  assert.deepEqual(status.uncountedTerminatedPods, {})
  const types = status.conditions?.filter((one) => one.status === 'True').map(({ type }) => type)
  assert.deepEqual(types, ['SuccessCriteriaMet', 'Complete'])
  const reasons = (await client.list(Event, where)).items.map(({ reason }) => reason)
  for (const reason of ['Suspended', 'Resumed', 'SuccessfulCreate', 'Completed']) {
    assert.ok(reasons.includes(reason), `${reason} is not among ${reasons}`)
  }
  await client.delete(Job, where, { propagationPolicy: 'Background' })
  await clock.advance(10_000)
  assert.deepEqual((await client.list(Pod, { namespace: 'default' })).items, [])
  assert.deepEqual(
    simulation.lines.filter((line) => line.includes('is forbidden')),
    [],
  )
  await simulation.stop()
})

test('a CronJob starts Jobs, which go when they have ended and their time is over', async () => {
  const simulation = await ControlSimulation.start(1)
  const { client, clock } = simulation
  await createNode(simulation)
  const where = { namespace: 'default', name: 'tick' }
  const template = {
    spec: { restartPolicy: 'Never' as const, containers: [{ name: 'a', image: 'a' }] },
  }
  await client.create(CronJob, {
    metadata: where,
    spec: {
      schedule: '*/2 * * * *',
      timeZone: 'Asia/Tokyo',
      jobTemplate: { spec: { ttlSecondsAfterFinished: 30, template } },
    },
  })
  let most = 0
  for (let step = 0; step < 100; step++) {
    await clock.advance(5_000)
    const { items } = await client.list(Pod, { namespace: 'default' })
    for (const pod of items.filter(({ status }) => status.phase === 'Running')) {
      const status = { ...pod.status, phase: 'Succeeded' as const }
      await client.updateStatus(Pod, { ...pod, status })
    }
    const jobs = await client.list(Job, { namespace: 'default' })
    most = Math.max(most, jobs.items.length)
    for (const { metadata, spec } of jobs.items) {
      const scheduled = metadata.annotations?.['batch.kubernetes.io/cronjob-scheduled-timestamp']
      assert.match(scheduled ?? '', /[02468]:00\+09:00$/)
      assert.equal(spec.backoffLimit, 6)
    }
  }
  const { status } = await client.get(CronJob, where)
  assert.equal(most, 1, simulation.lines.join('\n'))
  assert.notEqual(status.lastSuccessfulTime, undefined)
  const created = (await client.list(Event, where)).items.filter(
    ({ reason, involvedObject }) => reason === 'SuccessfulCreate' && involvedObject.name === 'tick',
  )
  assert.equal(created.length, 4)
  await client.delete(CronJob, where)
  await clock.advance(60_000)
  assert.deepEqual((await client.list(Job, where)).items, [])
  assert.deepEqual((await client.list(Pod, where)).items, [])
  assert.deepEqual(
    simulation.lines.filter((line) => line.includes('is forbidden')),
    [],
  )
  await simulation.stop()
})

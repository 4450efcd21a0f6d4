import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import type { Client } from '../../client/client.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { PersistentVolumeClaim } from '../../kinds/core/v1/persistent-volume-claim.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { ResourceQuota } from '../../kinds/core/v1/resource-quota.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import type { StatusError } from '../../machinery/status-error.ts'

type Spec = NonNullable<(typeof Pod)['draft']['spec']>
type QuotaSpec = NonNullable<(typeof ResourceQuota)['draft']['spec']>
type TestSpec = QuotaSpec & { readonly hard?: Amounts }
interface Amounts {
  readonly [name: string]: string
}

/** A quota that is in force, as its controller makes it. */
async function createQuota(client: Client, spec: TestSpec, used: Amounts = {}, name = 'q') {
  const quota = await client.create(ResourceQuota, {
    metadata: { namespace: 'default', name },
    spec,
  })
  const nothing = Object.fromEntries(Object.keys(spec.hard ?? {}).map((one) => [one, '0']))
  const status = { hard: spec.hard ?? {}, used: { ...nothing, ...used } }
  await client.updateStatus(ResourceQuota, { ...quota, status })
}

const usedOf = async (client: Client, name = 'q') =>
  (await client.get(ResourceQuota, { namespace: 'default', name })).status.used

async function withQuota(
  spec: TestSpec,
  run: (client: Client, server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await createTestServer()
  const { client } = server
  await client.create(ServiceAccount, { metadata: { namespace: 'default', name: 'default' } })
  await createQuota(client, spec)
  await run(client, server)
  server.close()
}

const createPod = (client: Client, name: string, spec: Partial<Spec> = {}) =>
  client.create(Pod, {
    metadata: { namespace: 'default', name },
    spec: { containers: [{ name: 'c', image: 'i' }], ...spec },
  })

const withResources = (requests: Amounts, limits: Amounts = {}) => ({
  containers: [{ name: 'c', image: 'i', resources: { requests, limits } }],
})

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason as StatusError,
  )
  return error?.message ?? 'no error'
}

test('pods are counted, and no more than allowed are made', () =>
  withQuota({ hard: { pods: '1' } }, async (client, { send }) => {
    const dryRun = '/api/v1/namespaces/default/pods?dryRun=All'
    const body = { metadata: { name: 'a' }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    assert.equal((await send('POST', dryRun, { body })).code, 201)
    assert.deepEqual(await usedOf(client), { pods: '0' })
    await createPod(client, 'a')
    assert.deepEqual(await usedOf(client), { pods: '1' })
    assert.equal(
      await messageOf(createPod(client, 'b')),
      'pods "b" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    )
    assert.equal((await send('POST', dryRun, { body })).code, 403)
  }))

test('what containers ask for adds up, under both names', () =>
  withQuota(
    { hard: { cpu: '1', 'requests.memory': '1Gi', 'limits.cpu': '2', 'requests.a.b/gpu': '2' } },
    async (client) => {
      const spec = withResources(
        { cpu: '400m', memory: '512Mi', 'a.b/gpu': '1' },
        { cpu: '1', memory: '1Gi', 'a.b/gpu': '1' },
      )
      await createPod(client, 'a', spec)
      await createPod(client, 'b', spec)
      assert.deepEqual(await usedOf(client), {
        cpu: '800m',
        'requests.memory': '1Gi',
        'limits.cpu': '2',
        'requests.a.b/gpu': '2',
      })
      assert.equal(
        await messageOf(createPod(client, 'c', spec)),
        'pods "c" is forbidden: exceeded quota: q, requested: ' +
          'cpu=400m,limits.cpu=1,requests.a.b/gpu=1,requests.memory=512Mi, used: ' +
          'cpu=800m,limits.cpu=2,requests.a.b/gpu=2,requests.memory=1Gi, limited: ' +
          'cpu=1,limits.cpu=2,requests.a.b/gpu=2,requests.memory=1Gi',
      )
      assert.equal(
        await messageOf(createPod(client, 'c')),
        'pods "c" is forbidden: failed quota: q: must specify cpu for: c; limits.cpu for: c; ' +
          'requests.memory for: c',
      )
    },
  ))

test('many at once never use more than there is', () =>
  withQuota({ hard: { pods: '7' } }, async (client) => {
    const names = Array.from({ length: 30 }, (_, index) => `p${index}`)
    const results = await Promise.allSettled(names.map((name) => createPod(client, name)))
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 7)
    assert.deepEqual(await usedOf(client), { pods: '7' })
  }))

test('two servers at one store never use more than there is', () =>
  withQuota({ hard: { pods: '7' } }, async (client, { storage }) => {
    const other = await createTestServer({ storage })
    const names = Array.from({ length: 30 }, (_, index) => `p${index}`)
    const results = await Promise.allSettled(
      names.map((name, index) => createPod(index % 2 === 0 ? client : other.client, name)),
    )
    assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 7)
    assert.deepEqual(await usedOf(client), { pods: '7' })
    other.close()
  }))

test('scopes choose the pods', () =>
  withQuota({ hard: { pods: '1' }, scopes: ['BestEffort'] }, async (client) => {
    await createQuota(client, { hard: { pods: '1' }, scopes: ['Terminating'] }, {}, 'ending')
    await createPod(client, 'a')
    await createPod(client, 'b', withResources({ cpu: '1' }))
    assert.match(await messageOf(createPod(client, 'c')), /exceeded quota: q,/)
    const ending = { ...withResources({ cpu: '1' }), activeDeadlineSeconds: 9 }
    await createPod(client, 'd', ending)
    assert.match(await messageOf(createPod(client, 'e', ending)), /exceeded quota: ending,/)
    assert.deepEqual(
      [await usedOf(client), await usedOf(client, 'ending')],
      [{ pods: '1' }, { pods: '1' }],
    )
  }))

test('a quota whose use is not known yet lets nothing through', () =>
  withQuota({}, async (client) => {
    const metadata = { namespace: 'default', name: 'new' }
    const quota = await client.create(ResourceQuota, { metadata, spec: { hard: { pods: '9' } } })
    assert.equal(await messageOf(createPod(client, 'a')), 'no error') // It is not in force yet.
    await client.updateStatus(ResourceQuota, { ...quota, status: { hard: { pods: '9' } } })
    assert.equal(
      await messageOf(createPod(client, 'b')),
      'pods "b" is forbidden: status unknown for quota: new, resources: pods',
    )
  }))

test('objects of any kind are counted', () =>
  withQuota({ hard: { configmaps: '1', 'count/configmaps': '1' } }, async (client) => {
    const create = (name: string) =>
      client.create(ConfigMap, { metadata: { namespace: 'default', name } })
    await create('a')
    assert.deepEqual(await usedOf(client), { configmaps: '1', 'count/configmaps': '1' })
    assert.equal(
      await messageOf(create('b')),
      'configmaps "b" is forbidden: exceeded quota: q, requested: ' +
        'configmaps=1,count/configmaps=1, used: configmaps=1,count/configmaps=1, limited: ' +
        'configmaps=1,count/configmaps=1',
    )
  }))

test('a change is charged with what it adds', () =>
  withQuota({ hard: { services: '2', 'services.nodeports': '1' } }, async (client) => {
    const metadata = { namespace: 'default', name: 's' }
    const service = await client.create(Service, { metadata, spec: { ports: [{ port: 80 }] } })
    const one = service.spec.ports ?? []
    const two = [...one, ...one].map((port, index) => ({
      ...port,
      name: `p${index}`,
      port: index + 1,
    }))
    const update = (type: 'NodePort' | 'ClusterIP', all: typeof service.spec.ports) =>
      client.update(Service, {
        ...service,
        metadata: { ...service.metadata, resourceVersion: '' },
        spec: { ...service.spec, type, ports: all },
      })
    assert.match(await messageOf(update('NodePort', two)), /requested: services.nodeports=2, /)
    await update('NodePort', one)
    assert.deepEqual(await usedOf(client), { services: '1', 'services.nodeports': '1' })
  }))

test('claims are counted by their class too', () =>
  withQuota(
    {
      hard: {
        'requests.storage': '3Gi',
        'gold.storageclass.storage.k8s.io/requests.storage': '1Gi',
      },
    },
    async (client) => {
      const create = (name: string, storageClassName: string) =>
        client.create(PersistentVolumeClaim, {
          metadata: { namespace: 'default', name },
          spec: {
            storageClassName,
            accessModes: ['ReadWriteOnce'],
            resources: { requests: { storage: '1Gi' } },
          },
        })
      await create('a', 'gold')
      await create('b', 'silver')
      assert.deepEqual(await usedOf(client), {
        'requests.storage': '2Gi',
        'gold.storageclass.storage.k8s.io/requests.storage': '1Gi',
      })
      assert.match(
        await messageOf(create('c', 'gold')),
        /requested: gold.storageclass.storage.k8s.io\/requests.storage=1Gi, used: /,
      )
    },
  ))

test('a resize is charged with what it adds', () =>
  withQuota({ hard: { 'requests.cpu': '1' } }, async (client, { send }) => {
    await createPod(client, 'a', withResources({ cpu: '600m' }))
    const resize = async (cpu: string) => {
      const { text } = await send('PATCH', '/api/v1/namespaces/default/pods/a/resize', {
        contentType: 'application/strategic-merge-patch+json',
        body: { spec: { containers: [{ name: 'c', resources: { requests: { cpu } } }] } },
      })
      return (JSON.parse(text) as { readonly message?: string }).message
    }
    assert.equal(
      await resize('1100m'),
      'pods "a" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: ' +
        'requests.cpu=600m, limited: requests.cpu=1',
    )
    assert.equal(await resize('900m'), undefined)
    assert.deepEqual(await usedOf(client), { 'requests.cpu': '900m' })
  }))

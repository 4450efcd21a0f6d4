import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestServer } from '../../../test/support/api-server.ts'
import { withControllers } from '../../../test/support/controllers-with-api.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'
import { Pod } from '../../kinds/core/v1/pod.ts'
import { ResourceQuota } from '../../kinds/core/v1/resource-quota.ts'
import { ServiceAccount } from '../../kinds/core/v1/service-account.ts'
import { ResourceQuotaController } from './resource-quota-controller.ts'

const NAMESPACE = 'default'
const containers = [{ name: 'c', image: 'i' }]
const metadataOf = (name: string) => ({ namespace: NAMESPACE, name })

function withController(run: (server: TestServer) => Promise<void>): Promise<void> {
  return withControllers([ResourceQuotaController], async (server) => {
    await server.client.create(ServiceAccount, { metadata: metadataOf('default') })
    await run(server)
  })
}

const statusOf = async ({ client }: TestServer, name = 'q') =>
  (await client.get(ResourceQuota, metadataOf(name))).status

const createQuota = ({ client }: TestServer, hard: { readonly [name: string]: string }) =>
  client.create(ResourceQuota, { metadata: metadataOf('q'), spec: { hard } })

const createPod = ({ client }: TestServer, name: string) =>
  client.create(Pod, { metadata: metadataOf(name), spec: { containers } })

const removePod = ({ client }: TestServer, name: string) =>
  client.delete(Pod, metadataOf(name), { gracePeriodSeconds: 0 })

test('a new quota counts what is there, and what goes', () =>
  withController(async (server) => {
    const { clock } = server
    await createPod(server, 'a')
    await createQuota(server, { pods: '2', 'count/pods': '9', 'a.b/c': '1' })
    await clock.advance(1_000)
    assert.deepEqual(await statusOf(server), {
      hard: { 'a.b/c': '1', 'count/pods': '9', pods: '2' },
      used: { 'count/pods': '1', pods: '1' }, // Nobody can count the third.
    })
    await createPod(server, 'b')
    await assert.rejects(
      createPod(server, 'c'),
      /exceeded quota: q, requested: pods=1, used: pods=2/,
    )
    await removePod(server, 'a')
    await clock.advance(1_000)
    assert.deepEqual((await statusOf(server)).used, { 'count/pods': '1', pods: '1' })
    await createPod(server, 'c')
  }))

test('pods that have ended use nothing but their place', () =>
  withController(async (server) => {
    const { client, clock } = server
    await createQuota(server, { pods: '1', 'count/pods': '1' })
    await clock.advance(1_000)
    const pod = await createPod(server, 'a')
    await client.updateStatus(Pod, { ...pod, status: { ...pod.status, phase: 'Succeeded' } })
    await clock.advance(1_000)
    assert.deepEqual((await statusOf(server)).used, { 'count/pods': '1', pods: '0' })
  }))

test('new bounds are in force at once', () =>
  withController(async (server) => {
    const { client, clock } = server
    await createQuota(server, { pods: '0' })
    await clock.advance(1_000)
    await assert.rejects(createPod(server, 'a'), /exceeded quota/)
    const quota = await client.get(ResourceQuota, metadataOf('q'))
    await client.update(ResourceQuota, { ...quota, spec: { hard: { pods: '1', secrets: '3' } } })
    await clock.advance(100)
    assert.deepEqual(await statusOf(server), {
      hard: { pods: '1', secrets: '3' },
      used: { pods: '0', secrets: '0' },
    })
  }))

test('what was taken for nothing is given back within the period', () =>
  withController(async (server) => {
    const { clock } = server
    await createQuota(server, { pods: '3' })
    await clock.advance(1_000)
    await createPod(server, 'a')
    await assert.rejects(createPod(server, 'a'), /already exists/)
    assert.deepEqual((await statusOf(server)).used, { pods: '2' })
    await clock.advance(300_000)
    assert.deepEqual((await statusOf(server)).used, { pods: '1' })
  }))

test('nothing is given back while writers are at work', () =>
  withController(async (server) => {
    const { clock } = server
    await createQuota(server, { pods: '9' })
    await clock.advance(1_000)
    await createPod(server, 'a')
    await createPod(server, 'b')
    await removePod(server, 'a')
    await clock.advance(300)
    assert.deepEqual((await statusOf(server)).used, { pods: '2' })
    await createPod(server, 'c')
    await clock.advance(300)
    assert.deepEqual((await statusOf(server)).used, { pods: '3' })
    await clock.advance(300)
    assert.deepEqual((await statusOf(server)).used, { pods: '2' })
  }))

test('config maps have two names', () =>
  withController(async (server) => {
    const { client, clock } = server
    await client.create(ConfigMap, { metadata: metadataOf('m') })
    await createQuota(server, { configmaps: '5', 'count/configmaps': '5', resourcequotas: '1' })
    await clock.advance(1_000)
    assert.deepEqual((await statusOf(server)).used, {
      configmaps: '1',
      'count/configmaps': '1',
      resourcequotas: '1',
    })
  }))

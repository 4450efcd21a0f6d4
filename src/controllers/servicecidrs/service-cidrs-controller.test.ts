import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestServer } from '../../../test/support/api-server.ts'
import { withControllers } from '../../../test/support/controllers-with-api.ts'
import { IPAddress } from '../../kinds/networking/v1/ip-address.ts'
import { ServiceCIDR } from '../../kinds/networking/v1/service-cidr.ts'
import { isReason } from '../../machinery/status-error.ts'
import { containsAddress, containsRange } from './contained.ts'
import { ServiceCidrsController } from './service-cidrs-controller.ts'

function withController(run: (server: TestServer) => Promise<void>): Promise<void> {
  return withControllers([ServiceCidrsController], run, { isBootstrapped: true })
}

async function rangeOf({ client, clock }: TestServer, name: string, waitMs = 100) {
  await clock.advance(waitMs)
  try {
    const { metadata, status } = await client.get(ServiceCIDR, { name })
    const { type, status: value, reason, message } = status.conditions?.[0] ?? {}
    return { finalizers: metadata.finalizers, ready: [type, value, reason, message].join('|') }
  } catch (error) {
    if (isReason(error, 'NotFound')) return undefined
    throw error
  }
}

const createRange = ({ client }: TestServer, name: string, ...cidrs: string[]) =>
  client.create(ServiceCIDR, { metadata: { name }, spec: { cidrs } })

const takeAddress = ({ client }: TestServer, name: string) =>
  client.create(IPAddress, {
    metadata: {
      name,
      labels: {
        'ipaddress.kubernetes.io/ip-family': 'IPv4',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { resource: 'services', namespace: 'default', name: 'a' } },
  })

const READY = 'Ready|True||Kubernetes Service CIDR is ready'
const FINALIZERS = ['networking.k8s.io/service-cidr-finalizer']

test('a range is protected, and said to be ready', () =>
  withController(async (server) => {
    await createRange(server, 'more', '10.200.0.0/24')
    assert.deepEqual(await rangeOf(server, 'more'), { finalizers: FINALIZERS, ready: READY })
    assert.deepEqual(await rangeOf(server, 'kubernetes'), {
      finalizers: FINALIZERS,
      ready: READY,
    })
  }))

test('a deleted range stays until no address is of it alone, and servers have heard of it', () =>
  withController(async (server) => {
    const { client } = server
    await createRange(server, 'more', '10.200.0.0/24')
    await rangeOf(server, 'more')
    await takeAddress(server, '10.200.0.7')
    await client.delete(ServiceCIDR, { name: 'more' })
    assert.deepEqual(await rangeOf(server, 'more', 30_000), {
      finalizers: FINALIZERS,
      ready:
        'Ready|False|Terminating|There are still IPAddresses referencing the ServiceCIDR, please ' +
        'remove them or create a new ServiceCIDR',
    })
    await client.delete(IPAddress, { name: '10.200.0.7' })
    assert.equal(await rangeOf(server, 'more'), undefined)

    await createRange(server, 'more', '10.200.0.0/24')
    await rangeOf(server, 'more')
    await client.delete(ServiceCIDR, { name: 'more' })
    assert.notEqual(await rangeOf(server, 'more', 9_000), undefined)
    assert.equal(await rangeOf(server, 'more', 2_000), undefined)
  }))

test('a range within another one that stays can go', () =>
  withController(async (server) => {
    await createRange(server, 'more', '10.200.0.0/24')
    await rangeOf(server, 'more')
    await takeAddress(server, '10.200.0.7')
    await server.client.delete(ServiceCIDR, { name: 'more' })
    assert.notEqual(await rangeOf(server, 'more', 12_000), undefined)
    await createRange(server, 'wide', '10.200.0.0/16')
    assert.equal(await rangeOf(server, 'more'), undefined)
  }))

test('ranges contain addresses and smaller ranges of their family', () => {
  assert.equal(containsAddress('10.0.0.0/24', '10.0.0.255'), true)
  assert.equal(containsAddress('10.0.0.0/24', '10.0.1.0'), false)
  assert.equal(containsAddress('fd00::/112', 'fd00::ffff'), true)
  assert.equal(containsAddress('fd00::/112', '10.0.0.1'), false)
  assert.equal(containsRange('10.0.0.0/16', '10.0.3.0/24'), true)
  assert.equal(containsRange('10.0.3.0/24', '10.0.0.0/16'), false)
})

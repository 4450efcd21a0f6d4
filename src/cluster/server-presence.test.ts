import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../test/support/api-server.ts'
import { EndpointLeases } from '../apiserver/bootstrap/endpoint-leases.ts'
import { keepServerLease } from '../apiserver/bootstrap/server-lease.ts'
import { createLogger, silentLogger } from '../base/logger.ts'
import { seededRandom } from '../base/random.ts'
import { Lease } from '../kinds/coordination/v1/lease.ts'
import { Endpoints } from '../kinds/core/v1/endpoints.ts'
import { Namespace } from '../kinds/core/v1/namespace.ts'
import { EndpointSlice } from '../kinds/discovery/v1/endpoint-slice.ts'
import { StorageRefusedError } from '../storage/storage.ts'
import { firstAddresses, keepPresence, putFirst } from './server-presence.ts'

const KEY = { namespace: 'default', name: 'kubernetes' }

test('servers that share a store are behind the service together, and go from there', async () => {
  const { client, storage, clock, close } = await createTestServer({ isBootstrapped: true })
  const addresses = async () => {
    const { subsets = [] } = await client.get(Endpoints, KEY)
    const slice = await client.get(EndpointSlice, KEY)
    const inEndpoints = subsets.flatMap((subset) => subset.addresses?.map(({ ip }) => ip) ?? [])
    assert.deepEqual(
      slice.endpoints?.flatMap((endpoint) => endpoint.addresses),
      inEndpoints,
    )
    return inEndpoints
  }
  const presenceAt = (advertiseAddress: string) => ({
    leases: new EndpointLeases(storage),
    service: { advertiseAddress, securePort: 6443, serviceCidrs: ['10.96.0.0/16'] },
    ...{ clock, logger: silentLogger },
  })
  const [one, two] = [presenceAt('192.0.2.1'), presenceAt('192.0.2.2')]
  const stops = [new AbortController(), new AbortController()] as const
  const running = [one, two].map((presence, index) =>
    keepPresence(client, (stops[index] as AbortController).signal, presence),
  )
  const options = { serving: {} } as never
  assert.deepEqual(await firstAddresses(options, one), { allAddresses: ['192.0.2.1'] })
  await clock.advance(10_000)
  assert.deepEqual(await addresses(), ['192.0.2.1', '192.0.2.2'])
  const { items } = await storage.list('/registry/masterleases/')
  assert.deepEqual(
    items.map(({ key }) => key),
    ['/registry/masterleases/192.0.2.1', '/registry/masterleases/192.0.2.2'],
  )

  await one.leases.renew('192.0.2.3') // A server that ends without a word.
  await clock.advance(10_000)
  assert.deepEqual(await addresses(), ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
  await clock.advance(20_000)
  assert.deepEqual(await addresses(), ['192.0.2.1', '192.0.2.2'])

  stops[1].abort()
  await running[1]
  assert.deepEqual(await addresses(), ['192.0.2.1'], 'one that ends in order is out at once')
  stops[0].abort()
  await Promise.all(running)
  assert.deepEqual(await addresses(), ['192.0.2.1'], 'the last one leaves the service as it is')
  close()
})

test('a store without space does not keep a server from starting', async () => {
  const { client, storage, clock, close } = await createTestServer({ isBootstrapped: true })
  const leases = new EndpointLeases(storage)
  let isFull = true
  const presence = {
    leases: {
      async renew(address: string) {
        if (isFull) throw new StorageRefusedError('no space', new Error('no space'))
        await leases.renew(address)
      },
      remove: (address: string) => leases.remove(address),
      list: () => leases.list(),
    },
    service: { advertiseAddress: '192.0.2.7', securePort: 6443, serviceCidrs: [] },
    ...{ clock, logger: silentLogger },
  }
  const errors: string[] = []
  const logger = createLogger((_level, message) => errors.push(message))
  await putFirst(client, presence.service, { logger }, presence)
  assert.deepEqual(errors, ['the endpoints of kubernetes were not kept'])
  const stop = new AbortController()
  const running = keepPresence(client, stop.signal, presence)
  isFull = false
  await clock.advance(10_000)
  const { subsets = [] } = await client.get(Endpoints, KEY)
  assert.deepEqual(subsets[0]?.addresses, [{ ip: '192.0.2.7' }], 'it is added with space again')
  stop.abort()
  await running
  close()
})

test('somebody else may keep the endpoints', async () => {
  const options = { serving: { endpointReconcilerType: 'none' } } as never
  assert.deepEqual(await firstAddresses(options, undefined), { allAddresses: [] })
})

test('the lease of a server is renewed, and those of servers long gone are collected', async () => {
  const { client, clock, close } = await createTestServer()
  await client.create(Namespace, { metadata: { name: 'kube-system' } })
  const stop = new AbortController()
  const identity = { id: 'apiserver-a', hostname: 'host', peerAddress: '192.0.2.1:6443' }
  const ports = { clock, random: seededRandom(1), logger: silentLogger }
  const labels = { 'apiserver.kubernetes.io/identity': 'kube-apiserver' }
  await client.create(Lease, {
    metadata: { namespace: 'kube-system', name: 'apiserver-gone', labels },
    spec: { renewTime: '2029-12-31T20:00:00.000000Z', leaseDurationSeconds: 3600 },
  })
  const running = keepServerLease(client, stop.signal, { ...ports, identity })
  await clock.advance(10_000)
  const key = { namespace: 'kube-system', name: 'apiserver-a' }
  const lease = await client.get(Lease, key)
  assert.match(lease.spec.holderIdentity ?? '', /^apiserver-a_[0-9a-f-]{36}$/)
  assert.equal(lease.spec.renewTime, '2030-01-01T00:00:10.000000Z')
  assert.deepEqual(lease.metadata.labels, { ...labels, 'kubernetes.io/hostname': 'host' })
  await clock.advance(3600_000)
  const { items } = await client.list(Lease, { namespace: 'kube-system' })
  assert.deepEqual(
    items.map(({ metadata }) => metadata.name),
    ['apiserver-a'],
  )
  stop.abort()
  await running
  close()
})

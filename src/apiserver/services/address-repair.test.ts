import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { IPAddress } from '../../kinds/networking/v1/ip-address.ts'
import { ServiceCIDR } from '../../kinds/networking/v1/service-cidr.ts'

const SELF_MADE = { parentRef: { resource: 'gateways', group: 'example.com', name: 'g' } }

async function withAddresses(run: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer({
    isBootstrapped: true,
    serviceCidrs: ['10.96.0.0/16', 'fd00:96::/112'],
  })
  const { allocation, clock, client } = server
  const stop = new AbortController()
  const running = allocation.run(client, stop.signal)
  await clock.advance(10)
  try {
    await run(server)
  } finally {
    stop.abort()
    await clock.advance(10)
    await running
    server.close()
  }
}

/** `address parent` of each object, after a while. */
async function addresses({ client, clock }: TestServer, waitMs = 10): Promise<string[]> {
  await clock.advance(waitMs)
  const { items } = await client.list(IPAddress)
  return items.map(({ metadata, spec: { parentRef } }) => {
    const { namespace = '', name } = parentRef ?? {}
    return `${metadata.name} ${namespace}/${name}`
  })
}

const KUBERNETES = '10.96.0.1 default/kubernetes'
const PORTS = [{ port: 80 }]
const create = ({ client }: TestServer, name: string, spec: object) =>
  client.create(Service, {
    metadata: { namespace: 'default', name },
    spec: { ports: PORTS, ...spec },
  })

test('each address of a service has an object, as long as it has the address', () =>
  withAddresses(async (server) => {
    assert.deepEqual(await addresses(server), [KUBERNETES])
    const { client } = server
    const clusterIPs = ['10.96.0.20', 'fd00:96::20']
    const [clusterIP] = clusterIPs
    await create(server, 'a', { clusterIP, clusterIPs, ipFamilyPolicy: 'RequireDualStack' })
    await create(server, 'b', { clusterIP: 'None' })
    const expected = [KUBERNETES, '10.96.0.20 default/a', 'fd00:96::20 default/a']
    assert.deepEqual(await addresses(server), expected)
    const { metadata } = await client.get(IPAddress, { name: 'fd00:96::20' })
    assert.deepEqual(metadata.labels, {
      'ipaddress.kubernetes.io/ip-family': 'IPv6',
      'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
    })
    const key = { namespace: 'default', name: 'a' }
    const patch = { spec: { type: 'ExternalName', externalName: 'example.com' } }
    await client.patch(Service, key, 'application/merge-patch+json', patch)
    assert.deepEqual(await addresses(server), [KUBERNETES])
    await create(server, 'c', { clusterIP: '10.96.0.20' })
    assert.deepEqual(await addresses(server), [KUBERNETES, '10.96.0.20 default/c'])
    await client.delete(Service, { namespace: 'default', name: 'c' })
    assert.deepEqual(await addresses(server), [KUBERNETES])
  }))

test('what is missing or left over is put right, and what others took is left to them', () =>
  withAddresses(async (server) => {
    const { client } = server
    await client.delete(IPAddress, { name: '10.96.0.1' })
    const managed = { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' }
    const parentRef = { resource: 'services', namespace: 'default', name: 'gone' }
    const leaked = { metadata: { name: '10.96.0.9', labels: managed }, spec: { parentRef } }
    await client.create(IPAddress, leaked)
    await client.create(IPAddress, { metadata: { name: '10.96.0.8' }, spec: SELF_MADE })
    const foreign = '10.96.0.8 /g'
    assert.deepEqual(await addresses(server, 30_000), [foreign, '10.96.0.9 default/gone'])
    assert.deepEqual(await addresses(server, 180_000), [KUBERNETES, foreign])
    await assert.rejects(
      create(server, 'a', { clusterIP: '10.96.0.8' }),
      /failed to allocate IP 10\.96\.0\.8: provided IP is already allocated/,
    )
  }))

test('services get addresses of ServiceCIDRs too, those of the cluster first', () =>
  withAddresses(async (server) => {
    const { client } = server
    const clusterIP = '10.200.0.5'
    await assert.rejects(
      create(server, 'a', { clusterIP }),
      /failed to allocate IP 10\.200\.0\.5: the provided network does not match the current range$/,
    )
    const cidrs = ['10.200.0.0/24']
    await client.create(ServiceCIDR, { metadata: { name: 'more' }, spec: { cidrs } })
    assert.equal((await create(server, 'a', { clusterIP })).spec.clusterIP, clusterIP)
    assert.match((await create(server, 'b', {})).spec.clusterIP ?? '', /^10\.96\./)
    assert.ok((await addresses(server)).includes('10.200.0.5 default/a'))
    const finalizers = ['example.com/keep']
    const merge = 'application/merge-patch+json'
    await client.patch(ServiceCIDR, { name: 'more' }, merge, { metadata: { finalizers } })
    await client.delete(ServiceCIDR, { name: 'more' })
    await assert.rejects(create(server, 'c', { clusterIP: '10.200.0.6' }), /does not match/)
  }))

test('a range that is full is followed by the next one', async () => {
  const server = await createTestServer({ serviceCidrs: ['10.96.0.0/30'] })
  await create(server, 'a', {})
  await create(server, 'b', {})
  await assert.rejects(create(server, 'c', {}), /range is full/)
  const cidrs = ['10.200.0.0/30']
  await server.client.create(ServiceCIDR, { metadata: { name: 'more' }, spec: { cidrs } })
  assert.match((await create(server, 'c', {})).spec.clusterIP ?? '', /^10\.200\.0\.[12]$/)
  server.close()
})

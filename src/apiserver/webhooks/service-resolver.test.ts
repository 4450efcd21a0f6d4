import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { seededRandom } from '../../base/random.ts'
import { Endpoints } from '../../kinds/core/v1/endpoints.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { EndpointSlice } from '../../kinds/discovery/v1/endpoint-slice.ts'
import { ServiceResolver } from './service-resolver.ts'

const inDefault = (name: string) => ({ namespace: 'default', name })

/** With the resolver of a dual-stack cluster. */
async function withResolver(
  run: (resolver: ServiceResolver, server: TestServer) => Promise<void>,
): Promise<void> {
  const server = await createTestServer({ serviceCidrs: ['10.96.0.0/16', 'fd00:96::/112'] })
  try {
    await run(new ServiceResolver(server.resources, seededRandom(1)), server)
  } finally {
    server.close()
  }
}

function createSlice(
  { client }: TestServer,
  name: string,
  addressType: 'IPv4' | 'IPv6',
  addresses: readonly string[],
) {
  const labels = { 'kubernetes.io/service-name': 'hook' }
  return client.create(EndpointSlice, {
    metadata: { ...inDefault(name), labels },
    addressType,
    ports: [
      { name: 'other', port: 1 },
      { name: 'https', port: 9443 },
    ],
    endpoints: [{ addresses, conditions: { ready: true } }],
  })
}

test('endpoints of the family that the service names first are preferred', () =>
  withResolver(async (resolver, server) => {
    const ports = [{ name: 'https', port: 443 }]
    await server.client.create(Service, {
      metadata: inDefault('hook'),
      spec: { ports, ipFamilyPolicy: 'PreferDualStack', ipFamilies: ['IPv6', 'IPv4'] },
    })
    await createSlice(server, 'four', 'IPv4', ['192.0.2.1'])
    await createSlice(server, 'six', 'IPv6', ['2001:db8::1'])
    for (let count = 0; count < 10; count++) {
      const found = await resolver.resolve('default', 'hook', 443)
      assert.deepEqual(found, { host: '2001:db8::1', port: 9443 })
    }
    await server.client.delete(EndpointSlice, inDefault('six'))
    assert.equal((await resolver.resolve('default', 'hook', 443)).host, '192.0.2.1')
  }))

test('without slices the Endpoints are asked; a service of another name is its own answer', () =>
  withResolver(async (resolver, { client }) => {
    await client.create(Service, {
      metadata: inDefault('hook'),
      spec: { ports: [{ name: 'https', port: 443 }] },
    })
    await client.create(Endpoints, {
      metadata: inDefault('hook'),
      subsets: [{ addresses: [{ ip: '192.0.2.8' }], ports: [{ name: 'https', port: 8443 }] }],
    })
    const found = await resolver.resolve('default', 'hook', 443)
    assert.deepEqual(found, { host: '192.0.2.8', port: 8443 })
    await client.create(Service, { metadata: inDefault('plain'), spec: { ports: [{ port: 80 }] } })
    await client.create(Endpoints, {
      metadata: inDefault('plain'),
      subsets: [{ addresses: [{ ip: '192.0.2.9' }], ports: [{ port: 8080 }] }],
    })
    const plain = await resolver.resolve('default', 'plain', 80)
    assert.deepEqual(plain, { host: '192.0.2.9', port: 8080 })
    await client.create(Service, {
      metadata: inDefault('elsewhere'),
      spec: { type: 'ExternalName', externalName: 'hook.example.com' },
    })
    const elsewhere = await resolver.resolve('default', 'elsewhere', 7)
    assert.deepEqual(elsewhere, { host: 'hook.example.com', port: 7 })
  }))

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { MemoryStorage } from '../../storage/memory/memory-storage.ts'

const PORTS = [{ name: 'p', port: 81 }]
const SERVICES = '/api/v1/namespaces/default/services'

/** A server on a store in which an old one has left services with these specs. */
async function withStored(
  specs: Readonly<Record<string, object>>,
  run: (server: TestServer) => Promise<void>,
): Promise<void> {
  const clock = new VirtualClock()
  const storage = MemoryStorage.create({ clock, logger: silentLogger })
  const names = { kind: 'Service', apiVersion: 'v1' }
  for (const [name, spec] of Object.entries(specs)) {
    const metadata = { name, namespace: 'default', uid: `of-${name}` }
    const stored = { ...names, metadata, spec, status: { loadBalancer: {} } }
    const key = `/registry/services/specs/default/${name}`
    await storage.put(key, new TextEncoder().encode(JSON.stringify(stored)))
  }
  const server = await createTestServer({ clock, storage })
  await server.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'default' } } })
  await run(server)
  server.close()
  await storage.close()
}

const familyFields = ({ clusterIPs, ipFamilies, ipFamilyPolicy }: Service['spec']) => [
  clusterIPs,
  ipFamilies,
  ipFamilyPolicy,
]

test('services of old servers are shown with what services have today', () =>
  withStored(
    {
      headful: { clusterIP: '10.96.0.7', ports: PORTS },
      six: { clusterIP: 'fd00::7', ports: PORTS },
      headless: { clusterIP: 'None', selector: { a: 'b' } },
      free: { clusterIP: 'None' },
      elsewhere: { type: 'ExternalName', externalName: 'a.b', internalTrafficPolicy: 'Cluster' },
    },
    async ({ client, send }) => {
      const wanted: Readonly<Record<string, unknown>> = {
        headful: [['10.96.0.7'], ['IPv4'], 'SingleStack'],
        six: [['fd00::7'], ['IPv6'], 'SingleStack'],
        headless: [['None'], ['IPv4'], 'SingleStack'],
        free: [['None'], ['IPv4', 'IPv6'], 'RequireDualStack'],
        elsewhere: [undefined, undefined, undefined],
      }
      const { items } = JSON.parse((await send('GET', SERVICES)).text) as {
        readonly items: readonly Service[]
      }
      assert.equal(items.length, 5)
      for (const { metadata, spec } of items) {
        assert.deepEqual(familyFields(spec), wanted[metadata.name], metadata.name)
        const path = `${SERVICES}/${metadata.name}`
        const { spec: alone } = JSON.parse((await send('GET', path)).text) as Service
        assert.deepEqual(alone, spec)
        const watched = await client.get(Service, { namespace: 'default', name: metadata.name })
        assert.deepEqual(watched.spec, spec)
      }
      const [elsewhere] = items
      assert.equal(elsewhere?.metadata.name, 'elsewhere')
      assert.equal(elsewhere?.spec.internalTrafficPolicy, undefined)
    },
  ))

test('an old client’s update of such a service is accepted, and stores what was shown', () =>
  withStored({ a: { clusterIP: '10.96.0.7', ports: PORTS } }, async ({ send, storage }) => {
    const metadata = { name: 'a' }
    const body = { metadata, spec: { clusterIP: '10.96.0.7', ports: PORTS } }
    const answer = await send('PUT', `${SERVICES}/a`, { body })
    assert.equal(answer.code, 200, answer.text)
    const found = await storage.get('/registry/services/specs/default/a')
    const { spec } = JSON.parse(Buffer.from(found?.value ?? []).toString()) as Service
    assert.deepEqual(familyFields(spec), [['10.96.0.7'], ['IPv4'], 'SingleStack'])
    assert.equal(spec.type, 'ClusterIP')
  }))

test('a service that has no addresses is complete: to write it again changes nothing', () =>
  withStored({}, async ({ client }) => {
    const metadata = { name: 'x', namespace: 'default' }
    const spec = { type: 'ExternalName' as const, externalName: 'a.b' }
    const made = await client.create(Service, { metadata, spec })
    const again = await client.update(Service, made)
    assert.equal(again.metadata.resourceVersion, made.metadata.resourceVersion)
  }))

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { settle } from '../../../test/support/virtual-clock.ts'
import { seededRandom } from '../../base/random.ts'
import type { Client } from '../../client/client.ts'
import { Endpoints } from '../../kinds/core/v1/endpoints.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { IPAddress } from '../../kinds/networking/v1/ip-address.ts'
import { isReason, type StatusError } from '../../machinery/status-error.ts'
import { AddressRange } from './address-range.ts'
import { recordAddress } from './address-record.ts'

type Spec = NonNullable<(typeof Service)['draft']['spec']>

const PORTS = [{ port: 80 }]

async function withServer(run: (client: Client, server: TestServer) => Promise<void>) {
  const server = await createTestServer({ isBootstrapped: true })
  try {
    await run(server.client, server)
  } finally {
    server.close()
  }
}

const create = (client: Client, name: string, spec: Spec) =>
  client.create(Service, { metadata: { namespace: 'default', name }, spec })

async function messageOf(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason as StatusError,
  )
  return error?.message ?? 'no error'
}

test('a service gets an address and what follows from it', () =>
  withServer(async (client) => {
    const { spec } = await create(client, 'a', { ports: PORTS, selector: { app: 'a' } })
    assert.match(String(spec.clusterIP), /^10\.96\./)
    assert.deepEqual(spec.clusterIPs, [spec.clusterIP])
    assert.deepEqual([spec.ipFamilies, spec.ipFamilyPolicy], [['IPv4'], 'SingleStack'])
    assert.deepEqual(
      [spec.type, spec.sessionAffinity, spec.internalTrafficPolicy],
      ['ClusterIP', 'None', 'Cluster'],
    )
    assert.deepEqual(spec.ports, [{ port: 80, protocol: 'TCP', targetPort: 80 }])
  }))

test('the first address is that of the service kubernetes', () =>
  withServer(async (client) => {
    const key = { namespace: 'default', name: 'kubernetes' }
    const { spec } = await client.get(Service, key)
    assert.equal(spec.clusterIP, '10.96.0.1')
    const { subsets } = await client.get(Endpoints, key)
    assert.deepEqual(subsets?.[0]?.addresses, [{ ip: '192.0.2.1' }])
  }))

test('addresses can be asked for, once', () =>
  withServer(async (client) => {
    const clusterIP = '10.96.0.10'
    const { spec } = await create(client, 'dns', { ports: PORTS, clusterIP })
    assert.deepEqual(spec.clusterIPs, [clusterIP])
    const taken = await messageOf(create(client, 'b', { ports: PORTS, clusterIP }))
    assert.match(taken, /failed to allocate IP 10\.96\.0\.10: provided IP is already allocated$/)
    const outside = await messageOf(create(client, 'b', { ports: PORTS, clusterIP: '10.0.0.1' }))
    assert.match(outside, /the provided network does not match the current range$/)
    await client.delete(Service, { namespace: 'default', name: 'dns' })
    const freed = await create(client, 'b', { ports: PORTS, clusterIP })
    assert.equal(freed.spec.clusterIP, clusterIP)
  }))

test('headless services and names elsewhere have no address', () =>
  withServer(async (client) => {
    const selector = { app: 'a' }
    const headless = await create(client, 'a', { ports: PORTS, selector, clusterIP: 'None' })
    assert.deepEqual([headless.spec.clusterIP, headless.spec.clusterIPs], ['None', ['None']])
    assert.deepEqual(headless.spec.ipFamilies, ['IPv4'])
    const own = await create(client, 'b', { ports: PORTS, clusterIP: 'None' })
    assert.deepEqual(
      [own.spec.ipFamilyPolicy, own.spec.ipFamilies],
      ['RequireDualStack', ['IPv4', 'IPv6']],
    )
    const external = await create(client, 'c', { type: 'ExternalName', externalName: 'x.example' })
    assert.equal(external.spec.clusterIP, undefined)
    const dual = await messageOf(
      create(client, 'd', { ports: PORTS, ipFamilyPolicy: 'RequireDualStack' }),
    )
    assert.match(dual, /this cluster is not configured for dual-stack services/)
  }))

test('a manifest with one address alone may become one of a name elsewhere, and back', () =>
  withServer(async (client) => {
    const given = { ports: PORTS, selector: { app: 'a' }, clusterIP: 'None' }
    const { metadata } = await create(client, 'a', given)
    const replace = (spec: object) =>
      client.update(Service, {
        metadata: { name: metadata.name, namespace: 'default' },
        spec,
      } as never)
    const elsewhere = { ...given, type: 'ExternalName', externalName: 'x.example' }
    const { spec } = await replace(elsewhere)
    assert.deepEqual(
      [spec.clusterIP, spec.clusterIPs, spec.ipFamilies],
      [undefined, undefined, undefined],
    )
    const back = await replace({ ...given, type: 'ClusterIP', clusterIP: '' })
    assert.match(back.spec.clusterIP ?? '', /^10\.96\./)
  }))

test('node ports are given, shared between protocols, and kept by updates', () =>
  withServer(async (client) => {
    const ports = [
      { name: 'dns', port: 53, protocol: 'UDP' as const },
      { name: 'dns-tcp', port: 53, protocol: 'TCP' as const },
      { name: 'web', port: 80, nodePort: 30080 },
    ]
    const service = await create(client, 'a', { type: 'NodePort', ports })
    const [dns, dnsTcp, web] = service.spec.ports ?? []
    assert.ok((dns?.nodePort ?? 0) >= 30000 && (dns?.nodePort ?? 0) <= 32767)
    assert.equal(dnsTcp?.nodePort, dns?.nodePort)
    assert.equal(web?.nodePort, 30080)
    const taken = await messageOf(create(client, 'b', { type: 'NodePort', ports }))
    assert.match(
      taken,
      /spec\.ports\[2\]\.nodePort: Invalid value: 30080: provided port is already allocated$/,
    )
    const again = await client.update(Service, {
      ...service,
      spec: {
        ...service.spec,
        ports: ports as unknown as typeof service.spec.ports,
        clusterIPs: [],
      },
    } as Service)
    assert.deepEqual(
      again.spec.ports?.map(({ nodePort }) => nodePort),
      service.spec.ports?.map(({ nodePort }) => nodePort),
    )
    assert.equal(again.spec.clusterIP, service.spec.clusterIP)
    const plain = await client.patch(
      Service,
      { namespace: 'default', name: 'a' },
      'application/merge-patch+json',
      { spec: { type: 'ClusterIP' } },
    )
    assert.deepEqual(
      plain.spec.ports?.map(({ nodePort }) => nodePort),
      [undefined, undefined, undefined],
    )
    const freed = await create(client, 'b', {
      type: 'NodePort',
      ports: [{ port: 1, nodePort: 30080 }],
    })
    assert.equal(freed.spec.ports?.[0]?.nodePort, 30080)
  }))

test('services that are made at once never share an address, and failed ones leave none', () =>
  withServer(async (client, { storage }) => {
    const wanted = Array.from({ length: 60 }, (_, index) =>
      // Every third one fails, after its address was chosen.
      create(client, index % 3 === 0 ? 'UPPER' : `s${index}`, { type: 'NodePort', ports: PORTS }),
    )
    const made = (await Promise.allSettled(wanted)).flatMap((one) =>
      one.status === 'fulfilled' ? [one.value] : [],
    )
    assert.equal(made.length, 40)
    assert.equal(new Set(made.map(({ spec }) => spec.clusterIP)).size, 40)
    assert.equal(new Set(made.map(({ spec }) => spec.ports?.[0]?.nodePort)).size, 40)
    // Another server over the same store knows what is taken.
    const other = await createTestServer({ storage })
    const clusterIP = String(made[0]?.spec.clusterIP)
    const taken = await messageOf(create(other.client, 'x', { ports: PORTS, clusterIP }))
    assert.match(taken, /provided IP is already allocated$/)
    other.close()
  }))

test('a range that is full says so', async () => {
  const server = await createTestServer({ isBootstrapped: true, serviceCidrs: ['10.9.0.0/30'] })
  const { client } = server
  await create(client, 'a', { ports: PORTS })
  const full = await messageOf(create(client, 'b', { ports: PORTS }))
  assert.equal(
    full,
    'Internal error occurred: failed to allocate a serviceIP for Service "b": range is full',
  )
  await client.delete(Service, { namespace: 'default', name: 'a' })
  await create(client, 'b', { ports: PORTS })
  server.close()
})

test('a dry run takes nothing, and shows what is not real', () =>
  withServer(async (client, { storage }) => {
    const before = storage.revision()
    const metadata = { namespace: 'default', name: 'a' }
    const spec = { type: 'NodePort' as const, ports: PORTS }
    const shown = await client.create(Service, { metadata, spec }, { dryRun: true })
    assert.deepEqual(shown.spec.clusterIPs, ['10.96.0.0'])
    assert.equal(shown.spec.ports?.[0]?.nodePort, 32769)
    assert.equal(storage.revision(), before)
  }))

test('what a service has is recorded before it is stored, and no longer when it has failed', () =>
  withServer(async (client, { storage }) => {
    const writes: string[] = []
    storage.watch('', storage.revision(), {
      onError: assert.fail,
      onEvents: (events) => writes.push(...events.map(({ type, key }) => `${type} ${key}`)),
    })
    const spec = { type: 'NodePort' as const, ports: PORTS, clusterIP: '10.96.0.9' }
    const address = '/registry/ipaddresses/10.96.0.9'
    const [ports, service] = ['/registry/ranges/servicenodeports', '/registry/services/specs/']
    await create(client, 'a', spec)
    await assert.rejects(create(client, 'BAD', { ...spec, clusterIP: '10.96.0.10' }), /BAD/)
    await client.delete(Service, { namespace: 'default', name: 'a' })
    const other = address.replace(/9$/, '10')
    assert.deepEqual(writes, [
      ...[`PUT ${address}`, `PUT ${ports}`, `PUT ${service}default/a`],
      ...[`PUT ${other}`, `PUT ${ports}`, `DELETE ${other}`, `PUT ${ports}`],
      ...[`DELETE ${service}default/a`, `DELETE ${address}`, `PUT ${ports}`],
    ])
  }))

test('what a crash has left of a service is taken over by the next try, and by nobody else', async () => {
  const first = await createTestServer()
  const clusterIP = '10.96.0.1'
  const metadata = { namespace: 'default', name: 'kubernetes' }
  await recordAddress(first.client, clusterIP, { metadata } as Service)
  first.close()
  await first.clock.advance(1000)
  const { storage, clock } = first
  const second = await createTestServer({ storage, clock, isBootstrapped: true })
  const { spec } = await second.client.get(Service, metadata)
  assert.equal(spec.clusterIP, clusterIP)
  const { metadata: record } = await second.client.get(IPAddress, { name: clusterIP })
  await recordAddress(second.client, '10.96.0.7', {
    metadata: { ...metadata, name: 'a' },
  } as Service)
  const other = await messageOf(
    create(second.client, 'b', { ports: PORTS, clusterIP: '10.96.0.7' }),
  )
  assert.match(other, /provided IP is already allocated$/)
  const early = await messageOf(
    create(second.client, 'a', { ports: PORTS, clusterIP: '10.96.0.7' }),
  )
  assert.match(early, /provided IP is already allocated$/)
  await clock.advance(61_000)
  await create(second.client, 'a', { ports: PORTS, clusterIP: '10.96.0.7' })
  assert.ok(record.uid)
  second.close()
})

test('the first addresses of a range are given only when the others are taken', () => {
  const addresses = [...new AddressRange('10.0.0.0/27').candidates(seededRandom(3))]
  const last = addresses.map((address) => Number(address.split('.')[3]))
  assert.deepEqual(
    last.toSorted((a, b) => a - b),
    Array.from({ length: 30 }, (_, at) => at + 1),
  )
  assert.ok(last.slice(0, 14).every((one) => one > 16))
})

test('the endpoints of a service go with it', () =>
  withServer(async (client) => {
    const key = { namespace: 'default', name: 'a' }
    await create(client, 'a', { ports: PORTS })
    await client.create(Endpoints, { metadata: key })
    await client.delete(Service, key)
    await settle()
    await assert.rejects(client.get(Endpoints, key), (error) => isReason(error, 'NotFound'))
  }))

test('ranges of both families', () => {
  const four = new AddressRange('10.96.0.0/16')
  assert.deepEqual([four.at(1n), four.at(four.size)], ['10.96.0.1', '10.96.255.254'])
  assert.deepEqual([four.has('10.96.0.0'), four.has('10.96.0.1')], [false, true])
  assert.deepEqual([four.has('10.96.255.255'), four.has('10.97.0.1')], [false, false])
  const six = new AddressRange('fd00:10:96::/112')
  assert.deepEqual([six.at(1n), six.at(six.size)], ['fd00:10:96::1', 'fd00:10:96::ffff'])
  assert.equal(six.has('fd00:10:96:0:0:0:0:7'), true)
  assert.throws(() => new AddressRange('10.96.0.0'))
})

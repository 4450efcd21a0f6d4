import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode, encode, type Packet, type RecordType } from 'dns-packet'
import { silentLogger } from '../base/logger.ts'
import type { Lister } from '../client/lister.ts'
import type { Service } from '../kinds/core/v1/service.ts'
import type { EndpointSlice } from '../kinds/discovery/v1/endpoint-slice.ts'
import { ClusterNames, serviceAddresses, serviceOfSlice, sliceAddresses } from './cluster-names.ts'
import { addressOfReverseName, DnsServer } from './dns-server.ts'

function lister<T extends { metadata: { name: string; namespace: string } }>(
  objects: readonly T[],
  indexes: Record<string, (object: T) => readonly string[]>,
): Lister<T> {
  return {
    get: (key) => objects.find(({ metadata: m }) => `${m.namespace}/${m.name}` === key),
    list: (namespace) => objects.filter(({ metadata: m }) => m.namespace === namespace),
    byIndex: (index, value) => objects.filter((one) => indexes[index]?.(one).includes(value)),
  }
}

function service(name: string, spec: object): Service {
  return { metadata: { name, namespace: 'default' }, spec } as unknown as Service
}

const SERVICES = [
  service('web', {
    clusterIP: '10.96.3.4',
    clusterIPs: ['10.96.3.4', 'fd00::34'],
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  }),
  service('db', { clusterIP: 'None' }),
  service('empty', { clusterIP: 'None' }),
  service('docs', { type: 'ExternalName', externalName: 'docs.example.com.' }),
  service('alias', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' }),
]
const SLICES = [
  {
    metadata: {
      name: 'db-1',
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': 'db' },
    },
    endpoints: [
      { addresses: ['10.244.0.7'], hostname: 'db-0', conditions: { ready: true } },
      { addresses: ['10.244.0.8'], conditions: {} },
      { addresses: ['10.244.0.9'], hostname: 'db-2', conditions: { ready: false } },
    ],
    ports: [{ name: 'pg', port: 5432, protocol: 'TCP' }],
  } as unknown as EndpointSlice,
]

const forwarded: string[] = []
const names = new ClusterNames(
  'cluster.local',
  lister(SERVICES, { address: serviceAddresses }),
  lister(SLICES, { address: sliceAddresses, service: serviceOfSlice }),
)
const server = new DnsServer(
  names,
  async (query) => {
    const { id = 0, questions = [] } = decode(Buffer.from(query))
    const [question] = questions
    forwarded.push(question?.name ?? '')
    if (question?.name === 'broken.example.com') throw new Error('no answer')
    const { name = '' } = question ?? {}
    const answers = [{ type: 'A' as const, name, ttl: 5, data: '192.0.2.7' }]
    return encode({ type: 'response', id, questions, answers })
  },
  silentLogger,
)

async function ask(name: string, type = 'A', isTcp = false): Promise<Packet & { rcode: string }> {
  const questions = [{ name, type: type as RecordType }]
  const reply = await server.answer(encode({ type: 'query', id: 77, questions }), isTcp)
  assert.ok(reply)
  return decode(Buffer.from(reply)) as unknown as Packet & { rcode: string }
}

const dataOf = ({ answers = [] }: Packet) =>
  answers.map((answer) => ('data' in answer ? answer.data : undefined))

test('a service has the addresses of its family', async () => {
  assert.deepEqual(dataOf(await ask('web.default.svc.cluster.local')), ['10.96.3.4'])
  assert.deepEqual(dataOf(await ask('WEB.default.svc.cluster.local', 'AAAA')), ['fd00::34'])
})

test('a headless service has its ready endpoints, each under its hostname too', async () => {
  const all = await ask('db.default.svc.cluster.local')
  assert.deepEqual(dataOf(all), ['10.244.0.7', '10.244.0.8'])
  assert.deepEqual(dataOf(await ask('db-0.db.default.svc.cluster.local')), ['10.244.0.7'])
  assert.deepEqual(dataOf(await ask('10-244-0-8.db.default.svc.cluster.local')), ['10.244.0.8'])
  assert.equal((await ask('db-2.db.default.svc.cluster.local')).rcode, 'NXDOMAIN')
})

test('named ports are SRV records with their addresses beside them', async () => {
  const one = await ask('_http._tcp.web.default.svc.cluster.local', 'SRV')
  const target = 'web.default.svc.cluster.local'
  assert.deepEqual(dataOf(one), [{ priority: 0, weight: 100, port: 80, target }])
  assert.equal(one.additionals?.length, 2)
  const many = dataOf(await ask('_pg._tcp.db.default.svc.cluster.local', 'SRV'))
  assert.deepEqual(many, [
    { priority: 0, weight: 50, port: 5432, target: 'db-0.db.default.svc.cluster.local' },
    { priority: 0, weight: 50, port: 5432, target: '10-244-0-8.db.default.svc.cluster.local' },
  ])
  const udp = await ask('_http._udp.web.default.svc.cluster.local', 'SRV')
  assert.equal(udp.rcode, 'NXDOMAIN')
})

test('an ExternalName is an alias, and its target is resolved', async () => {
  const away = await ask('docs.default.svc.cluster.local')
  assert.deepEqual(dataOf(away), ['docs.example.com', '192.0.2.7'])
  const home = await ask('alias.default.svc.cluster.local')
  assert.deepEqual(dataOf(home), ['web.default.svc.cluster.local', '10.96.3.4'])
})

test('what exists without such records is NODATA, what does not exist is NXDOMAIN', async () => {
  const noData = await ask('web.default.svc.cluster.local', 'MX')
  assert.deepEqual(
    [noData.rcode, noData.answers, noData.authorities?.[0]?.type],
    ['NOERROR', [], 'SOA'],
  )
  assert.equal((await ask('default.svc.cluster.local')).rcode, 'NOERROR')
  assert.equal((await ask('nope.default.svc.cluster.local')).rcode, 'NXDOMAIN')
  assert.equal((await ask('empty.default.svc.cluster.local')).rcode, 'NXDOMAIN')
  assert.equal((await ask('x.nope.svc.cluster.local')).rcode, 'NXDOMAIN')
})

test('addresses have names', async () => {
  const web = await ask('4.3.96.10.in-addr.arpa', 'PTR')
  assert.deepEqual(dataOf(web), ['web.default.svc.cluster.local'])
  const db = await ask('7.0.244.10.in-addr.arpa', 'PTR')
  assert.deepEqual(dataOf(db), ['db-0.db.default.svc.cluster.local'])
  assert.equal(
    addressOfReverseName(
      '4.3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa',
    ),
    'fd00::34',
  )
})

test('other names go to the machine’s name servers, and their failure is SERVFAIL', async () => {
  assert.deepEqual(dataOf(await ask('example.com')), ['192.0.2.7'])
  assert.equal(forwarded.at(-1), 'example.com')
  assert.equal((await ask('broken.example.com')).rcode, 'SERVFAIL')
})

test('an answer too large for the client’s datagrams is cut and says so', async () => {
  const endpoints = Array.from({ length: 100 }, (_, index) => ({
    addresses: [`10.244.1.${index}`],
  }))
  const many = { ...SLICES[0], endpoints } as unknown as EndpointSlice
  const large = new DnsServer(
    new ClusterNames(
      'cluster.local',
      lister(SERVICES, {}),
      lister([many], { service: serviceOfSlice }),
    ),
    async () => new Uint8Array(),
    silentLogger,
  )
  const questions = [{ name: 'db.default.svc.cluster.local', type: 'A' as const }]
  const query = encode({ type: 'query', id: 1, questions })
  const udp = await large.answer(query, false)
  assert.ok(udp !== undefined && udp.length <= 512)
  assert.ok(decode(Buffer.from(udp)).flag_tc)
  const tcp = await large.answer(query, true)
  assert.equal(decode(Buffer.from(tcp ?? [])).answers?.length, 100)
})

test('nonsense is answered with an error or not at all', async () => {
  assert.equal(await server.answer(Buffer.alloc(3), false), undefined)
  const reply = await server.answer(Buffer.alloc(12), false)
  assert.equal((reply?.[3] ?? 0) & 0xf, 1)
  for (let seed = 1; seed < 300; seed++) {
    const noise = Buffer.from(
      Array.from({ length: 40 }, (_, i) => (seed * 31 + i * seed * 7) % 256),
    )
    noise[2] = 0
    await server.answer(noise, false)
  }
})

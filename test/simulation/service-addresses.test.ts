import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PortRecord } from '../../src/apiserver/services/port-record.ts'
import { addressesOf, nodePortsOf } from '../../src/apiserver/services/service-fields.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { type Random, randomInt, seededRandom } from '../../src/base/random.ts'
import { keyOf } from '../../src/client/client.ts'
import { Namespace } from '../../src/kinds/core/v1/namespace.ts'
import { Service } from '../../src/kinds/core/v1/service.ts'
import { IPAddress } from '../../src/kinds/networking/v1/ip-address.ts'
import { StatusError } from '../../src/machinery/status-error.ts'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'
import { createTestServer, type TestServer } from '../support/api-server.ts'
import { type Distance, DistantStorage } from '../support/distant-storage.ts'
import { seeds } from '../support/seeds.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const SERVERS = 3
const NAMES = 10
const OPERATIONS = 120
const NODE_PORTS = { first: 30000, last: 30023 }
const SERVICE_CIDRS = ['10.96.0.0/28', 'fd00:96::/124']
const NEAR: Distance = { maxLatencyMs: 0, maxWatchLagMs: 0, lostAnswers: 0 }
const FAR: Distance = { maxLatencyMs: 15, maxWatchLagMs: 80, lostAnswers: 0.03 }

/** One of several servers; what it is made of goes when it crashes. */
interface Member {
  readonly server: TestServer
  readonly storage: DistantStorage
  readonly stop: AbortController
  readonly running: Promise<void>
}

/** Several servers over one storage, that create, change and delete services, and crash. */
class AddressSimulation {
  readonly clock = new VirtualClock()
  readonly random: Random
  readonly store: Storage
  readonly members: Member[] = []
  #started = 0

  constructor(seed: number) {
    this.random = seededRandom(seed)
    this.store = MemoryStorage.create({ clock: this.clock, logger: silentLogger })
  }

  async start(): Promise<Member> {
    const { clock, random, store } = this
    const storage = new DistantStorage(store, clock, random, NEAR)
    const server = await createTestServer({
      ...{ storage, clock, seed: this.#started++, serviceCidrs: SERVICE_CIDRS },
      nodePorts: NODE_PORTS,
    })
    const stop = new AbortController()
    const running = server.allocation.run(server.client, stop.signal)
    const member = { server, storage, stop, running: running.catch(() => {}) }
    this.members.push(member)
    return member
  }

  pick<T>(values: readonly T[]): T {
    const value = values[randomInt(this.random, values.length)]
    assert.ok(value !== undefined)
    return value
  }

  crash(): void {
    const [member] = this.members.splice(randomInt(this.random, this.members.length), 1)
    member?.storage.cut()
    member?.stop.abort()
  }

  async close(): Promise<void> {
    for (const { server, stop, running } of this.members) {
      stop.abort()
      await this.clock.advance(1000)
      await running
      server.close()
    }
  }
}

function draftOf(simulation: AddressSimulation) {
  const type = simulation.pick(['ClusterIP', 'NodePort', 'LoadBalancer', 'ExternalName'] as const)
  if (type === 'ExternalName') return { type, externalName: 'example.com' }
  const clusterIP = simulation.pick(['', '', '', '10.96.0.3', '10.96.0.4', 'fd00:96::3', 'None'])
  const isHeadless = clusterIP === 'None'
  const nodePort = simulation.pick([0, 0, 0, 30001, 30002])
  const hasNodePort = type !== 'ClusterIP' && nodePort !== 0
  const ports = [
    { name: 'a', port: 80, ...(hasNodePort && { nodePort }) },
    { name: 'b', port: simulation.pick([80, 81]), protocol: 'UDP' as const },
  ]
  return {
    type: isHeadless ? ('ClusterIP' as const) : type,
    ports,
    selector: { app: 'a' },
    ...(clusterIP !== '' && { clusterIP }),
    ...(type === 'LoadBalancer' && !isHeadless && { externalTrafficPolicy: 'Local' as const }),
    ipFamilyPolicy: simulation.pick([
      'SingleStack',
      'PreferDualStack',
      'RequireDualStack',
    ] as const),
  }
}

function patchOf(simulation: AddressSimulation): object {
  return simulation.pick<object>([
    { type: 'ClusterIP' },
    { type: 'NodePort' },
    { type: 'LoadBalancer', externalTrafficPolicy: 'Local' },
    { type: 'LoadBalancer', externalTrafficPolicy: 'Cluster' },
    { type: 'ExternalName', externalName: 'example.com', clusterIP: null, clusterIPs: null },
    { ipFamilyPolicy: 'RequireDualStack' },
    { ipFamilyPolicy: 'SingleStack' },
    { ports: [{ name: 'a', port: 80, nodePort: 30001 }] },
    {
      ports: [
        { name: 'c', port: 82 },
        { name: 'd', port: 83 },
      ],
    },
  ])
}

/** One request to one server; what it refuses, or what is lost on the way, is part of the game. */
async function operate(simulation: AddressSimulation): Promise<void> {
  const { client } = simulation.pick(simulation.members).server
  const key = { namespace: 'default', name: `s${randomInt(simulation.random, NAMES)}` }
  const kind = simulation.pick(['create', 'create', 'create', 'patch', 'patch', 'delete', 'dry'])
  try {
    if (kind === 'delete') await client.delete(Service, key)
    else if (kind === 'patch') {
      const patch = { spec: patchOf(simulation) }
      await client.patch(Service, key, 'application/merge-patch+json', patch)
    } else {
      const draft = { metadata: key, spec: draftOf(simulation) }
      await client.create(Service, draft, { dryRun: kind === 'dry' })
    }
  } catch (error) {
    assert.ok(error instanceof StatusError, `${error}`)
  }
}

/** Looks at every commit: what two services have at one moment was handed out twice. */
function watchForDoubles({ store }: AddressSimulation, fail: (why: string) => void): Disposable {
  const holders = new Map<string, string>()
  const held = new Map<string, readonly string[]>()
  return store.watch('/registry/services/specs/', store.revision(), {
    onError: (error) => fail(String(error)),
    onEvents(events) {
      for (const { key, type, value } of events) {
        for (const item of held.get(key) ?? []) holders.delete(item)
        held.delete(key)
        if (type === 'DELETE') continue
        const service = JSON.parse(new TextDecoder().decode(value)) as Service
        const ports = nodePortsOf(service.spec).map(String)
        const items = [...new Set([...addressesOf(service), ...ports])]
        for (const item of items) {
          const other = holders.get(item)
          if (other !== undefined) fail(`${item} is that of ${other} and of ${key}`)
          holders.set(item, key)
        }
        held.set(key, items)
      }
    },
  })
}

/** Once all is at rest, what is recorded is what the services have. */
async function checkRecords({ members, store }: AddressSimulation): Promise<void> {
  const [member] = members
  assert.ok(member)
  const { items: services } = await member.server.client.list(Service)
  const { items: records } = await member.server.client.list(IPAddress)
  const had = services.flatMap((one) => addressesOf(one).map((ip) => `${ip} ${keyOf(one)}`))
  const recorded = records.map(({ metadata, spec: { parentRef } }) => {
    return `${metadata.name} ${parentRef?.namespace}/${parentRef?.name}`
  })
  assert.deepEqual(recorded.toSorted(), had.toSorted())
  const ports = new Set(services.flatMap(({ spec }) => nodePortsOf(spec)))
  const record = await new PortRecord(store, NODE_PORTS).read()
  assert.deepEqual([...record].toSorted(), [...ports].toSorted())
}

async function simulate(seed: number): Promise<void> {
  const simulation = new AddressSimulation(seed)
  const { clock, random } = simulation
  const faults: string[] = []
  const starting = Array.from({ length: SERVERS }, () => simulation.start())
  await Promise.all(starting)
  const [first] = simulation.members
  await first?.server.client.create(Namespace, { metadata: { name: 'default' } })
  await clock.advance(10)
  for (const { storage } of simulation.members) storage.distance = FAR
  using _doubles = watchForDoubles(simulation, (why) => faults.push(why))
  const pending = new Set<Promise<void>>()
  for (let count = 0; count < OPERATIONS; count++) {
    const work: Promise<void> = operate(simulation).finally(() => pending.delete(work))
    pending.add(work)
    await clock.advance(randomInt(random, 25))
    if (random.next() < 0.04 && simulation.members.length > 1) {
      simulation.crash()
      const member = simulation.start()
      await clock.advance(1)
      ;(await member).storage.distance = FAR
    }
    assert.deepEqual(faults, [], `seed ${seed}, operation ${count}`)
  }
  for (const { storage } of simulation.members) storage.distance = NEAR
  await clock.advance(10_000)
  await Promise.all(pending)
  // The grace of addresses, and the looks at the ports.
  await clock.advance(61_000 + 4 * 180_000)
  assert.deepEqual(faults, [], `seed ${seed}`)
  await checkRecords(simulation)
  await simulation.close()
}

for (const seed of seeds(12)) {
  test(`services of several servers never share what they are given, and nothing leaks (seed ${seed})`, () =>
    simulate(seed))
}

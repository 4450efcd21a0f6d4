import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomInt } from '../../src/base/random.ts'
import type { PropagationPolicy } from '../../src/client/client.ts'
import { GarbageCollector } from '../../src/controllers/garbagecollector/garbage-collector.ts'
import type { ControllerContext } from '../../src/controllers/runtime/controller.ts'
import { ConfigMap } from '../../src/kinds/core/v1/config-map.ts'
import type { OwnerReference } from '../../src/machinery/object-meta.ts'
import { ControllerSimulation } from '../support/controller-simulation.ts'
import { manyFaults, noFaults } from '../support/faulty-transport.ts'
import { seeds } from '../support/seeds.ts'

const definitions = [
  {
    name: 'garbage-collector-controller',
    serviceAccount: 'generic-garbage-collector',
    create: (context: ControllerContext) => new GarbageCollector(context),
  },
]

function refer({ metadata: { name, uid } }: ConfigMap, blockOwnerDeletion = true): OwnerReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid, blockOwnerDeletion }
}

function setUp(seed = 1) {
  const simulation = new ControllerSimulation(seed)
  const { api, client } = simulation
  const create = (name: string, owners: readonly OwnerReference[] = [], namespace = 'default') =>
    client.create(ConfigMap, { metadata: { name, namespace, ownerReferences: owners } })
  const remove = (name: string, propagationPolicy: PropagationPolicy = 'Background') =>
    client.delete(ConfigMap, { namespace: 'default', name }, { propagationPolicy })
  const names = () =>
    api
      .list(ConfigMap)
      .map(({ metadata }) => metadata.name)
      .toSorted()
  return { simulation, create, remove, names, clock: simulation.clock, api, client }
}

test('a chain goes with its head, and what has another owner stays', async () => {
  const { simulation, create, remove, names, clock, api } = setUp()
  const head = await create('head')
  const other = await create('other')
  const middle = await create('middle', [refer(head)])
  await create('tail', [refer(middle)])
  await create('shared', [refer(head), refer(other)])
  simulation.start(definitions)
  await clock.advance(5_000)
  assert.equal(names().length, 5)
  await remove('head')
  await clock.advance(5_000)
  assert.deepEqual(names(), ['other', 'shared'])
  const shared = api.list(ConfigMap).find(({ metadata }) => metadata.name === 'shared')
  assert.deepEqual(
    shared?.metadata.ownerReferences?.map(({ name }) => name),
    ['other'],
  )
  await simulation.stop()
})

test('a foreground deletion keeps the owner until its blocking dependents are gone', async () => {
  const { simulation, create, remove, names, clock, api } = setUp()
  const owner = await create('owner')
  const blocking = await create('blocking', [refer(owner)])
  await create('deep', [refer(blocking)])
  await create('free', [refer(owner, false)])
  simulation.start(definitions)
  await clock.advance(5_000)
  const gone: string[] = []
  api.store.onCommit(({ type, object }) => {
    if (type === 'DELETED') gone.push(object.metadata.name)
  })
  await remove('owner', 'Foreground')
  await clock.advance(10_000)
  assert.deepEqual(names(), [])
  assert.ok(gone.indexOf('deep') < gone.indexOf('blocking'))
  assert.ok(gone.indexOf('blocking') < gone.indexOf('owner'))
  await simulation.stop()
})

test('orphaned dependents stay, without the reference', async () => {
  const { simulation, create, remove, names, clock, api } = setUp()
  const owner = await create('owner')
  await create('child', [refer(owner)])
  simulation.start(definitions)
  await clock.advance(5_000)
  await remove('owner', 'Orphan')
  await clock.advance(5_000)
  assert.deepEqual(names(), ['child'])
  assert.deepEqual(api.list(ConfigMap)[0]?.metadata.ownerReferences ?? [], [])
  await simulation.stop()
})

test('a cycle in foreground deletion does not wait for itself', async () => {
  const { simulation, create, remove, names, clock, api, client } = setUp()
  const a = await create('a')
  const b = await create('b', [refer(a)])
  const newest = api.list(ConfigMap).find(({ metadata }) => metadata.name === 'a') ?? a
  const metadata = { ...newest.metadata, ownerReferences: [refer(b)] }
  await client.update(ConfigMap, { ...newest, metadata })
  simulation.start(definitions)
  await clock.advance(5_000)
  await remove('a', 'Foreground')
  await clock.advance(20_000)
  assert.deepEqual(names(), [])
  await simulation.stop()
})

test('an owner that never was, or is elsewhere, takes its dependents along', async () => {
  const { simulation, create, names, clock, api } = setUp()
  const elsewhere = await create('owner', [], 'other')
  await create('wrong-namespace', [refer(elsewhere)])
  const missing = { apiVersion: 'v1', kind: 'ConfigMap', name: 'nobody', uid: 'no-such-uid' }
  await create('lost', [missing])
  simulation.start(definitions)
  await clock.advance(5_000)
  assert.deepEqual(names(), ['owner'])
  await create('late', [missing])
  await clock.advance(5_000)
  assert.deepEqual(names(), ['owner'])
  assert.ok(api.list(ConfigMap).length === 1)
  await simulation.stop()
})

test('an owner of a kind that nobody serves keeps its dependents', async () => {
  const { simulation, create, names, clock } = setUp()
  await create('kept', [{ apiVersion: 'no.such/v1', kind: 'Thing', name: 'x', uid: 'y' }])
  simulation.start(definitions)
  await clock.advance(60_000)
  assert.deepEqual(names(), ['kept'])
  await simulation.stop()
})

/** A forest of owners on a bad network: what goes must have lost every owner, all else stays. */
async function simulateForest(seed: number): Promise<void> {
  const { simulation, create, names, clock, api, client } = setUp(seed)
  const { random, transport } = simulation
  const made: ConfigMap[] = []
  for (let index = 0; index < 25; index++) {
    const owners = new Map<string, OwnerReference>()
    for (let count = randomInt(random, 3); count > 0 && made.length > 0; count--) {
      const owner = made[randomInt(random, made.length)]
      if (owner !== undefined) owners.set(owner.metadata.name, refer(owner))
    }
    made.push(await create(`object-${index}`, [...owners.values()]))
  }
  const deletedByUs = new Set<string>()
  const alive = new Set(made.map(({ metadata }) => metadata.uid))
  api.store.onCommit(({ type, object }) => {
    if (object.kind !== 'ConfigMap' || type !== 'DELETED') return
    const { uid, name, ownerReferences = [] } = object.metadata
    alive.delete(uid)
    const hasOwner = ownerReferences.some((reference) => alive.has(reference.uid))
    assert.ok(deletedByUs.has(name) || !hasOwner, `seed ${seed}: ${name} has an owner`)
    assert.ok(deletedByUs.has(name) || ownerReferences.length > 0, `seed ${seed}: ${name} is free`)
  })
  transport.faults = { ...manyFaults, maxLatencyMs: 20 }
  simulation.start(definitions)
  await clock.advance(20_000)
  for (let step = 0; step < 6; step++) {
    const victim = made[randomInt(random, made.length)]
    if (victim === undefined || deletedByUs.has(victim.metadata.name)) continue
    const present = api.list(ConfigMap).some(({ metadata }) => metadata.uid === victim.metadata.uid)
    if (!present) continue
    deletedByUs.add(victim.metadata.name)
    await client.delete(ConfigMap, victim.metadata)
    await clock.advance(randomInt(random, 3_000))
  }
  transport.faults = noFaults
  await clock.advance(900_000)
  const wanted = new Set<string>()
  for (const { metadata } of made) {
    if (deletedByUs.has(metadata.name)) continue
    const owners = metadata.ownerReferences ?? []
    if (owners.length === 0 || owners.some(({ name }) => wanted.has(name)))
      wanted.add(metadata.name)
  }
  assert.deepEqual(names(), [...wanted].toSorted(), `seed ${seed}`)
  await simulation.stop()
  assert.equal(clock.pendingTimers, 0, `seed ${seed}: a timer is left`)
}

test('in a forest exactly those go that have lost every owner', async () => {
  for (const seed of seeds(3)) await simulateForest(seed)
})

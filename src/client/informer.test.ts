import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FaultyTransport, manyFaults, noFaults } from '../../test/support/faulty-transport.ts'
import { seeds } from '../../test/support/seeds.ts'
import { SimulatedApi } from '../../test/support/simulated-api.ts'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import { silentLogger } from '../base/logger.ts'
import { randomInt, seededRandom } from '../base/random.ts'
import { ConfigMap } from '../kinds/core/v1/config-map.ts'
import { ApiClient } from './api-client.ts'
import { SharedInformers } from './informers.ts'
import type { InformerEvent } from './lister.ts'

function setUp(seed = 1) {
  const clock = new VirtualClock()
  const random = seededRandom(seed)
  const api = new SimulatedApi(clock, random)
  const transport = new FaultyTransport(api, clock, random, noFaults)
  const client = new ApiClient(transport)
  const informers = new SharedInformers({ client, clock, random, logger: silentLogger })
  const writer = new ApiClient(api)
  const create = (name: string, namespace = 'default', color = 'red') =>
    writer.create(ConfigMap, { metadata: { name, namespace, labels: { color } } })
  return { clock, random, api, transport, informers, writer, create }
}

test('an informer hears of what is there and of every change', async () => {
  const { clock, informers, writer, create } = setUp()
  await create('a')
  const informer = informers.for(ConfigMap)
  const events: string[] = []
  informer.onEvent(({ type, object }) => events.push(`${type} ${object.metadata.name}`))
  const stop = new AbortController()
  const running = informers.run(stop.signal)
  assert.equal(informer.hasSynced, false)
  await informers.synced(stop.signal)
  const b = await create('b')
  await writer.update(ConfigMap, { ...b, data: { x: '1' } })
  await writer.delete(ConfigMap, { namespace: 'default', name: 'a' })
  await clock.advance(1)
  assert.deepEqual(events, ['ADDED a', 'ADDED b', 'MODIFIED b', 'DELETED a'])
  assert.equal(informer.get('default/b')?.data?.['x'], '1')
  assert.equal(informers.for(ConfigMap), informer)
  stop.abort()
  await running
  assert.equal(clock.pendingTimers, 0)
})

test('indexes and namespaces follow every change', async () => {
  const { clock, informers, writer, create } = setUp()
  const informer = informers.for(ConfigMap)
  informer.addIndex('color', ({ metadata }) => [metadata.labels?.['color'] ?? ''])
  const stop = new AbortController()
  const running = informers.run(stop.signal)
  const a = await create('a')
  await create('b', 'other')
  await clock.advance(1)
  const names = (value: string) => informer.byIndex('color', value).map((o) => o.metadata.name)
  assert.deepEqual(names('red'), ['a', 'b'])
  await writer.update(ConfigMap, { ...a, metadata: { ...a.metadata, labels: { color: 'blue' } } })
  await clock.advance(1)
  assert.deepEqual(names('red'), ['b'])
  assert.deepEqual(names('blue'), ['a'])
  assert.equal(informer.list('other').length, 1)
  assert.equal(informer.list().length, 2)
  assert.equal(informer.list('empty').length, 0)
  stop.abort()
  await running
})

test('a handler that throws keeps no other from hearing', async () => {
  const { clock, informers, create } = setUp()
  const informer = informers.for(ConfigMap)
  let heard = 0
  informer.onEvent(() => {
    throw new Error('broken')
  })
  const handler = informer.onEvent(() => heard++)
  const stop = new AbortController()
  const running = informers.run(stop.signal)
  await create('a')
  await clock.advance(1)
  assert.equal(heard, 1)
  handler[Symbol.dispose]()
  await create('b')
  await clock.advance(1)
  assert.equal(heard, 1)
  stop.abort()
  await running
})

test('an object that another replaced under its name is told as deleted and added', async () => {
  const { clock, api, transport, informers, writer, create } = setUp()
  await create('a')
  const informer = informers.for(ConfigMap)
  const stop = new AbortController()
  const running = informers.run(stop.signal)
  await clock.advance(1)
  const events: string[] = []
  informer.onEvent(({ type, object }) => events.push(`${type} ${object.metadata.uid.slice(0, 4)}`))
  const [old] = informer.list()
  transport.faults = { ...noFaults, lostWatches: 1, expiredWatches: 1 }
  await create('unrelated')
  await clock.advance(1)
  transport.faults = { ...noFaults, requestErrors: 1 }
  await writer.delete(ConfigMap, { namespace: 'default', name: 'a' })
  const fresh = await create('a')
  api.store.compact()
  await clock.advance(1)
  transport.faults = noFaults
  await clock.advance(120_000)
  assert.deepEqual(events.slice(-2), [
    `DELETED ${old?.metadata.uid.slice(0, 4)}`,
    `ADDED ${fresh.metadata.uid.slice(0, 4)}`,
  ])
  stop.abort()
  await running
})

test('whatever the network does, the cache converges and every change is told once', async () => {
  for (const seed of seeds(20)) await simulate(seed)
})

/** The events of each key must read as a history: added, changed, deleted, added again. */
async function simulate(seed: number): Promise<void> {
  const { clock, random, api, transport, informers, writer, create } = setUp(seed)
  const informer = informers.for(ConfigMap)
  const seen = new Map<string, string>()
  informer.onEvent(({ type, object, old }: InformerEvent<ConfigMap>) => {
    const { name, resourceVersion } = object.metadata
    const before = seen.get(name)
    assert.equal(old?.metadata.resourceVersion, before, `seed ${seed}: ${type} ${name}`)
    assert.notEqual(before, type === 'DELETED' ? undefined : resourceVersion)
    if (type === 'DELETED') seen.delete(name)
    else seen.set(name, resourceVersion)
  })
  const stop = new AbortController()
  const running = informers.run(stop.signal)
  transport.faults = manyFaults
  for (let step = 0; step < 60; step++) {
    const name = `object-${randomInt(random, 8)}`
    const now = api.list(ConfigMap).find(({ metadata }) => metadata.name === name)
    if (now === undefined) await create(name)
    else if (random.next() < 0.4) await writer.delete(ConfigMap, now.metadata)
    else await writer.update(ConfigMap, { ...now, data: { step: `${step}` } })
    if (random.next() < 0.1) api.store.compact()
    await clock.advance(randomInt(random, 300))
  }
  transport.faults = noFaults
  await clock.advance(700_000)
  const wanted = api.list(ConfigMap).map(({ metadata }) => metadata.resourceVersion)
  const held = informer.list().map(({ metadata }) => metadata.resourceVersion)
  assert.deepEqual(held.toSorted(), wanted.toSorted(), `seed ${seed}: not converged`)
  assert.equal(seen.size, wanted.length)
  stop.abort()
  await running
  assert.equal(clock.pendingTimers, 0, `seed ${seed}: a timer is left`)
}

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FaultyTransport, noFaults } from '../../test/support/faulty-transport.ts'
import { SimulatedApi } from '../../test/support/simulated-api.ts'
import { VirtualClock } from '../../test/support/virtual-clock.ts'
import { silentLogger } from '../base/logger.ts'
import { seededRandom } from '../base/random.ts'
import { ConfigMap } from '../kinds/core/v1/config-map.ts'
import { Event } from '../kinds/core/v1/event.ts'
import { Namespace } from '../kinds/core/v1/namespace.ts'
import { ApiClient } from './api-client.ts'
import { ClientEventRecorder } from './event-sender.ts'

async function setUp() {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const api = new SimulatedApi(clock, random)
  const transport = new FaultyTransport(api, clock, random, noFaults)
  const recorder = new ClientEventRecorder({
    client: new ApiClient(transport),
    clock,
    logger: silentLogger,
    component: 'tester',
    host: 'node-1',
  })
  const writer = new ApiClient(api)
  const object = await writer.create(ConfigMap, { metadata: { name: 'a', namespace: 'n' } })
  const tell = (message: string, reason = 'Tested') =>
    recorder.event(object, 'Normal', reason, message)
  const events = () => api.list(Event)
  return { clock, api, transport, recorder, writer, object, tell, events }
}

test('an event names its object, its source and its time', async () => {
  const { clock, recorder, object, events } = await setUp()
  recorder.event(object, 'Warning', 'Tested', 'it works', { fieldPath: 'data{x}' })
  await clock.advance(1)
  const [event] = events()
  assert.match(event?.metadata.name ?? '', /^a\.[0-9a-f]{16}$/)
  assert.equal(event?.metadata.namespace, 'n')
  assert.deepEqual(event?.involvedObject, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: 'a',
    namespace: 'n',
    uid: object.metadata.uid,
    resourceVersion: object.metadata.resourceVersion,
    fieldPath: 'data{x}',
  })
  const { type, reason, message, count, source, reportingComponent, reportingInstance } =
    event ?? {}
  assert.deepEqual([type, reason, message, count], ['Warning', 'Tested', 'it works', 1])
  assert.deepEqual(source, { component: 'tester', host: 'node-1' })
  assert.deepEqual([reportingComponent, reportingInstance], ['tester', 'node-1'])
  assert.equal(event?.firstTimestamp, '2030-01-01T00:00:00Z')
})

test('an event about something without a namespace goes to the default one', async () => {
  const { clock, recorder, writer, events } = await setUp()
  const namespace = await writer.create(Namespace, { metadata: { name: 'n' } })
  recorder.event(namespace, 'Normal', 'Tested', 'it works')
  await clock.advance(1)
  assert.equal(events()[0]?.metadata.namespace, 'default')
})

test('equal events are counted on one object, also after that has expired', async () => {
  const { clock, tell, events, writer } = await setUp()
  for (let round = 0; round < 3; round++) tell('same')
  await clock.advance(10_000)
  assert.deepEqual(
    events().map(({ count }) => count),
    [3],
  )
  tell('same')
  await clock.advance(1)
  const [event] = events()
  assert.equal(event?.count, 4)
  assert.equal(event?.firstTimestamp, '2030-01-01T00:00:00Z')
  assert.equal(event?.lastTimestamp, '2030-01-01T00:00:10Z')
  await writer.delete(Event, event?.metadata ?? { name: '' })
  tell('same')
  tell('same')
  await clock.advance(1)
  assert.deepEqual(
    events().map(({ count }) => count),
    [6],
  )
})

test('from the tenth similar message on they are combined', async () => {
  const { clock, tell, events } = await setUp()
  for (let index = 1; index <= 14; index++) tell(`message ${index}`)
  await clock.advance(1)
  const combined = events().filter(({ message }) => message?.startsWith('(combined'))
  assert.equal(events().length, 10)
  assert.deepEqual(
    combined.map(({ message, count }) => [message, count]),
    [['(combined from similar events): message 14', 5]],
  )
})

test('a source that floods one object is silenced, and heard again later', async () => {
  const { clock, tell, events } = await setUp()
  for (let index = 0; index < 40; index++) tell('again', `Reason${index}`)
  await clock.advance(1)
  assert.equal(events().length, 25)
  await clock.advance(300_000)
  tell('again', 'Late')
  await clock.advance(1)
  assert.equal(events().length, 26)
})

test('a server out of reach is tried again; the caller never waits', async () => {
  const { clock, transport, tell, events, recorder } = await setUp()
  transport.faults = { ...noFaults, requestErrors: 1 }
  tell('first')
  tell('second')
  await clock.advance(25_000)
  assert.equal(events().length, 0)
  transport.faults = noFaults
  await clock.advance(10_000)
  assert.deepEqual(
    events().map(({ message }) => message),
    ['first', 'second'],
  )
  transport.faults = { ...noFaults, requestErrors: 1 }
  tell('third')
  await clock.advance(1)
  recorder[Symbol.dispose]()
  await clock.advance(1)
  assert.equal(clock.pendingTimers, 0)
})

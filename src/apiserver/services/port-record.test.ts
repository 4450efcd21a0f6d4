import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { seededRandom } from '../../base/random.ts'
import { Event } from '../../kinds/core/v1/event.ts'
import { Service } from '../../kinds/core/v1/service.ts'
import { MemoryStorage } from '../../storage/memory/memory-storage.ts'
import { portPlan } from './port-plan.ts'
import { PortRecord } from './port-record.ts'

const RANGE = { first: 30000, last: 32767 }
const KEY = '/registry/ranges/servicenodeports'

const openStorage = () => MemoryStorage.create({ clock: new VirtualClock(), logger: silentLogger })
const add = (record: PortRecord, port: number) =>
  record.change((taken) => ({ taken: new Set([...taken, port]), result: undefined }))

test('the record of node ports is that of upstream: a bit for each port of a big integer', async () => {
  const storage = openStorage()
  const record = new PortRecord(storage, RANGE)
  await add(record, 30000)
  await add(record, 30009)
  const stored = await storage.get(KEY)
  assert.deepEqual(JSON.parse(Buffer.from(stored?.value ?? []).toString()), {
    kind: 'RangeAllocation',
    apiVersion: 'v1',
    metadata: {},
    range: '30000-32767',
    data: Buffer.from([0b10, 0b1]).toString('base64'),
  })
  assert.deepEqual([...(await new PortRecord(storage, RANGE).read())], [30000, 30009])
  const other = await new PortRecord(storage, { first: 30005, last: 30010 }).read()
  assert.deepEqual([...other], [30009])
})

test('upstream writes the record in protobuf', async () => {
  const storage = openStorage()
  // k8s, runtime.Unknown of v1 RangeAllocation: metadata, range 30000-32767, data 02 01.
  const raw = `0a00120b${Buffer.from('30000-32767').toString('hex')}1a020201`
  const names = `0a02763112${hexWithLength('RangeAllocation')}`
  const value = `6b387300${field('0a', names)}${field('12', raw)}1a002200`
  await storage.put(KEY, Buffer.from(value, 'hex'))
  assert.deepEqual([...(await new PortRecord(storage, RANGE).read())], [30000, 30009])
})

function hexWithLength(text: string): string {
  return text.length.toString(16).padStart(2, '0') + Buffer.from(text).toString('hex')
}

function field(tag: string, hex: string): string {
  return tag + (hex.length / 2).toString(16).padStart(2, '0') + hex
}

test('two servers decide one after the other', async () => {
  const storage = openStorage()
  const [one, two] = [new PortRecord(storage, RANGE), new PortRecord(storage, RANGE)]
  await Promise.all([one.read(), two.read()])
  await Promise.all([30001, 30002, 30003, 30004].map((port) => add(port % 2 ? one : two, port)))
  assert.deepEqual([...(await one.read())], [30001, 30002, 30003, 30004])
  await two.release([30002])
  assert.deepEqual([...(await one.read())], [30001, 30003, 30004])
})

test('what another server has taken or released is seen before something is refused', async () => {
  const storage = Object.assign(openStorage(), { isShared: true })
  let refreshed = 0
  const refresh = async () => refreshed++
  const [one, two] = [1, 2].map(() => new PortRecord(storage, RANGE, refresh)) as [
    PortRecord,
    PortRecord,
  ]
  await Promise.all([one.read(), two.read()])
  const take = (record: PortRecord) =>
    record.change((taken) => {
      assert.ok(!taken.has(30001), 'taken')
      return { taken: new Set([...taken, 30001]), result: undefined }
    })
  await take(one)
  await two.release([30001])
  assert.deepEqual([...(await two.read())], [], 'released though two had not seen it taken')
  await take(one)
  await assert.rejects(take(two), /taken/)
  const before = refreshed
  await two.change(() => ({ result: undefined, isIndifferent: true }))
  assert.equal(refreshed, before, 'who asks for nothing waits for nothing')
})

test('what is asked meanwhile goes to the store together, each with its own answer', async () => {
  const storage = openStorage()
  const record = new PortRecord(storage, RANGE)
  const before = storage.revision()
  const refused = record.change(() => {
    throw new Error('no')
  })
  const made = Array.from({ length: 50 }, (_, index) => add(record, 30000 + index))
  await assert.rejects(refused, /no/)
  await Promise.all(made)
  assert.equal(record.taken.size, 50)
  assert.ok(storage.revision() - before <= 2, `${storage.revision() - before} writes`)
})

test('the first ports are given only when the others are taken', () => {
  const range = { first: 30000, last: 30099 }
  const taken = new Set<number>()
  const next = () => {
    const plan = portPlan(
      range,
      (port) => taken.has(port),
      seededRandom(taken.size),
      () => {},
    )
    const port = plan.next()
    if (port !== undefined) taken.add(port)
    return port
  }
  const upper = Array.from({ length: 84 }, next)
  assert.ok(upper.every((port) => port !== undefined && port >= 30016))
  const lower = Array.from({ length: 16 }, next)
  assert.ok(lower.every((port) => port !== undefined && port < 30016))
  assert.equal(next(), undefined)
})

test('ports that no service has are free at the third look, and doubles are told of', async () => {
  const { allocation, client, clock, storage, close } = await createTestServer({
    isBootstrapped: true,
  })
  const record = new PortRecord(storage, RANGE)
  const create = (name: string, nodePort: number) =>
    client.create(Service, {
      metadata: { namespace: 'default', name },
      spec: { type: 'NodePort', ports: [{ port: 80, nodePort }] },
    })
  await create('a', 30001)
  await add(record, 30007)
  await record.release([30001])
  const stop = new AbortController()
  const running = allocation.run(client, stop.signal)
  await clock.advance(100)
  assert.deepEqual([...(await record.read())].toSorted(), [30001, 30007])
  await assert.rejects(create('b', 30007), /provided port is already allocated/)
  await clock.advance(180_000)
  await assert.rejects(create('b', 30007), /provided port is already allocated/)
  await clock.advance(180_000)
  await create('b', 30007)
  const { items } = await client.list(Event)
  assert.deepEqual(
    items.map(({ reason, message, source }) => [reason, message, source?.component]),
    [
      [
        'PortNotAllocated',
        'Port 30001 is not allocated; repairing',
        'portallocator-repair-controller',
      ],
    ],
  )
  stop.abort()
  await clock.advance(10)
  await running
  close()
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { Event } from '../../kinds/core/v1/event.ts'

test('events go an hour after they came last', async () => {
  const { client, clock, server, storage, watch } = await createTestServer()
  const key = (name: string) => ({ namespace: 'default', name })
  const involvedObject = { kind: 'Pod', name: 'p', namespace: 'default' }
  const create = (name: string) =>
    client.create(Event, { metadata: key(name), involvedObject, type: 'Normal' })
  const names = async () => (await client.list(Event)).items.map(({ metadata }) => metadata.name)
  await create('old')
  const again = await create('again')
  await clock.advance(30 * 60_000)
  await client.update(Event, { ...again, count: 2 })
  await create('new')
  assert.deepEqual(await names(), ['again', 'new', 'old'])
  const events = await watch('/api/v1/events?watch=true&fieldSelector=metadata.name%3Dold')
  await clock.advance(31 * 60_000)
  assert.deepEqual(await names(), ['again', 'new'])
  assert.deepEqual(
    [await events.next(), await events.next()].map((event) => event?.type),
    ['ADDED', 'DELETED'],
    'watches are told',
  )
  await clock.advance(30 * 60_000)
  assert.deepEqual(await names(), [])
  server.close()
  await storage.close()
  assert.equal(clock.pendingTimers, 0)
})

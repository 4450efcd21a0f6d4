import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { formatTime } from '../../base/clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { Event } from '../../kinds/core/v1/event.ts'
import { EventExpiry } from './event-expiry.ts'

test('events go an hour after they came last', async () => {
  const { client, clock, resources, server } = await createTestServer()
  const stop = new AbortController()
  const expiry = new EventExpiry({ events: resources.store(Event), clock, logger: silentLogger })
  const running = expiry.run(stop.signal)
  const key = (name: string) => ({ namespace: 'default', name })
  const create = (name: string) => {
    const involvedObject = { kind: 'Pod', name: 'p', namespace: 'default' }
    const lastTimestamp = formatTime(clock.now())
    return client.create(Event, {
      metadata: key(name),
      involvedObject,
      lastTimestamp,
      type: 'Normal',
    })
  }
  const names = async () => (await client.list(Event)).items.map(({ metadata }) => metadata.name)
  await create('old')
  const again = await create('again')
  await clock.advance(30 * 60_000)
  await client.update(Event, { ...again, lastTimestamp: formatTime(clock.now()) })
  await create('new')
  assert.deepEqual(await names(), ['again', 'new', 'old'])
  await clock.advance(32 * 60_000)
  assert.deepEqual(await names(), ['again', 'new'])
  await clock.advance(30 * 60_000)
  assert.deepEqual(await names(), [])
  stop.abort()
  await running
  server.close()
  assert.equal(clock.pendingTimers, 0)
})

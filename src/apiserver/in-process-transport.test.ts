import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../test/support/api-server.ts'
import { ConfigMap } from '../kinds/core/v1/config-map.ts'
import { isReason } from '../machinery/status-error.ts'

const KEY = { namespace: 'default', name: 'a' }

test('clients within the process share the very objects that are stored', async () => {
  const { client, server } = await createTestServer()
  const created = await client.create(ConfigMap, { metadata: KEY, data: { k: 'v' } })
  const read = await client.get(ConfigMap, KEY)
  const { items } = await client.list(ConfigMap, { namespace: 'default' })
  assert.equal(items[0], read)
  assert.deepEqual(created, read)
  const stop = new AbortController()
  for await (const { type, object } of client.watch(ConfigMap, { signal: stop.signal })) {
    assert.equal(type, 'ADDED')
    assert.equal(object, read, 'not a copy')
    break
  }
  server.close()
})

test('failures are the errors that a client on the wire throws', async () => {
  const { client, server, storage } = await createTestServer()
  const isNotFound = (error: unknown) => isReason(error, 'NotFound')
  await assert.rejects(client.get(ConfigMap, KEY), isNotFound)
  await client.list(ConfigMap)
  await client.create(ConfigMap, { metadata: KEY })
  await storage.compact(storage.revision())
  server.close()
  const late = await createTestServer({ storage })
  const events = late.client.watch(ConfigMap, {
    resourceVersion: '1',
    signal: new AbortController().signal,
  })
  await assert.rejects(
    async () => {
      for await (const _ of events) assert.fail('nothing can come before the error')
    },
    (error) => isReason(error, 'Expired'),
  )
  late.server.close()
})

test('a watch ends without an error when its signal aborts', async () => {
  const { client, server, clock } = await createTestServer()
  const stop = new AbortController()
  const seen: string[] = []
  const watching = (async () => {
    for await (const { type } of client.watch(ConfigMap, { signal: stop.signal })) seen.push(type)
  })()
  await clock.advance(0)
  await client.create(ConfigMap, { metadata: KEY })
  await clock.advance(0)
  stop.abort()
  await watching
  assert.deepEqual(seen, ['ADDED'])
  server.close()
  assert.equal(clock.pendingTimers, 0)
})

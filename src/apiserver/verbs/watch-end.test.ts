import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const STATE = 'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true'

async function withServer(
  run: (server: TestServer) => Promise<void>,
  shortestWatchSeconds?: number,
): Promise<void> {
  const server = await createTestServer({ shortestWatchSeconds })
  try {
    await add(server, 'a')
    await run(server)
  } finally {
    server.close()
    await server.storage.close()
    assert.equal(server.clock.pendingTimers, 0, 'nothing waits for watches that have ended')
  }
}

async function add(server: TestServer, name: string): Promise<void> {
  const answer = await server.send('POST', CONFIG_MAPS, { body: { metadata: { name } } })
  assert.equal(answer.code, 201, answer.text)
}

test('shortly before its end a watch is told how far it is, if anything has changed', () =>
  withServer(async (server) => {
    const query = 'watch=true&resourceVersion=3&timeoutSeconds=10'
    const told = await server.watch(`${CONFIG_MAPS}?${query}&allowWatchBookmarks=true`)
    const untold = await server.watch(`${CONFIG_MAPS}?${query}`)
    await add(server, 'b')
    for (const watch of [told, untold]) assert.deepEqual(await watch.take(1), ['ADDED b@4'])
    await server.clock.advance(7999)
    await add(server, 'c')
    assert.deepEqual(await told.take(1), ['ADDED c@5'])
    await server.clock.advance(1)
    assert.deepEqual(await told.take(1), ['BOOKMARK @5'])
    await server.clock.advance(2000)
    assert.equal(await told.next(), undefined)
    assert.deepEqual(await untold.take(1), ['ADDED c@5'])
    assert.equal(await untold.next(), undefined)
  }))

test('a watch to which nothing has happened ends without a word', () =>
  withServer(async (server) => {
    const query = 'watch=true&resourceVersion=3&timeoutSeconds=10&allowWatchBookmarks=true'
    const watch = await server.watch(`${CONFIG_MAPS}?${query}`)
    await server.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'other' } } })
    await server.clock.advance(10_000)
    assert.equal(await watch.next(), undefined)
  }))

test('a watch whose time is over before it begins says nothing at all', () =>
  withServer(async (server) => {
    const watch = await server.watch(`${CONFIG_MAPS}?watch=true&timeoutSeconds=-5`)
    assert.equal(await watch.next(), undefined)
  }))

test('a state that has not come yet is an error within the watch', () =>
  withServer(async (server) => {
    const starting = server.watch(`${CONFIG_MAPS}?watch=true&${STATE}&resourceVersion=1000`)
    await server.clock.advance(3000)
    const watch = await starting
    const event = await watch.next()
    assert.equal(event?.type, 'ERROR')
    const status = event?.object as unknown as { code: number; message: string }
    assert.equal(status.code, 504)
    assert.match(status.message, /^Timeout: Too large resource version: 1000, current: 3$/)
    assert.equal(await watch.next(), undefined)
  }))

test('a watch that names no end has one between one and two of the shortest times', async () => {
  for (const [given, seconds] of [
    [undefined, 1800],
    [60, 60],
  ] as const) {
    await withServer(async (server) => {
      const watch = await server.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=3`)
      let isOver = false
      const end = watch.next().then((event) => {
        assert.equal(event, undefined)
        isOver = true
      })
      await server.clock.advance(seconds * 1000)
      assert.equal(isOver, false, `${seconds} s are over, and it is not`)
      await server.clock.advance(seconds * 1000)
      assert.equal(isOver, true)
      await end
    }, given)
  }
})

test('where watches may last no time at all, they end at once', () =>
  withServer(async (server) => {
    const watch = await server.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=3`)
    assert.equal(await watch.next(), undefined)
  }, 0))

test('a watch from the state on is told where that ends, however it asked for it', () =>
  withServer(async (server) => {
    for (const asked of ['', '&resourceVersion=0', `&${STATE}`]) {
      const query = `watch=true&allowWatchBookmarks=true${asked}`
      const watch = await server.watch(`${CONFIG_MAPS}?${query}`)
      assert.deepEqual(await watch.take(1), ['ADDED a@3'])
      const end = await watch.next()
      assert.equal(end?.type, 'BOOKMARK', asked)
      assert.equal(end?.object.metadata.annotations?.['k8s.io/initial-events-end'], 'true', asked)
      await watch.close()
    }
  }))

test('a watch may say where a list goes on, unless that has a meaning for it', () =>
  withServer(async (server) => {
    const answer = async (query: string) => {
      const url = `${CONFIG_MAPS}?watch=true&timeoutSeconds=1&continue=x${query}`
      try {
        await (await server.watch(url)).close()
        return 'watched'
      } catch (error) {
        return /resourceVersionMatch is forbidden when continue/.test(String(error))
      }
    }
    assert.equal(await answer(''), true)
    assert.equal(await answer('&resourceVersion=0'), true)
    assert.equal(await answer('&resourceVersion=3'), 'watched')
    const match = '&resourceVersion=3&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
    assert.equal(await answer(match), true)
    await server.clock.advance(2000)
  }))

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { ClientHttp2Stream } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { connect as connectTls } from 'node:tls'
import { systemClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import { ConfigMap } from '../../src/kinds/core/v1/config-map.ts'
import { createTestServer, type TestServer } from '../support/api-server.ts'
import { TestListener } from '../support/test-listener.ts'
import { createTlsIdentities } from '../support/tls-identities.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const JSON_BODY = { 'content-type': 'application/json' }
const LIMIT = 3 * 1024 * 1024

describe('connections of clients that misbehave', { timeout: 60_000 }, () => {
  let server: TestServer
  let harness: TestListener

  before(async () => {
    server = await createTestServer()
    harness = await TestListener.start(systemClock)
    harness.handler = (request) => server.server.handle(request)
  })

  after(async () => {
    harness.session.destroy()
    await harness.listener.close()
    server.close()
  })

  const watchers = () => server.resources.store(ConfigMap).cache.watcherCount
  const isWell = async () => {
    const { code } = await harness.http2('GET', '/api/v1/namespaces/default')
    assert.equal(code, 200, 'another client is not answered')
  }
  const add = (name: string, data: string) =>
    server.send('POST', CONFIG_MAPS, { body: { metadata: { name }, data: { data } } })

  test('a body of more than three megabytes is a 413, with and without a length', async () => {
    const body = Buffer.alloc(LIMIT + 1, 0x20)
    const sized = { ...JSON_BODY, 'content-length': String(body.length) }
    for (const headers of [JSON_BODY, sized]) {
      const answer = await harness.http2('POST', CONFIG_MAPS, headers, body)
      assert.equal(answer.code, 413)
      const { message, reason } = JSON.parse(answer.body.toString())
      assert.equal(reason, 'RequestEntityTooLarge')
      assert.equal(message, `Request entity too large: limit is ${LIMIT}`)
    }
    const old = await harness.http1('POST', CONFIG_MAPS, sized, body)
    assert.equal(old.code, 413)
    const fitting = Buffer.from(JSON.stringify({ metadata: { name: 'fits' } }).padEnd(LIMIT))
    assert.equal((await harness.http2('POST', CONFIG_MAPS, JSON_BODY, fitting)).code, 201)
  })

  test('a client that vanishes in the middle of its body leaves nothing behind', async () => {
    for (let count = 0; count < 20; count++) {
      const session = harness.connect()
      const stream = session.request({ ':method': 'POST', ':path': CONFIG_MAPS, ...JSON_BODY })
      stream.on('error', () => {})
      session.on('error', () => {})
      stream.write('{"metadata":{"name":"half')
      await once(session, 'remoteSettings')
      session.destroy()
      const headers = { ...JSON_BODY, 'content-length': '1000' }
      const request = httpsRequest(harness.requestOptions('POST', CONFIG_MAPS, headers))
      request.on('error', () => {})
      request.write('{"metadata":')
      await once(request, 'socket')
      request.destroy()
    }
    await isWell()
    assert.equal((await server.send('GET', `${CONFIG_MAPS}/half`)).code, 404)
  })

  test('a client that vanishes in the middle of an answer does not hold it', async () => {
    for (let count = 0; count < 6; count++) await add(`large-${count}`, 'x'.repeat(900_000))
    for (let count = 0; count < 5; count++) {
      const session = harness.connect()
      session.on('error', () => {})
      const stream = session.request({ ':path': CONFIG_MAPS })
      stream.on('error', () => {})
      await once(stream, 'data')
      session.destroy()
    }
    await isWell()
    for (let count = 0; count < 6; count++)
      await server.send('DELETE', `${CONFIG_MAPS}/large-${count}`)
  })

  test('streams that are reset as soon as they begin do not keep others from answers', async () => {
    const session = harness.connect()
    session.on('error', () => {})
    await once(session, 'remoteSettings')
    for (let round = 0; round < 10 && !session.destroyed; round++) {
      for (let count = 0; count < 250; count++) {
        if (session.destroyed || session.closed) break
        const stream = session.request({ ':path': `${CONFIG_MAPS}?watch=true` })
        stream.on('error', () => {})
        stream.close(8)
      }
      await isWell()
    }
    session.destroy()
    await eventually(() => watchers() === 0, 'watches of streams that were reset')
  })

  test('bytes that are no protocol end their connection and no other', async () => {
    const random = seededRandom(7)
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n')
    const noise = (length: number) =>
      Buffer.from(Array.from({ length }, () => Math.floor(random.next() * 256)))
    for (let count = 0; count < 40; count++) {
      const isNew = count % 2 === 0
      const socket = connectTls({
        host: '127.0.0.1',
        port: harness.port,
        ca: harness.identities.authority,
        ALPNProtocols: [isNew ? 'h2' : 'http/1.1'],
      })
      socket.on('error', () => {})
      await once(socket, 'secureConnect')
      if (isNew) socket.write(preface)
      socket.write(noise(1 + Math.floor(random.next() * 5000)))
      if (!isNew) socket.write('\r\n\r\n')
      socket.end()
      socket.resume()
      await Promise.race([once(socket, 'close'), sleep(200)])
      socket.destroy()
    }
    await isWell()
  })

  test('a certificate of another authority proves nothing', async () => {
    const stranger = await (await createTlsIdentities()).client('admin', ['system:masters'])
    let proof: unknown = 'not asked'
    const handler = harness.handler
    harness.handler = (request) => {
      proof = request.connection?.peerCertificate
      return handler(request)
    }
    const identity = { cert: stranger.certificate, key: stranger.key }
    await harness.http1('GET', CONFIG_MAPS, {}, undefined, identity)
    harness.handler = handler
    assert.equal(proof, undefined)
    await isWell()
  })

  test('the watch of a client that does not read is ended, and holds a bounded queue', async () => {
    const session = harness.connect({ settings: { initialWindowSize: 1024 } })
    session.on('error', () => {})
    const stream = session.request({ ':path': `${CONFIG_MAPS}?watch=true` })
    stream.on('error', () => {})
    await once(stream, 'response')
    await eventually(() => watchers() === 1, 'the watch has not begun')
    await add('busy', '')
    const change = (data: string) =>
      server.send('PUT', `${CONFIG_MAPS}/busy`, {
        body: { metadata: { name: 'busy' }, data: { data } },
      })
    const large = 'x'.repeat(1_000_000)
    let written = 0
    while (watchers() > 0 && written < 200) await change(`${written++}${large}`)
    assert.equal(watchers(), 0, `after ${written} MB the watch is still there`)
    assert.ok(written < 150, `${written} MB were kept for one client`)
    session.destroy()
    await isWell()
  })

  test('a thousand watches get every event, share its bytes, and are gone with their clients', async () => {
    const sessions = Array.from({ length: 4 }, () => harness.connect())
    const streams: ClientHttp2Stream[] = []
    const ended = { count: 0 }
    const [events, bytes] = [10, 1000]
    for (const session of sessions) {
      for (let count = 0; count < 250; count++) {
        const stream = session.request({
          ':path': `${CONFIG_MAPS}?watch=true&fieldSelector=metadata.name%3Dshared`,
        })
        stream.on('error', () => {})
        let lines = 0
        stream.on('data', (chunk: Buffer) => {
          for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) {
            lines += 1
            if (lines === events) ended.count += 1
          }
        })
        streams.push(stream)
      }
    }
    await eventually(() => watchers() === 1000, 'not all watches have begun')
    const before = process.memoryUsage().heapUsed
    await add('shared', '')
    for (let count = 1; count < events; count++) {
      const body = { metadata: { name: 'shared' }, data: { data: `${count}`.padEnd(bytes) } }
      await server.send('PUT', `${CONFIG_MAPS}/shared`, { body })
    }
    await eventually(() => ended.count === 1000, 'not all watches got all events')
    const grownBytes = process.memoryUsage().heapUsed - before
    assert.ok(grownBytes < 100e6, `${Math.round(grownBytes / 1e6)} MB for 1,000 watches`)
    for (const session of sessions) session.destroy()
    await eventually(() => watchers() === 0, 'watches of clients that have gone')
  })
})

/** Waits for what others do on real connections. */
async function eventually(isTrue: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 1000; tries++) {
    if (isTrue()) return
    await sleep(10)
  }
  assert.fail(what)
}

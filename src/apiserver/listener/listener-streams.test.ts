import assert from 'node:assert/strict'
import { once } from 'node:events'
import { constants } from 'node:http2'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { connect } from 'node:tls'
import { collect, frameQueue, TestListener } from '../../../test/support/test-listener.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { systemRandom } from '../../base/random.ts'
import { StatusError } from '../../machinery/status-error.ts'
import type { ServerRequest } from '../request.ts'
import type { WatchFrame } from '../response.ts'
import { Listener } from './listener.ts'

const PODS = '/api/v1/namespaces/default/pods'

describe('listener: what lasts', { timeout: 60_000 }, () => {
  let harness: TestListener

  before(async () => {
    harness = await TestListener.start(systemClock)
  })

  after(async () => {
    await harness.listener.close()
    harness.session.destroy()
  })

  test('a watch sends each event at once and ends with its source', async () => {
    const frames = frameQueue()
    harness.handler = async () => ({
      type: 'watch',
      code: 200,
      contentType: 'application/json',
      batches: frames.batches,
    })
    const stream = harness.session.request({ ':path': `${PODS}?watch=1` })
    const [head] = await once(stream, 'response')
    assert.equal(head['content-type'], 'application/json')
    stream.setEncoding('utf8')
    frames.push('1')
    assert.equal((await once(stream, 'data'))[0], '1\n')
    frames.push('2', '3')
    let text = ''
    stream.on('data', (chunk) => {
      text += chunk
    })
    frames.end()
    await once(stream, 'end')
    assert.equal(text, '2\n3\n')
  })

  test('what a HEAD does not send is not kept waiting', async () => {
    const body = new Readable({ read() {} })
    harness.handler = async () => ({ type: 'stream', code: 200, headers: {}, body })
    const closed = once(body, 'close')
    const stream = harness.session.request({ ':path': '/logs/', ':method': 'HEAD' })
    await Promise.all([once(stream, 'response'), closed])
    assert.ok(body.destroyed)
  })

  test('a client that goes away aborts its watch', async () => {
    const frames = frameQueue()
    let request: ServerRequest | undefined
    harness.handler = async (call) => {
      request = call
      return { type: 'watch', code: 200, contentType: 'a/b', batches: frames.batches }
    }
    const stream = harness.session.request({ ':path': `${PODS}?watch=1` })
    await once(stream, 'response')
    assert.ok(request !== undefined)
    const aborted = once(request.signal, 'abort')
    stream.close()
    await aborted
    frames.end()
  })

  test('a client that does not read stops the source', async () => {
    const big = Buffer.alloc(1024 * 1024)
    let pulled = 0
    const batches = (async function* (): AsyncGenerator<readonly WatchFrame[]> {
      for (; pulled < 100; pulled++) yield [{ event: {} as never, bytes: () => big }]
    })()
    harness.handler = async () => ({ type: 'watch', code: 200, contentType: 'a/b', batches })
    const stream = harness.session.request({ ':path': `${PODS}?watch=1` })
    await once(stream, 'response')
    const before = pulled
    for (let turn = 0; turn < 200; turn++) await setImmediate()
    assert.ok(pulled < 20, `${pulled} MB were taken though nobody reads (${before} at first)`)
    stream.resume()
    await once(stream, 'end')
    assert.equal(pulled, 100)
  })

  test('an upgrade hands the socket over; a refused one is answered', async () => {
    harness.handler = async ({ connection }) => {
      const taken = connection?.takeOver?.()
      taken?.socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhello',
      )
      return { type: 'upgraded' }
    }
    const headers = { connection: 'upgrade', upgrade: 'x' }
    const accepted = httpsRequest(harness.requestOptions('GET', PODS, headers)).end()
    const [, , head] = await once(accepted, 'upgrade')
    assert.equal(head.toString(), 'hello')
    harness.handler = async () => {
      throw new StatusError('Forbidden', 'no')
    }
    const refused = await harness.http1('GET', PODS, headers)
    assert.equal(refused.code, 403)
    assert.equal(JSON.parse(refused.body.toString()).message, 'no')
  })

  test('many large answers on one connection do not end it', async () => {
    const large = Buffer.alloc(4 * 1024 * 1024, 'l')
    harness.handler = async () => ({
      type: 'encoded',
      code: 200,
      contentType: 'text/plain',
      chunks: () => [large],
      object: () => '',
    })
    const own = harness.connect({ settings: { initialWindowSize: 64 * 1024 } })
    let calm = 0
    own.on('goaway', (code) => {
      calm = code
    })
    const streams = Array.from({ length: 20 }, () => own.request({ ':path': PODS }))
    await Promise.all(streams.map((stream) => once(stream, 'response')))
    const bodies = await Promise.all(streams.map(collect))
    assert.ok(bodies.every((body) => body.length === large.length))
    assert.equal(calm, 0)
    own.close()
  })

  test('a shutdown ends watches, lets answers be given, and takes no new connections', async () => {
    const second = await TestListener.start(systemClock)
    const own = second.session
    const frames = frameQueue()
    let answer: (() => void) | undefined
    second.handler = async (request) => {
      if (request.info.verb === 'watch') {
        request.signal.addEventListener('abort', () => frames.end())
        return { type: 'watch', code: 200, contentType: 'a/b', batches: frames.batches }
      }
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return { type: 'object', code: 200, object: 'late' }
    }
    const watching = own.request({ ':path': `${PODS}?watch=1` })
    await once(watching, 'response')
    const slow = own.request({ ':path': PODS })
    slow.end()
    while (answer === undefined) await setImmediate()
    const closing = second.listener.close()
    const [watched] = await Promise.all([collect(watching), once(own, 'goaway')])
    assert.equal(watched.length, 0)
    answer()
    assert.equal((await collect(slow)).toString(), '"late"\n')
    if (!slow.closed) await once(slow, 'close')
    assert.equal(slow.rstCode, constants.NGHTTP2_NO_ERROR, 'the answer has its end')
    await closing
    const late = second.connect()
    const [error] = await once(late, 'error')
    assert.equal(error.code, 'ECONNREFUSED')
  })

  test('what comes by an open connection while a shutdown waits does not make it wait longer', async () => {
    const second = await TestListener.start(systemClock)
    const frames = frameQueue()
    let answer: (() => void) | undefined
    second.handler = async (request) => {
      if (request.info.verb === 'watch') {
        if (request.signal.aborted) frames.end()
        else request.signal.addEventListener('abort', () => frames.end())
        return { type: 'watch', code: 200, contentType: 'a/b', batches: frames.batches }
      }
      if (request.info.verb === 'get') return { type: 'object', code: 200, object: 'quick' }
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return { type: 'object', code: 200, object: 'late' }
    }
    const ca = second.identities.authority
    const open = async () => {
      const socket = connect({ host: '127.0.0.1', port: second.port, ca })
      await once(socket, 'secureConnect')
      return socket
    }
    const [watching, getting] = await Promise.all([open(), open()])
    const slow = second.session.request({ ':path': PODS })
    slow.end()
    while (answer === undefined) await setImmediate()
    const closing = second.listener.close()
    const ask = async (socket: typeof watching, path: string) => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`)
      return (await collect(socket)).toString()
    }
    const watched = await ask(watching, `${PODS}?watch=1`)
    assert.match(watched, /^HTTP\/1.1 200 [\s\S]*\r\nConnection: close\r\n/)
    assert.match(await ask(getting, `${PODS}/a`), /\r\nConnection: close\r\n[\s\S]*"quick"/)
    answer()
    await closing
    second.session.destroy()
  })

  test('a busy port is an error with its code', async () => {
    const { server, authority } = harness.identities
    const second = new Listener({
      handler: harness.handler,
      tls: { ...server, clientAuthority: authority },
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
    })
    await assert.rejects(second.listen(harness.port, '127.0.0.1'), { code: 'EADDRINUSE' })
  })
})

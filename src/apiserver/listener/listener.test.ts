import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import { createTlsIdentities, type TlsIdentities } from '../../../test/support/tls-identities.ts'
import { VirtualClock } from '../../../test/support/virtual-clock.ts'
import { systemClock } from '../../base/clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { systemRandom } from '../../base/random.ts'
import { StatusError } from '../../machinery/status-error.ts'
import type { Handler, ServerRequest, WatchFrame } from '../request.ts'
import { Listener } from './listener.ts'

interface Answer {
  readonly code: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Buffer
}

const PODS = '/api/v1/namespaces/default/pods'

describe('listener', { timeout: 20_000 }, () => {
  let identities: TlsIdentities
  let listener: Listener
  let address: AddressInfo
  let session: ClientHttp2Session
  let handler: Handler
  const clock = new VirtualClock()

  before(async () => {
    identities = await createTlsIdentities()
    listener = new Listener({
      handler: (request) => handler(request),
      tls: {
        certificate: identities.server.certificate,
        key: identities.server.key,
        clientAuthority: identities.authority,
      },
      clock,
      random: systemRandom,
      logger: silentLogger,
    })
    address = await listener.listen(0, '127.0.0.1')
    session = connect(`https://127.0.0.1:${address.port}`, { ca: identities.authority })
  })

  after(async () => {
    const closing = listener.close()
    await clock.advance(20_000)
    await closing
    session.destroy()
    assert.equal(clock.pendingTimers, 0)
  })

  beforeEach(() => {
    handler = async () => ({ type: 'object', code: 200, object: { kind: 'Pod', n: 1 } })
  })

  const versions = { 'HTTP/1.1': http1, 'HTTP/2': http2 }
  for (const [version, call] of Object.entries(versions)) {
    test(`${version}: an object and its headers`, async () => {
      handler = async (request) => {
        request.addWarning('spec.x is deprecated, use "y"')
        request.addWarning('grüße')
        return { type: 'object', code: 201, object: { path: request.path } }
      }
      const { code, headers, body } = await call('GET', `${PODS}/a%20b?x=1`)
      assert.equal(code, 201)
      assert.equal(body.toString(), `{"path":"${PODS}/a b"}\n`)
      assert.equal(headers['content-type'], 'application/json')
      assert.equal(headers['cache-control'], 'no-cache, private')
      assert.equal(headers['content-length'], String(body.length))
      assert.match(String(headers['audit-id']), /^[0-9a-f-]{36}$/)
      const warning = Buffer.from(String(headers['warning']), 'latin1').toString()
      assert.equal(warning, '299 - "spec.x is deprecated, use \\"y\\"", 299 - "grüße"')
    })

    test(`${version}: a StatusError is answered as its Status, YAML where asked for`, async () => {
      handler = async () => {
        throw new StatusError('TooManyRequests', 'later', { details: { retryAfterSeconds: 3 } })
      }
      const { code, headers, body } = await call('GET', PODS, { accept: 'application/yaml' })
      assert.equal(code, 429)
      assert.equal(headers['retry-after'], '3')
      assert.equal(headers['content-type'], 'application/yaml')
      assert.match(
        body.toString(),
        /^apiVersion: v1\ncode: 429\ndetails:\n {2}retryAfterSeconds: 3/,
      )
    })

    test(`${version}: an unexpected error is a 500 without its details`, async () => {
      handler = async () => {
        throw new Error('secret')
      }
      const { code, body } = await call('GET', PODS)
      assert.equal(code, 500)
      assert.doesNotMatch(body.toString(), /secret/)
    })

    test(`${version}: a body arrives whole; one of over 3 MB is a 413`, async () => {
      handler = async (request) => ({
        type: 'object',
        code: 200,
        object: (await request.body()).length,
      })
      const small = await call('POST', PODS, {}, Buffer.alloc(3 * 1024 * 1024))
      assert.equal(small.body.toString(), '3145728\n')
      const large = await call('POST', PODS, {}, Buffer.alloc(3 * 1024 * 1024 + 1))
      assert.equal(large.code, 413)
      assert.match(large.body.toString(), /Request entity is too large: limit is 3145728/)
    })

    test(`${version}: several buffers are one body, gzipped if it is large`, async () => {
      const part = Buffer.alloc(100 * 1024, 'x')
      handler = async () => ({
        type: 'encoded',
        code: 200,
        contentType: 'application/json',
        chunks: () => [part, part, part],
        object: () => ({}),
      })
      const plain = await call('GET', PODS)
      assert.equal(plain.body.length, 300 * 1024)
      const gzipped = await call('GET', PODS, { 'accept-encoding': 'gzip' })
      assert.equal(gzipped.headers['content-encoding'], 'gzip')
      assert.equal(gunzipSync(gzipped.body).length, 300 * 1024)
    })

    test(`${version}: encoded JSON becomes YAML, and is indented for curl`, async () => {
      handler = async () => ({
        type: 'encoded',
        code: 200,
        contentType: 'application/json',
        chunks: () => [Buffer.from('{"kind":"Pod"}\n')],
        object: () => ({ kind: 'Pod', big: 2n ** 60n }),
      })
      const yaml = await call('GET', PODS, { accept: 'application/yaml' })
      assert.equal(yaml.body.toString(), 'big: 1152921504606846976\nkind: Pod\n')
      const curl = await call('GET', PODS, { 'user-agent': 'curl/8' })
      assert.equal(curl.body.toString(), '{"kind":"Pod","big":1152921504606846976}\n')
    })

    test(`${version}: HEAD and 304 have no body`, async () => {
      const head = await call('HEAD', PODS)
      assert.equal(head.code, 200)
      assert.equal(head.body.length, 0)
      handler = async () => ({ type: 'object', code: 304, object: {}, headers: { etag: '"1"' } })
      const unchanged = await call('GET', PODS)
      assert.equal(unchanged.code, 304)
      assert.equal(unchanged.headers['etag'], '"1"')
    })

    test(`${version}: a request that takes too long is a 504, and is aborted`, async () => {
      let signal: AbortSignal | undefined
      handler = (request) => {
        signal = request.signal
        return new Promise(() => {})
      }
      const answer = call('GET', `${PODS}?timeout=5s`)
      while (signal === undefined) await setImmediate()
      await clock.advance(5000)
      const { code, body } = await answer
      assert.equal(code, 504)
      assert.equal(
        JSON.parse(body.toString()).message,
        'Timeout: request did not complete within the allotted timeout',
      )
      assert.ok(signal.aborted)
    })

    test(`${version}: a timeout that is no duration is a 400`, async () => {
      const { code, body } = await call('GET', `${PODS}?timeout=x`)
      assert.equal(code, 400)
      assert.equal(
        JSON.parse(body.toString()).message,
        'invalid timeout specified in the request URL - time: invalid duration "x"',
      )
    })

    test(`${version}: a certificate of the authority is proof, others are none`, async () => {
      const pair = await identities.client('alice', ['dev'])
      const stranger = await (await createTlsIdentities()).client('alice', ['dev'])
      let subject: string | undefined
      handler = async ({ connection }) => {
        const certificate = connection?.peerCertificate
        subject = certificate && new X509Certificate(certificate).subject
        return { type: 'object', code: 200, object: {} }
      }
      await call('GET', PODS, {}, undefined, { cert: pair.certificate, key: pair.key })
      assert.equal(subject, 'O=dev\nCN=alice')
      await call('GET', PODS)
      assert.equal(subject, undefined)
      const { certificate: cert, key } = stranger
      await call('GET', PODS, {}, undefined, { cert, key })
      assert.equal(subject, undefined)
    })
  }

  test('a watch sends each event at once and ends with its source', async () => {
    const frames = frameQueue()
    handler = async () => ({
      type: 'watch',
      code: 200,
      contentType: 'application/json',
      batches: frames.batches,
    })
    const stream = session.request({ ':path': `${PODS}?watch=1` })
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

  test('a client that goes away aborts its watch', async () => {
    const frames = frameQueue()
    let request: ServerRequest | undefined
    handler = async (call) => {
      request = call
      return { type: 'watch', code: 200, contentType: 'a/b', batches: frames.batches }
    }
    const stream = session.request({ ':path': `${PODS}?watch=1` })
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
    handler = async () => ({ type: 'watch', code: 200, contentType: 'a/b', batches })
    const stream = session.request({ ':path': `${PODS}?watch=1` })
    await once(stream, 'response')
    const before = pulled
    for (let turn = 0; turn < 200; turn++) await setImmediate()
    assert.ok(pulled < 20, `${pulled} MB were taken though nobody reads (${before} at first)`)
    stream.resume()
    await once(stream, 'end')
    assert.equal(pulled, 100)
  })

  test('an upgrade hands the socket over; a refused one is answered', async () => {
    handler = async ({ connection }) => {
      const taken = connection?.takeOver?.()
      taken?.socket.end(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nhello',
      )
      return { type: 'upgraded' }
    }
    const headers = { connection: 'upgrade', upgrade: 'x' }
    const accepted = httpsRequest(requestOptions('GET', PODS, headers)).end()
    const [, , head] = await once(accepted, 'upgrade')
    assert.equal(head.toString(), 'hello')
    handler = async () => {
      throw new StatusError('Forbidden', 'no')
    }
    const refused = await http1('GET', PODS, headers)
    assert.equal(refused.code, 403)
    assert.equal(JSON.parse(refused.body.toString()).message, 'no')
  })

  test('a busy port is an error with its code', async () => {
    const { certificate, key } = identities.server
    const second = new Listener({
      handler,
      tls: { certificate, key, clientAuthority: identities.authority },
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
    })
    await assert.rejects(second.listen(address.port, '127.0.0.1'), { code: 'EADDRINUSE' })
  })

  function requestOptions(
    method: string,
    path: string,
    headers: Record<string, string>,
  ): RequestOptions {
    const { port } = address
    return {
      host: '127.0.0.1',
      port,
      ca: identities.authority,
      agent: false,
      method,
      path,
      headers,
    }
  }

  async function http1(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: Buffer,
    identity: { cert?: string; key?: string } = {},
  ): Promise<Answer> {
    const request = httpsRequest({ ...requestOptions(method, path, headers), ...identity })
    request.on('error', () => {}) // The server may close before it has read a body it refuses.
    request.end(body)
    const [response] = await once(request, 'response')
    const joined = { ...response.headers }
    return { code: response.statusCode, headers: joined, body: await collect(response) }
  }

  async function http2(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: Buffer,
    identity: { cert?: string; key?: string } = {},
  ): Promise<Answer> {
    const own = identity.cert !== undefined
    const url = `https://127.0.0.1:${address.port}`
    const used = own ? connect(url, { ca: identities.authority, ...identity }) : session
    const stream = used.request(
      { ':method': method, ':path': path, ...headers },
      { endStream: body === undefined },
    )
    stream.on('error', () => {})
    if (body !== undefined) stream.end(body)
    const [head] = await once(stream, 'response')
    const answer = { code: head[':status'], headers: head, body: await collect(stream) }
    if (own) used.close()
    return answer
  }
})

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function frameQueue() {
  const waiting: WatchFrame[] = []
  let wake = () => {}
  let isEnded = false
  async function* batches(): AsyncGenerator<readonly WatchFrame[]> {
    for (;;) {
      if (waiting.length > 0) yield waiting.splice(0)
      if (isEnded && waiting.length === 0) return
      if (waiting.length > 0) continue
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  return {
    batches: batches(),
    push(...texts: string[]) {
      for (const text of texts) {
        waiting.push({ event: {} as never, bytes: () => Buffer.from(`${text}\n`) })
      }
      wake()
    },
    end() {
      isEnded = true
      wake()
    },
  }
}

import assert from 'node:assert/strict'
import { createSecureServer, type Http2SecureServer, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import type { TLSSocket } from 'node:tls'
import { systemClock } from '../src/base/clock.ts'
import { ApiClient } from '../src/client/api-client.ts'
import { HttpTransport } from '../src/client/http/http-transport.ts'
import type { TransportRequest } from '../src/client/transport.ts'
import { ConfigMap } from '../src/kinds/core/v1/config-map.ts'
import type { StatusError } from '../src/machinery/status-error.ts'
import { createTlsIdentities, type TlsIdentities } from './support/tls-identities.ts'

type Answer = (stream: ServerHttp2Stream, request: Request) => void
interface Request {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  readonly commonName: string | undefined
}

/** A server that answers as a test says, over real TLS on loopback. */
class TestHttpServer {
  readonly requests: Request[] = []
  answer: Answer = (stream) => json(stream, 200, {})
  readonly #server: Http2SecureServer
  readonly #sessions = new Set<{ destroy(): void; goaway(): void; close(): void }>()

  constructor({ server, authority }: TlsIdentities) {
    this.#server = createSecureServer({
      cert: server.certificate,
      key: server.key,
      ca: authority,
      requestCert: true,
      rejectUnauthorized: false,
    })
    this.#server.on('session', (session) => {
      this.#sessions.add(session)
      session.once('close', () => this.#sessions.delete(session))
    })
    this.#server.on('stream', (stream, headers) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('error', () => {}) // Clients in these tests go away.
      stream.on('end', () => {
        const socket = stream.session?.socket as TLSSocket | undefined
        const request = {
          method: `${headers[':method']}`,
          path: `${headers[':path']}`,
          headers,
          body: Buffer.concat(chunks).toString(),
          commonName: [socket?.getPeerCertificate?.().subject?.CN].flat()[0],
        }
        this.requests.push(request)
        this.answer(stream, request)
      })
    })
  }

  async listen(port = 0): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(port, '127.0.0.1', resolve))
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get sessions(): number {
    return this.#sessions.size
  }

  cutConnections(): void {
    for (const session of this.#sessions) session.destroy()
  }

  async close(): Promise<void> {
    this.cutConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

function json(stream: ServerHttp2Stream, code: number, value: unknown, headers = {}): void {
  stream.respond({ ':status': code, 'content-type': 'application/json', ...headers })
  stream.end(JSON.stringify(value))
}

describe('the client over HTTP', () => {
  let identities: TlsIdentities
  let server: TestHttpServer
  let address: string
  const transports: HttpTransport[] = []

  before(async () => {
    identities = await createTlsIdentities()
    server = new TestHttpServer(identities)
    address = await server.listen()
  })

  after(async () => {
    for (const transport of transports) transport[Symbol.dispose]()
    await server.close()
  })

  function connect(options: Partial<ConstructorParameters<typeof HttpTransport>[0]> = {}) {
    server.requests.length = 0
    const transport = new HttpTransport({
      server: address,
      credentials: async () => ({ ca: identities.authority }),
      userAgent: 'wherry-test',
      clock: systemClock,
      ...options,
    })
    transports.push(transport)
    return transport
  }

  const get = (path: string): TransportRequest => ({ method: 'GET', path })

  test('a call carries path, query, body and token; the token is read each time', async () => {
    let token = 'first'
    const client = new ApiClient(connect({ bearerToken: async () => token }))
    const object = { metadata: { name: 'a', namespace: 'n' }, data: { x: '1' } }
    server.answer = (stream, { body }) => json(stream, 201, JSON.parse(body))
    const created = await client.create(ConfigMap, object, { fieldManager: 'me', dryRun: true })
    token = 'second'
    await client.patch(ConfigMap, { namespace: 'n', name: 'a' }, 'application/merge-patch+json', {})
    const [post, patch] = server.requests
    assert.equal(post?.method, 'POST')
    assert.equal(post?.path, '/api/v1/namespaces/n/configmaps?dryRun=All&fieldManager=me')
    assert.equal(post?.headers['authorization'], 'Bearer first')
    assert.equal(post?.headers['user-agent'], 'wherry-test')
    assert.deepEqual(JSON.parse(post?.body ?? ''), {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      ...object,
    })
    assert.equal(created.data?.['x'], '1')
    assert.equal(patch?.headers['authorization'], 'Bearer second')
    assert.equal(patch?.headers['content-type'], 'application/merge-patch+json')
  })

  test('a client certificate says who asks, and a server of another authority is refused', async () => {
    const { certificate, key } = await identities.client('somebody')
    server.answer = (stream) => json(stream, 200, {})
    const known = connect({
      credentials: async () => ({ ca: identities.authority, certificate, key }),
    })
    await known.request(get('/version'))
    assert.equal(server.requests[0]?.commonName, 'somebody')
    const other = await createTlsIdentities()
    const wary = connect({ credentials: async () => ({ ca: other.authority }) })
    await assert.rejects(wary.request(get('/version')), (error: StatusError) => {
      assert.equal(error.reason, 'ServiceUnavailable')
      return error.message.includes('GET /version: ')
    })
  })

  test('a failure is the StatusError that the server sent', async () => {
    const transport = connect()
    const details = { name: 'x', kind: 'pods' }
    server.answer = (stream) =>
      json(stream, 404, {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        message: 'pods "x" not found',
        reason: 'NotFound',
        details,
        code: 404,
      })
    await assert.rejects(transport.request(get('/x')), (error: StatusError) => {
      assert.deepEqual(
        [error.reason, error.code, error.message],
        ['NotFound', 404, 'pods "x" not found'],
      )
      assert.deepEqual(error.details, details)
      return true
    })
    server.answer = (stream) => {
      stream.respond({ ':status': 502 })
      stream.end('bad gateway')
    }
    await assert.rejects(transport.request(get('/x')), { code: 502, message: /502: bad gateway$/ })
  })

  test('a request that the server wants again is sent again after the time it names', async () => {
    const transport = connect()
    server.answer = (stream) => {
      if (server.requests.length < 3) json(stream, 429, {}, { 'retry-after': '0' })
      else json(stream, 200, { ok: true })
    }
    assert.deepEqual(await transport.request(get('/x')), { ok: true })
    assert.equal(server.requests.length, 3)
  })

  test('a watch gives events in order, whatever the pieces they come in', async () => {
    const transport = connect()
    const events = Array.from({ length: 50 }, (_, index) => ({
      type: 'ADDED',
      object: { metadata: { name: `grüße-${index}`, resourceVersion: `${index}` } },
    }))
    server.answer = (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/json' })
      const bytes = Buffer.from(events.map((event) => `${JSON.stringify(event)}\n`).join(''))
      for (let at = 0; at < bytes.length; at += 7) stream.write(bytes.subarray(at, at + 7))
      stream.end()
    }
    const seen: unknown[] = []
    for await (const event of transport.watch(get('/x'))) seen.push(event)
    assert.deepEqual(seen, events)
  })

  test('an ERROR event of a watch is thrown, and an abort ends it quietly', async () => {
    const transport = connect()
    const expired = { kind: 'Status', message: 'too old', reason: 'Expired', code: 410 }
    server.answer = (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/json' })
      stream.end(`${JSON.stringify({ type: 'ERROR', object: expired })}\n`)
    }
    const read = async (request: TransportRequest) => {
      for await (const _ of transport.watch(request));
    }
    await assert.rejects(read(get('/x')), { reason: 'Expired', code: 410 })
    server.answer = (stream) => stream.respond({ ':status': 200 })
    const stop = new AbortController()
    const reading = read({ ...get('/x'), signal: stop.signal })
    while (server.requests.length < 2) await new Promise(setImmediate)
    stop.abort()
    await reading
  })

  test('a lost connection ends a watch with an error, and the next call makes a new one', async () => {
    const transport = connect()
    server.answer = (stream, { path }) => {
      if (path === '/watch') stream.respond({ ':status': 200 })
      else json(stream, 200, { path })
    }
    const reading = (async () => {
      for await (const _ of transport.watch(get('/watch')));
    })()
    while (server.requests.length < 1) await new Promise(setImmediate)
    await new Promise((resolve) => setTimeout(resolve, 20))
    server.cutConnections()
    await assert.rejects(reading, { reason: 'ServiceUnavailable' })
    assert.deepEqual(await transport.request(get('/again')), { path: '/again' })
  })

  test('new credentials count from the next call on', async () => {
    const names = ['first', 'second']
    const transport = connect({
      credentials: async () => {
        const { certificate, key } = await identities.client(names.shift() ?? 'nobody')
        return { ca: identities.authority, certificate, key }
      },
    })
    server.answer = (stream) => json(stream, 200, {})
    await transport.request(get('/a'))
    await transport.request(get('/b'))
    transport.reconnect()
    await transport.request(get('/c'))
    assert.deepEqual(
      server.requests.map(({ commonName }) => commonName),
      ['first', 'first', 'second'],
    )
  })

  test('a server that is not there is told as such, and a closed transport asks nobody', async () => {
    const gone = new TestHttpServer(identities)
    const where = await gone.listen()
    await gone.close()
    const transport = connect({ server: where })
    await assert.rejects(transport.request(get('/x')), (error: StatusError) => {
      assert.equal(error.reason, 'ServiceUnavailable')
      return /ECONNREFUSED/.test(error.message)
    })
    const closed = connect()
    closed[Symbol.dispose]()
    await assert.rejects(closed.request(get('/x')), /the transport is closed/)
  })
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { Readable } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { createTlsIdentities, type TlsIdentities } from '../../test/support/tls-identities.ts'
import { openHttpsPool, type Pool, type PooledRequest } from './https-pool.ts'

describe('connections that are used again', { timeout: 10_000 }, () => {
  let identities: TlsIdentities
  before(async () => {
    identities = await createTlsIdentities()
  })

  /** A server, and a pool that trusts it; both end with the test. */
  async function start(listener: RequestListener) {
    const { certificate, key } = identities.server
    const server = createServer({ cert: certificate, key }, listener)
    server.keepAliveTimeout = 60_000 // Longer than any test waits for an end.
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const pool = openHttpsPool({ authority: identities.authority })
    after(() => {
      pool[Symbol.dispose]()
      server.close()
      server.closeAllConnections()
    })
    return { pool, port, server }
  }

  async function ask(pool: Pool, port: number, request: Partial<PooledRequest> = {}) {
    const target = { host: '127.0.0.1', serverName: 'localhost', port }
    const answer = await pool.send({ ...target, method: 'GET', path: '/', headers: {}, ...request })
    return answer.type === 'response' ? answer.body : assert.fail(answer.type)
  }

  async function send(...request: Parameters<typeof ask>): Promise<string> {
    const body = await ask(...request)
    return (await body.toArray()).join('')
  }

  test('one that breaks before the answer is tried anew, if what is asked may be asked twice', async () => {
    let asked = 0
    const { pool, port } = await start((request, response) => {
      asked++
      const isSecond = asked === 2
      request.resume().once('end', () => (isSecond ? request.socket.destroy() : response.end('ok')))
    })
    const body = Buffer.from('{}')
    assert.equal(await send(pool, port), 'ok')
    assert.equal(await send(pool, port), 'ok')
    assert.equal(asked, 3)
    asked = 1
    await assert.rejects(send(pool, port, { method: 'POST', body }), { code: 'ECONNRESET' })
    assert.equal(await send(pool, port), 'ok')
    asked = 1
    assert.equal(await send(pool, port, { method: 'POST', body, isRepeatable: true }), 'ok')
  })

  test('one that breaks within the answer is not: nobody waits for a second one', async () => {
    let asked = 0
    const connections: Socket[] = []
    const { pool, port, server } = await start((_request, response) => {
      asked++
      if (asked === 2) response.write('begun')
      else response.end('ok')
    })
    server.on('connection', (socket) => connections.push(socket as Socket))
    assert.equal(await send(pool, port), 'ok')
    const body = await ask(pool, port)
    connections[0]?.resetAndDestroy()
    await assert.rejects(body.toArray(), { code: 'ECONNRESET' })
    assert.equal(await send(pool, port), 'ok')
    assert.equal(asked, 3)
  })

  test('what has a body says where it ends, so that nothing of it is a request of its own', async () => {
    const asked: string[] = []
    const { pool, port } = await start(async (request, response) => {
      const body = (await request.toArray()).join('')
      asked.push(`${request.method} ${request.url} ${body}`)
      response.end('ok')
    })
    const forged = 'GET /forged HTTP/1.1\r\nHost: x\r\nX-Remote-User: admin\r\n\r\n'
    const wanted: string[] = []
    for (const method of ['DELETE', 'OPTIONS', 'GET', 'POST']) {
      for (const body of [Buffer.from(forged), Readable.from([Buffer.from(forged)])]) {
        assert.equal(await send(pool, port, { method, body }), 'ok')
        assert.equal(await send(pool, port, { path: '/next' }), 'ok')
        wanted.push(`${method} / ${forged}`, 'GET /next ')
      }
    }
    assert.deepEqual(asked, wanted)
  })

  test('a pool that is closed keeps none', async () => {
    const { pool, port, server } = await start((_request, response) => void response.end('ok'))
    const closed = once(server, 'connection').then(([socket]) => once(socket, 'close'))
    assert.equal(await send(pool, port), 'ok')
    pool[Symbol.dispose]()
    await closed
  })

  test('a server is known by its name, also where a connection to it is open', async () => {
    const { pool, port } = await start((_request, response) => void response.end('ok'))
    assert.equal(await send(pool, port), 'ok')
    assert.equal(await send(pool, port, { serverName: '127.0.0.1' }), 'ok')
    const wrong = send(pool, port, { serverName: 'other.example' })
    await assert.rejects(wrong, { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  })
})

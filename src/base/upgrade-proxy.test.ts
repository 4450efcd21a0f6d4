import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { after, before, describe, test } from 'node:test'
import { sendRequest } from './http-backend.ts'
import { proxyUpgrade } from './upgrade-proxy.ts'

const COOKIES = ['a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT', 'b=2']

describe('upgrade proxy', { timeout: 10_000 }, () => {
  const backend = createServer((_request, response) => {
    response.writeHead(404, { 'x-why': 'none', 'set-cookie': COOKIES }).end('no such container')
  })
  const front = createServer()
  const outcomes: Promise<void>[] = []

  const listen = async (server: Server): Promise<number> => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  before(async () => {
    backend.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: echo\r\n' +
          COOKIES.map((cookie) => `set-cookie: ${cookie}\r\n`).join('') +
          `x-saw: ${incoming.headers['x-stream-protocol-version']}\r\n\r\nearly `,
      )
      socket.write(head)
      socket.pipe(socket)
    })
    const port = await listen(backend)
    front.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      const { url: path = '/', method = 'GET' } = incoming
      const headers = { connection: 'upgrade', upgrade: 'echo', 'x-stream-protocol-version': 'v4' }
      const passed = path === '/refused' ? {} : headers
      outcomes.push(
        proxyUpgrade(
          { socket, head },
          { host: '127.0.0.1', port },
          { method, path, headers: passed },
          sendRequest,
        ),
      )
    })
    await listen(front)
  })

  after(async () => {
    await Promise.all(outcomes)
    await Promise.all([backend, front].map((server) => new Promise((done) => server.close(done))))
  })

  const upgrade = (path: string) =>
    request({
      host: '127.0.0.1',
      port: (front.address() as AddressInfo).port,
      path,
      method: 'POST',
      headers: { connection: 'upgrade', upgrade: 'echo' },
    }).end()

  test('bytes pass in both directions, and an end too', async () => {
    const [response, socket, head] = await once(upgrade('/exec'), 'upgrade')
    assert.equal(response.headers['x-saw'], 'v4')
    assert.deepEqual(response.headers['set-cookie'], COOKIES)
    const chunks = [head]
    socket.on('data', (chunk: Buffer) => chunks.push(chunk))
    socket.end(Buffer.alloc(1024 * 1024, 'x'))
    await once(socket, 'end')
    const text = Buffer.concat(chunks).toString()
    assert.equal(text.slice(0, 8), 'early xx')
    assert.equal(text.length, 6 + 1024 * 1024)
  })

  test('a refusal reaches the client as it is', async () => {
    const [response] = await once(upgrade('/refused'), 'response')
    assert.equal(response.statusCode, 404)
    assert.equal(response.headers['x-why'], 'none')
    assert.deepEqual(response.headers['set-cookie'], COOKIES)
    assert.equal(String(await once(response, 'data')), 'no such container')
  })

  test('a server that is not there rejects before anything is answered', async () => {
    const target = { host: '127.0.0.1', port: 1 }
    await assert.rejects(sendRequest(target, { method: 'GET', path: '/' }), {
      code: 'ECONNREFUSED',
    })
  })
})

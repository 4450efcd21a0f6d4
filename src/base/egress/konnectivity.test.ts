import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js'
import protobuf from 'protobufjs'
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts'
import { systemClock } from '../clock.ts'
import { systemRandom } from '../random.ts'
import { dialThroughKonnectivity } from './konnectivity.ts'

/** What the proxy's own definition says (konnectivity-client/proto/client/client.proto). */
const { root } = protobuf.parse(`syntax = "proto3";
  message DialRequest { string protocol = 1; string address = 2; int64 random = 3; }
  message DialResponse { string error = 1; int64 connectID = 2; int64 random = 3; }
  message CloseRequest { int64 connectID = 1; }
  message CloseResponse { string error = 1; int64 connectID = 2; }
  message CloseDial { int64 random = 1; }
  message Data { int64 connectID = 1; string error = 2; bytes data = 3; }
  message Packet { int32 type = 1; oneof payload { DialRequest dialRequest = 2;
    DialResponse dialResponse = 3; Data data = 4; CloseRequest closeRequest = 5;
    CloseResponse closeResponse = 6; CloseDial closeDial = 7; } }`)
const packetType = root.lookupType('Packet')

interface Packet {
  readonly type: number
  readonly dialRequest?: { protocol: string; address: string; random: string }
  readonly data?: { connectID: string; data: Buffer }
  readonly closeRequest?: { connectID: string }
  readonly closeDial?: { random: string }
}

describe('connections through konnectivity', { timeout: 20_000 }, () => {
  const directory = temporaryDirectory()
  const path = join(directory.path, 'konnectivity.sock')
  const proxy = new Server()
  const received: Packet[] = []
  const backend = createServer((socket: Socket) => void socket.pipe(socket))
  let next = 100

  /** As the proxy's server does: a connection for each dial, whose data go both ways. */
  function serve(stream: ServerDuplexStream<Packet, object>): void {
    let socket: Socket | undefined
    const connectID = next++
    stream.on('data', (packet: Packet) => {
      received.push(packet)
      const { dialRequest, data, closeRequest } = packet
      if (dialRequest !== undefined) {
        const [host = '', port] = dialRequest.address.split(':')
        const { random } = dialRequest
        const answer = (rest: object) =>
          stream.write({ type: 1, dialResponse: { random, ...rest } })
        if (host === 'nowhere') {
          answer({ error: 'no such host' })
          return
        }
        if (host === 'hanging') return
        socket = connect(Number(port), host, () => answer({ connectID }))
        socket.on('data', (bytes) => stream.write({ type: 4, data: { connectID, data: bytes } }))
        socket.on('close', () => stream.write({ type: 3, closeResponse: { connectID } }))
      }
      if (data !== undefined) socket?.write(data.data)
      if (closeRequest !== undefined) socket?.end()
    })
    stream.on('end', () => stream.end())
    stream.on('error', () => socket?.destroy())
    stream.on('close', () => socket?.destroy())
  }

  before(async () => {
    backend.listen(0, '127.0.0.1')
    await once(backend, 'listening')
    proxy.register(
      '/ProxyService/Proxy',
      serve,
      (value) => Buffer.from(packetType.encode(packetType.fromObject(value as object)).finish()),
      (bytes) => packetType.toObject(packetType.decode(bytes), { longs: String }) as Packet,
      'bidi',
    )
    await new Promise<void>((resolve, reject) => {
      proxy.bindAsync(`unix://${path}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? resolve() : reject(error),
      )
    })
  })

  after(() => {
    backend.close()
    proxy.forceShutdown()
    directory[Symbol.dispose]()
  })

  const dial = dialThroughKonnectivity({ path, clock: systemClock, random: systemRandom })
  const port = () => (backend.address() as AddressInfo).port

  test('what is written comes there and back, however much it is', async () => {
    received.length = 0
    const socket = await dial({ host: '127.0.0.1', port: port() })
    const sent = Buffer.alloc(5_000_000, 'abcdefgh')
    const chunks: Buffer[] = []
    let length = 0
    const all = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        length += chunk.length
        if (length === sent.length) resolve()
      })
    })
    socket.write(sent)
    await all
    assert.ok(Buffer.concat(chunks).equals(sent))
    socket.end()
    await once(socket, 'end')
    socket.destroy()
    const [first] = received
    assert.equal(first?.dialRequest?.protocol, 'tcp')
    assert.equal(first?.dialRequest?.address, `127.0.0.1:${port()}`)
    assert.ok(received.some(({ closeRequest }) => closeRequest !== undefined))
  })

  test('each has a stream of its own', async () => {
    const sockets = await Promise.all(
      Array.from({ length: 5 }, () => dial({ host: '127.0.0.1', port: port() })),
    )
    const echoed = await Promise.all(
      sockets.map(async (socket, index) => {
        socket.write(`to ${index}`)
        const [chunk] = await once(socket, 'data')
        socket.destroy()
        return String(chunk)
      }),
    )
    assert.deepEqual(echoed, ['to 0', 'to 1', 'to 2', 'to 3', 'to 4'])
  })

  test('what cannot be reached is told, and nobody waits longer than he wants to', async () => {
    let reached = 0
    const onProxyReached = () => reached++
    const nowhere = dial({ host: 'nowhere', port: 1 }, undefined, onProxyReached)
    await assert.rejects(nowhere, /no such host/)
    assert.equal(reached, 1)
    const abort = new AbortController()
    const hanging = dial({ host: 'hanging', port: 1 }, abort.signal)
    setImmediate(() => abort.abort(new Error('the client has gone')))
    await assert.rejects(hanging, /the client has gone/)
    const absent = join(directory.path, 'nobody.sock')
    const ports = { clock: systemClock, random: systemRandom }
    const nobody = dialThroughKonnectivity({ path: absent, ...ports })
    const unreachable = nobody({ host: '127.0.0.1', port: 1 }, undefined, onProxyReached)
    await assert.rejects(unreachable, /UNAVAILABLE|ENOENT/)
    assert.equal(reached, 1)
  })
})

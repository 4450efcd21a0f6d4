import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import type { Duplex } from 'node:stream'
import { gzipSync } from 'node:zlib'
import {
  type KubeletTransport,
  kubeletAddressOf,
} from '../../src/apiserver/streaming/kubelet-transport.ts'
import { reachBackend } from '../../src/apiserver/streaming/reach-backend.ts'
import { sendRequest } from '../../src/base/http-backend.ts'
import { SpdySession } from '../../src/base/spdy/spdy-session.ts'
import type { SpdyStream } from '../../src/base/spdy/spdy-stream.ts'

/** A command as the kubelet runs it: its streams, and the text for the error stream. */
export type Command = (
  streams: ReadonlyMap<string, SpdyStream>,
  args: readonly string[],
) => Promise<string>

const refuse = () =>
  Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED', syscall: 'connect' }))

/** A kubelet's streaming server as upstream's speaks: SPDY/3.1, version 4 of the protocol. */
export class SpdyKubelet implements KubeletTransport, AsyncDisposable {
  /** The targets of all requests, in order. */
  readonly requests: string[] = []
  /** Nobody answers. */
  isDown = false
  readonly #server = createServer((request, response) => this.#answer(request, response))
  readonly #run: Command
  readonly #sockets = new Set<Duplex>()

  constructor(run: Command) {
    this.#run = run
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head))
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  readonly locate: KubeletTransport['locate'] = (node) => kubeletAddressOf(node)

  readonly send: KubeletTransport['send'] = (_node, request) => {
    const { port } = this.#server.address() as AddressInfo
    if (this.isDown) return reachBackend(refuse, { host: '10.0.0.9', port: 1 }, request, 0)
    return sendRequest({ host: '127.0.0.1', port }, request)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #answer(request: IncomingMessage, response: import('node:http').ServerResponse): void {
    const { url = '' } = request
    this.requests.push(`${request.method} ${url}`)
    if (url.startsWith('/containerLogs/') && url.includes('bad')) {
      response.writeHead(400).end('container "bad" in pod "web" is waiting to start\n')
    } else if (url.startsWith('/containerLogs/')) {
      response.writeHead(200, { 'content-type': 'text/plain' })
      response.write('line 1\n')
      if (!url.includes('follow=true')) response.end('line 2\n')
    } else if (url.endsWith('.html')) {
      const page = gzipSync('<a href="/next">next</a><script>a = "<a href=/x>"</script>')
      const headers = { 'content-type': 'text/html', 'content-encoding': 'gzip', etag: '"1"' }
      response.writeHead(200, { ...headers, 'content-length': page.length }).end(page)
    } else {
      const cookies = ['a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT', 'b=2']
      const headers = { 'x-echo': url, location: '/elsewhere', 'set-cookie': cookies }
      request.pipe(response.writeHead(200, headers))
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { url = '', headers } = request
    this.requests.push(`${request.method} ${url}`)
    if (url.includes('nothere')) {
      socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\ncontainer not found ("c")')
      return
    }
    const offered = (headers['x-stream-protocol-version'] ?? '').toString().split(',')[0] ?? ''
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: SPDY/3.1\r\n' +
        `x-stream-protocol-version: ${offered.trim()}\r\n\r\n`,
    )
    if (url.startsWith('/portForward/')) this.#forwardPorts(socket, head)
    else this.#serveCommand(new URL(url, 'http://kubelet'), socket, head)
  }

  #serveCommand({ searchParams: query }: URL, socket: Duplex, head: Buffer): void {
    const isTty = query.get('tty') === '1'
    const expected = ['error']
    if (query.get('input') === '1') expected.push('stdin')
    if (query.get('output') === '1') expected.push('stdout')
    if (query.get('error') === '1' && !isTty) expected.push('stderr')
    if (isTty) expected.push('resize')
    const streams = new Map<string, SpdyStream>()
    const session = new SpdySession(
      socket,
      {
        role: 'server',
        onStream: (stream) => {
          stream.accept()
          streams.set(stream.header('streamtype'), stream)
          if (streams.size === expected.length) void this.#finish(session, streams, query)
        },
      },
      head,
    )
  }

  async #finish(
    session: SpdySession,
    streams: ReadonlyMap<string, SpdyStream>,
    query: URLSearchParams,
  ): Promise<void> {
    const status = await this.#run(streams, query.getAll('command'))
    streams.get('error')?.end(status)
    for (const [name, stream] of streams) {
      stream.resume()
      if (name !== 'error') stream.end()
    }
    session.close()
  }

  /** Pairs of streams by their request: one for errors, one for data, joined with a local port. */
  #forwardPorts(socket: Duplex, head: Buffer): void {
    new SpdySession(
      socket,
      {
        role: 'server',
        onStream: (stream) => {
          stream.accept()
          if (stream.header('streamtype') !== 'data') {
            stream.resume()
            stream.end()
            return
          }
          const port = Number(stream.header('port'))
          const target = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
          stream.pipe(target)
          target.pipe(stream)
          target.on('error', () => stream.destroy())
        },
      },
      head,
    )
  }
}

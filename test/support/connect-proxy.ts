import { once } from 'node:events'
import { createServer as createHttp, type Server } from 'node:http'
import { createServer as createHttps, type ServerOptions } from 'node:https'
import { type AddressInfo, connect, type ListenOptions } from 'node:net'
import { pipeBothWays } from '../../src/base/pipe-both-ways.ts'

/** An HTTP proxy that understands CONNECT alone, and notes where it was asked to lead. */
export class ConnectProxy implements AsyncDisposable {
  /** `host:port` of each connection. */
  readonly targets: string[] = []
  /** Answers all with this status instead, where it is set. */
  refusal: string | undefined
  /** A host that it leads to instead of those that it is asked for. */
  instead: string | undefined
  /** Sent behind the answer, as no proxy should. */
  chatter = ''
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
    server.on('connect', (request, socket) => {
      const { url = '' } = request
      this.targets.push(url)
      socket.on('error', () => {})
      if (this.refusal !== undefined) {
        socket.end(`HTTP/1.1 ${this.refusal}\r\n\r\n`)
        return
      }
      const [, host = '', port] = /^\[?(.*?)\]?:(\d+)$/.exec(url) ?? []
      const target = connect(Number(port), this.instead ?? host)
      target.once('error', () => socket.destroy())
      target.once('connect', () => {
        socket.write(`HTTP/1.1 200 OK\r\n\r\n${this.chatter}`)
        void pipeBothWays(socket, target)
      })
    })
  }

  /** On a socket file or a port of loopback; with TLS where there are options for that. */
  static async start(where: ListenOptions, tls?: ServerOptions): Promise<ConnectProxy> {
    const server = tls === undefined ? createHttp() : createHttps(tls)
    const proxy = new ConnectProxy(server)
    server.listen(where)
    await once(server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

import type { X509Certificate } from 'node:crypto'
import type { IncomingMessage, ServerResponse as NodeResponse } from 'node:http'
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { createSecureContext, type TLSSocket } from 'node:tls'
import { type Clock, sleep } from '../../base/clock.ts'
import { inBackground } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Random } from '../../base/random.ts'
import type { Handler } from '../handler.ts'
import type { Connection, DecodeYaml } from '../request.ts'
import { AuditIds } from './audit-ids.ts'
import { Call, type CallContext } from './call.ts'
import { DeadlineQueue } from './deadline-queue.ts'
import { type Exchange, Http1Exchange, Http2Exchange } from './exchange.ts'
import { refuseMalformed, refuseMethod, refuseTarget } from './malformed-request.ts'
import { REQUEST_TIMEOUT_MS } from './request-deadline.ts'
import { isMalformedPath } from './request-target.ts'
import { IDLE_TIMEOUT_MS, type ListenerProtocol, serverOptions } from './server-options.ts'
import { type SessionUse, SessionUses } from './session-uses.ts'

/** The server's own certificate, and the authority of its clients' certificates; all PEM. */
export interface ListenerTls {
  readonly certificate: string
  readonly key: string
  readonly clientAuthority: string
  /** For clients that ask for the server by these names. */
  readonly named?: readonly NamedCertificate[]
}

export interface NamedCertificate {
  /** Such as `api.example.com` and `*.example.com`. */
  readonly names: readonly string[]
  readonly certificate: string
  readonly key: string
}

export interface ListenerOptions {
  /** All filters and the verb. */
  readonly handler: Handler
  readonly tls: ListenerTls
  readonly clock: Clock
  readonly random: Random
  readonly logger: Logger
  readonly protocol?: ListenerProtocol
  /** Reads what clients send as YAML; at once, where it arrives, when absent. */
  readonly decodeYaml?: DecodeYaml | undefined
  /** Upstream's `--request-timeout`; 60 s when absent. */
  readonly requestTimeoutMs?: number
  /** Told of each connection that never came about. */
  readonly onHandshakeFailed?: () => void
  /** After which a connection without requests is closed; 120 s when absent. */
  readonly idleTimeoutMs?: number
}

/** Node's types leave the last one out. */
type OnStream = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  rawHeaders: readonly string[],
) => void

/** What is known when a call begins, where it is more than the request. */
interface Beginning {
  readonly connection?: Connection
  /** Called with the answer. */
  readonly beforeSending?: () => void
  readonly use?: SessionUse | undefined
}

function nothing(): void {}

/** How long a shutdown waits for requests under way, after which their connections are cut. */
const SHUTDOWN_GRACE_MS = 10_000

/** Longer chains than TLS takes do not exist; one that leads back to itself would never end. */
const MOST_INTERMEDIATES = 100

const LAST_STREAM_ID = 2 ** 31 - 1

/** HTTPS on one port, HTTP/1.1 and HTTP/2 alike: turns what arrives into `ServerRequest`s. */
export class Listener {
  readonly #options: ListenerOptions
  readonly #server: Http2SecureServer
  readonly #sessions: SessionUses
  readonly #sockets = new Set<TLSSocket>()
  readonly #connections = new WeakMap<TLSSocket, Connection>()
  readonly #calls: CallContext
  #requestsUnderWay = 0
  #whenIdle: (() => void) | undefined
  #isClosing = false

  constructor(options: ListenerOptions) {
    this.#options = options
    const { clock, requestTimeoutMs = REQUEST_TIMEOUT_MS } = options
    const { idleTimeoutMs = IDLE_TIMEOUT_MS } = options
    this.#sessions = new SessionUses(clock, idleTimeoutMs)
    this.#calls = {
      ...options,
      requestTimeoutMs,
      auditIds: new AuditIds(options.random),
      deadlines: new DeadlineQueue(clock, requestTimeoutMs),
      longRunning: new Set(),
    }
    const server = createSecureServer(serverOptions(options.tls, options.protocol))
    // Of HTTP/1.1; among the options of an HTTP/2 server it has no effect.
    Object.assign(server, { keepAliveTimeout: idleTimeoutMs })
    server.on('request', (request, response) => {
      if (isMalformedPath(request.url)) return refuseTarget(request.socket)
      this.#begin(
        new Http1Exchange(
          request as unknown as IncomingMessage,
          response as unknown as NodeResponse,
        ),
      )
    })
    // With a 'request' listener node adds its slow compatibility layer to each HTTP/2 stream.
    server.removeAllListeners('stream')
    const onStream: OnStream = (stream, headers, _flags, raw) =>
      this.#serveStream(stream, headers, raw)
    server.on('stream', onStream)
    server.on('connect', (_: IncomingMessage, socket: TLSSocket) => refuseMethod(socket))
    server.on('upgrade', (request: IncomingMessage, socket: TLSSocket, head: Buffer) =>
      this.#serveUpgrade(request, socket, head),
    )
    server.on('session', (session) => this.#keepSession(session))
    server.on('secureConnection', (socket: TLSSocket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
    server.on('tlsClientError', (error) => {
      this.#options.onHandshakeFailed?.()
      this.#debug('TLS handshake failed', error)
    })
    server.on('sessionError', (error) => this.#debug('HTTP/2 session failed', error))
    server.on('clientError', (error, socket) => {
      this.#debug('HTTP/1.1 connection failed', error)
      refuseMalformed(error, socket)
    })
    this.#server = server
    this.#addNamed(options.tls)
  }

  /** Rejects with the system's error, such as one with `code: 'EADDRINUSE'` for a busy port. */
  listen(port: number, host: string): Promise<AddressInfo> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, host, backlog: 1024 }, () => {
        this.#server.off('error', reject)
        this.#server.on('error', (error) => this.#debug('the listener failed', error))
        resolve(this.#server.address() as AddressInfo)
      })
    })
  }

  /** New connections get these certificates from now on. */
  updateCertificates(tls: ListenerTls): void {
    this.#server.setSecureContext(serverOptions(tls, this.#options.protocol))
    this.#addNamed(tls)
  }

  /** The last certificate for a name counts. */
  #addNamed({ named = [], clientAuthority }: ListenerTls): void {
    for (const { names, certificate, key } of named) {
      const own = { certificate, key, clientAuthority }
      const context = createSecureContext(serverOptions(own, this.#options.protocol))
      for (const name of names) this.#server.addContext(name, context)
    }
  }

  /**
   * Ends in order: no new connections; clients are told to make their next requests elsewhere;
   * watches and streams end; requests under way get their answers; then all connections close.
   */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    this.#isClosing = true
    for (const session of this.#sessions.sessions()) session.close()
    this.#endLasting()
    const waiting = new AbortController()
    const grace = sleep(this.#options.clock, SHUTDOWN_GRACE_MS, waiting.signal).catch(() => {})
    await Promise.race([this.#idle(), grace])
    // What was answered may still be on its way; a session closes itself after its last stream.
    for (const socket of this.#sockets) if (socket.alpnProtocol !== 'h2') socket.destroySoon()
    await Promise.race([closed, grace])
    waiting.abort()
    for (const session of this.#sessions.sessions()) session.destroy()
    for (const socket of this.#sockets) socket.destroy()
    await closed
    this.#calls.deadlines[Symbol.dispose]()
    this.#sessions[Symbol.dispose]()
  }

  #endLasting(): void {
    for (const call of this.#calls.longRunning) call.abort(new Error('shutting down'))
  }

  #idle(): Promise<void> {
    if (this.#requestsUnderWay === 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#whenIdle = resolve
    })
  }

  #keepSession(session: ServerHttp2Session): void {
    this.#sessions.keep(session)
    // Its connection was there before the listener closed, and its handshake was not done.
    if (this.#isClosing) session.close()
    session.on('error', (error) => this.#debug('HTTP/2 session failed', error))
  }

  #serveStream(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
  ): void {
    stream.on('error', (error) => this.#debug('HTTP/2 stream failed', error))
    if (isMalformedPath(String(headers[':path']))) {
      stream.close(constants.NGHTTP2_PROTOCOL_ERROR)
      return
    }
    const { random, protocol } = this.#options
    const chance = protocol?.goawayChance ?? 0
    // Streams that the client has begun meanwhile are served: the greatest id is named.
    if (chance > 0 && random.next() < chance) stream.session?.goaway(0, LAST_STREAM_ID)
    if (headers['expect'] === '100-continue') stream.additionalHeaders({ ':status': 100 })
    const use = stream.session && this.#sessions.of(stream.session as ServerHttp2Session)
    this.#begin(new Http2Exchange(stream, headers, rawHeaders), { use })
  }

  #serveUpgrade(request: IncomingMessage, socket: TLSSocket, head: Buffer): void {
    const exchange = Http1Exchange.forUpgrade(request)
    socket.on('error', (error) => this.#debug('upgraded connection failed', error))
    const takeOver = () => {
      exchange.isTakenOver = true
      return { socket, head }
    }
    const prepare = () => {
      if (!exchange.isTakenOver) exchange.outgoing.assignSocket(socket)
    }
    const onClosed = (fn: () => void) => {
      if (socket.destroyed) fn()
      else socket.once('close', fn)
    }
    const connection = { ...this.#connectionOf(socket), takeOver, onClosed }
    this.#begin(exchange, { connection, beforeSending: prepare })
  }

  /** No request, however odd, may end the process. */
  #begin(exchange: Exchange, { connection, beforeSending = nothing, use }: Beginning = {}): void {
    const { logger } = this.#options
    const known = connection ?? (exchange.socket && this.#connectionOf(exchange.socket))
    if (known === undefined) {
      exchange.abort()
      return
    }
    const call = new Call(this.#calls, exchange, known)
    this.#requestsUnderWay++
    use?.begin()
    if (this.#isClosing) exchange.endConnection()
    const serving = call.serve(beforeSending)
    if (this.#isClosing) this.#endLasting()
    if (serving === undefined) this.#ended(use)
    else
      inBackground(
        logger,
        'answering a request',
        serving.finally(() => this.#ended(use)),
      )
  }

  #ended(use: SessionUse | undefined): void {
    use?.end()
    this.#requestsUnderWay--
    if (this.#requestsUnderWay === 0) this.#whenIdle?.()
  }

  #connectionOf(socket: TLSSocket): Connection {
    const known = this.#connections.get(socket)
    if (known !== undefined) return known
    const certificate = socket.authorized ? socket.getPeerX509Certificate() : undefined
    const connection: Connection = {
      remoteAddress: socket.remoteAddress ?? '',
      peerCertificate: certificate?.raw,
      peerIntermediates: intermediatesOf(certificate),
      decodeYaml: this.#options.decodeYaml,
    }
    this.#connections.set(socket, connection)
    return connection
  }

  #debug(message: string, error: unknown): void {
    this.#options.logger.debug(message, { error: formatError(error) })
  }
}

/** What a client has sent with its certificate. */
function intermediatesOf(certificate: X509Certificate | undefined): readonly Uint8Array[] {
  const found: Uint8Array[] = []
  let next = certificate?.issuerCertificate
  while (next !== undefined && found.length < MOST_INTERMEDIATES) {
    found.push(next.raw)
    next = next.issuerCertificate
  }
  return found
}

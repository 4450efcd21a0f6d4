import { type IncomingMessage, ServerResponse } from 'node:http'
import {
  constants,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
  sensitiveHeaders,
} from 'node:http2'
import type { Readable, Writable } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { pathOfTarget } from './request-target.ts'

/** Names in lower case; a name with several values is sent several times. */
export type HeadFields = Record<string, string | number | readonly string[]>

/** One request and the place for its answer, whichever version of HTTP carries them. */
export interface Exchange {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  /** The same as they arrived: each name and its value after it. */
  readonly rawHeaders: readonly string[]
  /** Undefined where the connection has gone already. */
  readonly socket: TLSSocket | undefined
  /** The request's body. */
  readonly incoming: Readable
  /** The answer's body; write only after `sendHead`. */
  readonly outgoing: Writable
  /** Sends the status and the headers at once. With `isEmpty` no body may follow. */
  sendHead(code: number, headers: HeadFields, isEmpty: boolean): void
  /** Whether its connection goes on as something else than HTTP, for as long as both sides like. */
  readonly isTakenOver: boolean
  /** After the answer: the client need not send the rest of a body that nobody reads. */
  dropRequest(): void
  /** The answer is the last one on its connection, if nothing has told the client so yet. */
  endConnection(): void
  /** Ends the exchange where it stands; the client sees that the answer is not whole. */
  abort(): void
}

/** Headers that belong to one connection of HTTP/1.1 and are not allowed in HTTP/2. */
const CONNECTION_HEADERS = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade']

/**
 * What differs in each answer is not worth a place in the connection's table of headers: it would
 * drive out those that are always the same, and cost both sides a search for each.
 */
const NOT_INDEXED = { [sensitiveHeaders]: ['audit-id'] }

/** Of those that node writes; the codes of HTTP/1.1 have three digits and no other bound. */
const MOST_HTTP2_CODE = 599

/** So much of a body that nobody wants is read to keep its connection, as Go's servers do. */
export const MOST_DROPPED_BYTES = 256 * 1024

/** A request by HTTP/1.1 and its answer. */
export class Http1Exchange implements Exchange {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly socket: TLSSocket
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  isTakenOver = false

  constructor(request: IncomingMessage, response: ServerResponse) {
    this.method = request.method ?? 'GET'
    this.url = pathOfTarget(request.url ?? '/')
    this.headers = joinedHeaders(request.headers)
    this.socket = request.socket as TLSSocket
    this.incoming = request
    this.outgoing = response
    response.on('error', () => {}) // Whoever writes sees that it is destroyed.
  }

  /** For an upgrade that may yet be refused: then an answer goes on the raw socket, and it ends. */
  static forUpgrade(request: IncomingMessage): Http1Exchange {
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    const exchange = new Http1Exchange(request, response)
    // Nobody reads from it any more: to wait for the client's own end could take for ever.
    response.on('finish', () => exchange.socket.destroySoon())
    return exchange
  }

  get rawHeaders(): readonly string[] {
    return this.incoming.rawHeaders
  }

  sendHead(code: number, headers: HeadFields, isEmpty: boolean): void {
    this.outgoing.writeHead(sendable(code, 999), headers as Record<string, string | string[]>)
    if (isEmpty) this.outgoing.end()
  }

  dropRequest(): void {
    const { incoming } = this
    if (incoming.complete) return
    let dropped = 0
    incoming.on('data', (chunk: Buffer) => {
      dropped += chunk.length
      if (dropped > MOST_DROPPED_BYTES) incoming.socket.destroySoon()
    })
    incoming.resume()
  }

  endConnection(): void {
    this.outgoing.shouldKeepAlive = false
  }

  abort(): void {
    this.outgoing.destroy()
  }
}

/** A request by HTTP/2 and its answer: one stream of a session. */
export class Http2Exchange implements Exchange {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly rawHeaders: readonly string[]
  readonly #stream: ServerHttp2Stream

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    rawHeaders: readonly string[],
  ) {
    this.rawHeaders = rawHeaders
    this.method = String(headers[':method'] ?? 'GET')
    this.url = String(headers[':path'] ?? '/')
    this.headers = joinedHeaders(headers)
    this.#stream = stream
  }

  get socket(): TLSSocket | undefined {
    return this.#stream.session?.socket as TLSSocket | undefined
  }

  get incoming(): Readable {
    return this.#stream
  }

  get outgoing(): Writable {
    return this.#stream
  }

  get isTakenOver(): false {
    return false
  }

  sendHead(code: number, headers: HeadFields, isEmpty: boolean): void {
    if (this.#stream.destroyed || this.#stream.closed) return
    for (const name of CONNECTION_HEADERS) if (name in headers) delete headers[name]
    headers[':status'] = sendable(code, MOST_HTTP2_CODE)
    Object.assign(headers, NOT_INDEXED)
    this.#stream.respond(headers as Record<string, string | string[]>, { endStream: isEmpty })
  }

  dropRequest(): void {
    // Where no body comes, reading to the end would have the stream destroyed before its answer is
    // written, and node would make an error of that, for nobody, with each request.
    const { endAfterHeaders, readableEnded } = this.#stream
    if (!endAfterHeaders && !readableEnded) this.#stream.resume()
  }

  /** A session that closes has told its client. */
  endConnection(): void {}

  abort(): void {
    // Without a code of its own it would look like the end of an answer that is whole.
    this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    this.#stream.destroy()
  }
}

/** A code comes from other servers, too. One that cannot be written must not cost the answer. */
function sendable(code: number, most: number): number {
  return code > most ? 500 : code
}

/** Node joins several values of one name, except for a header that no request has (set-cookie). */
function joinedHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string | undefined>> {
  return headers as Readonly<Record<string, string | undefined>>
}

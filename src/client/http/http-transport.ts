import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'
import { constants } from 'node:http2'
import { type Clock, sleep } from '../../base/clock.ts'
import { parseJson, stringifyJson } from '../../base/json.ts'
import { StatusError } from '../../machinery/status-error.ts'
import type { WatchEvent } from '../client.ts'
import type { Transport, TransportRequest } from '../transport.ts'
import { errorFromAnswer, unreachable } from './answer-error.ts'
import { type Credentials, Http2Connection } from './http2-connection.ts'
import { linesOf } from './line-reader.ts'

/** How often a request is sent again when the server asks for it with Retry-After. */
const MAX_RETRIES = 10
/** How often a request is sent again that a closing connection has not let through. */
const MAX_RESENDS = 3

export interface HttpTransportOptions {
  /** Such as `https://127.0.0.1:6443`. */
  readonly server: string
  /** Read for every new connection. */
  readonly credentials: () => Promise<Credentials>
  /** Read for every request, since tokens are rotated; undefined sends none. */
  readonly bearerToken?: () => Promise<string | undefined>
  readonly userAgent: string
  readonly clock: Clock
  /** Added to every request, such as those that impersonate. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Calls over HTTP/2, all on one connection that is made anew when it breaks. What the server asks
 * to be repeated (Retry-After) is repeated; all other failures are the caller's.
 */
export class HttpTransport implements Transport, Disposable {
  readonly #options: HttpTransportOptions
  readonly #connection: Http2Connection

  constructor(options: HttpTransportOptions) {
    this.#options = options
    this.#connection = new Http2Connection(options.server, options.credentials, options.clock)
  }

  async request(request: TransportRequest): Promise<unknown> {
    for (let retries = 0; ; retries++) {
      try {
        return await this.#requestOnce(request)
      } catch (error) {
        const delaySeconds = retryAfterSeconds(error)
        if (delaySeconds === undefined || retries >= MAX_RETRIES) throw error
        await sleep(this.#options.clock, delaySeconds * 1000, request.signal)
      }
    }
  }

  async *watch(request: TransportRequest): AsyncIterable<WatchEvent> {
    try {
      const { stream, headers } = await this.#open(request)
      if (Number(headers[':status']) !== 200) throw await failureOf(stream, headers)
      for await (const line of linesOf(stream)) yield parseWatchEvent(line)
      checkIsComplete(stream)
    } catch (error) {
      if (request.signal?.aborted) return
      throw toStatusError(error, request)
    }
  }

  /** Makes the next request use new credentials; what is under way still ends on the old ones. */
  reconnect(): void {
    this.#connection.reconnect()
  }

  [Symbol.dispose](): void {
    this.#connection[Symbol.dispose]()
  }

  async #requestOnce(request: TransportRequest): Promise<unknown> {
    try {
      const { stream, headers } = await this.#open(request)
      const status = Number(headers[':status'])
      if (status < 200 || status > 299) throw await failureOf(stream, headers)
      const text = await textOf(stream)
      return isJson(headers) && text !== '' ? parseJson(text) : text
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason
      throw toStatusError(error, request)
    }
  }

  /** Sends a request and waits for the answer's headers. */
  async #open(request: TransportRequest): Promise<Answer> {
    for (let resends = 0; ; resends++) {
      request.signal?.throwIfAborted()
      try {
        const headers = await this.#headersOf(request)
        return await this.#connection.use((session) => send(session, headers, request))
      } catch (error) {
        if (!wasNotProcessed(error) || resends >= MAX_RESENDS) throw error
      }
    }
  }

  async #headersOf(request: TransportRequest): Promise<OutgoingHttpHeaders> {
    const { bearerToken, userAgent, headers } = this.#options
    const token = await bearerToken?.()
    const query = new URLSearchParams(request.query).toString()
    return {
      ...headers,
      ':method': request.method,
      ':path': query === '' ? request.path : `${request.path}?${query}`,
      accept: 'application/json',
      'user-agent': userAgent,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(request.body !== undefined && {
        'content-type': request.contentType ?? 'application/json',
      }),
    }
  }
}

interface Answer {
  readonly stream: ClientHttp2Stream
  readonly headers: IncomingHttpHeaders
}

type Session = Parameters<Parameters<Http2Connection['use']>[0]>[0]

function send(
  session: Session,
  headers: OutgoingHttpHeaders,
  { body, signal }: TransportRequest,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stream = session.request(headers, { endStream: body === undefined })
    const onAbort = (): void => stream.close(constants.NGHTTP2_CANCEL)
    signal?.addEventListener('abort', onAbort, { once: true })
    stream.on('close', () => {
      signal?.removeEventListener('abort', onAbort)
      reject(new Http2StreamError(stream.rstCode ?? 0))
    })
    stream.on('error', reject)
    stream.once('response', (answer) => resolve({ stream, headers: answer }))
    if (body !== undefined) stream.end(stringifyJson(body))
  })
}

/** A stream that ended without an answer. */
class Http2StreamError extends Error {
  readonly rstCode: number

  constructor(rstCode: number) {
    super(`the connection ended without an answer (HTTP/2 code ${rstCode})`)
    this.rstCode = rstCode
  }
}

/** The server, or our own closing connection, has said that it did nothing with the request. */
function wasNotProcessed(error: unknown): boolean {
  if (error instanceof Http2StreamError) return error.rstCode === constants.NGHTTP2_REFUSED_STREAM
  const { code } = error as { readonly code?: unknown }
  if (code === 'ERR_HTTP2_GOAWAY_SESSION' || code === 'ERR_HTTP2_INVALID_SESSION') return true
  return code === 'ERR_HTTP2_STREAM_ERROR' && String(error).includes('NGHTTP2_REFUSED_STREAM')
}

/** A connection that breaks ends the stream as if all had been said; only its code tells. */
function checkIsComplete({ rstCode = 0 }: ClientHttp2Stream): void {
  if (rstCode !== 0) throw new Http2StreamError(rstCode)
}

async function textOf(stream: ClientHttp2Stream): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  checkIsComplete(stream)
  return Buffer.concat(chunks).toString()
}

async function failureOf(
  stream: ClientHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<StatusError> {
  const text = await textOf(stream)
  const retryAfter = headers['retry-after']
  return errorFromAnswer(
    Number(headers[':status']),
    text,
    retryAfter === undefined ? undefined : Number(retryAfter),
  )
}

function parseWatchEvent(line: string): WatchEvent {
  const event = parseJson(line) as { readonly type: string; readonly object: unknown }
  if (event.type !== 'ERROR') return event as WatchEvent
  throw StatusError.fromStatus(event.object as Parameters<typeof StatusError.fromStatus>[0])
}

function isJson(headers: IncomingHttpHeaders): boolean {
  return headers['content-type']?.includes('json') === true
}

function retryAfterSeconds(error: unknown): number | undefined {
  if (!(error instanceof StatusError)) return undefined
  const isTransient = error.code === 429 || error.code >= 500
  return isTransient ? error.details?.retryAfterSeconds : undefined
}

function toStatusError(error: unknown, { method, path }: TransportRequest): StatusError {
  return error instanceof StatusError ? error : unreachable(`${method} ${path}`, error)
}

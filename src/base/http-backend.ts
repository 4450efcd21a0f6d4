import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import type { Dial } from './egress/dial.ts'

/** Where a server is, and how to trust it. */
export interface HttpTarget {
  readonly host: string
  readonly port: number
  /** HTTPS with these; plain HTTP when absent. All PEM. */
  readonly tls?: {
    /** Whose certificates are trusted; none is asked for when absent. */
    readonly authority?: string
    readonly certificate?: string
    readonly key?: string
  }
}

/** One HTTP/1.1 request to another server. */
export interface BackendRequest {
  readonly method: string
  /** With its query, percent-encoded. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Readable | Uint8Array
  /** Ends the request, also while its answer is being read. */
  readonly signal?: AbortSignal
}

export type BackendHeaders = Readonly<Record<string, string>>

/** The headers of an answer, names in lower case; several values of one are joined by commas. */
export interface AnswerHeaders {
  readonly headers: BackendHeaders
  /** The values of `Set-Cookie`, whose commas do not part them (RFC 9110, section 5.3). */
  readonly cookies?: readonly string[]
}

/** An answer; its body must be read or destroyed. */
export interface BackendResponse extends AnswerHeaders {
  readonly type: 'response'
  readonly code: number
  readonly body: Readable
}

/** The server has switched protocols: from now on the connection is the caller's. */
export interface UpgradedConnection extends AnswerHeaders {
  readonly type: 'upgraded'
  readonly socket: Duplex
  /** What followed the head in the same packet. */
  readonly head: Uint8Array
}

/** Sends a request to a server, which answers it or, where it was asked to, switches protocols. */
export type SendRequest = (
  target: HttpTarget,
  request: BackendRequest,
) => Promise<BackendResponse | UpgradedConnection>

/** Over the network, with a connection of its own. Rejects with the system's error. */
export const sendRequest: SendRequest = (target, request) => sendBy(undefined, target, request)

/** The same by connections that somebody else opens. Rejects with his error, too. */
export function sendRequestBy(dial: Dial): SendRequest {
  return async (target, request) => {
    const socket = await dial(target, request.signal)
    return sendBy(socket, target, request)
  }
}

/** On a connection that is there, or on one that the system makes. */
function sendBy(
  socket: Duplex | undefined,
  target: HttpTarget,
  { signal, ...request }: BackendRequest,
): Promise<BackendResponse | UpgradedConnection> {
  const { body } = request
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      socket?.destroy()
      reject(signal.reason as Error)
      return
    }
    const options = { ...optionsOf(target, request), ...(socket && onSocket(socket, target)) }
    const outgoing =
      target.tls === undefined || socket !== undefined
        ? httpRequest(options)
        : httpsRequest({ ...options, ...tlsOptions(target.tls) })
    outgoing.on('error', reject)
    exchange(outgoing, { body, signal }, resolve)
  })
}

/** No agent keeps such a connection: it ends with its request. */
function onSocket(socket: Duplex, { host, tls }: HttpTarget): RequestOptions {
  const createConnection = () =>
    tls === undefined
      ? socket
      : connectTls({
          ...{ socket, ...tlsOptions(tls) },
          ...(isIP(host) === 0 ? { servername: host } : { host }),
        })
  const defaultPort = tls === undefined ? 80 : 443
  return { agent: undefined, createConnection, defaultPort } as RequestOptions
}

interface Sent {
  readonly body?: BackendRequest['body'] | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Sends the body of a request that was begun, with headers that frame it (`withFraming`), and
 * passes its answer on, whatever kind it is. Ends both when the signal aborts. Failures are for who
 * listens to the request's `error`.
 */
export function exchange(
  outgoing: ClientRequest,
  { body, signal }: Sent,
  answer: (given: BackendResponse | UpgradedConnection) => void,
): void {
  const onAbort = () => outgoing.destroy(new Error('the request was ended'))
  signal?.addEventListener('abort', onAbort, { once: true })
  outgoing.once('close', () => signal?.removeEventListener('abort', onAbort))
  outgoing.once('upgrade', (response: IncomingMessage, socket, head) => {
    signal?.removeEventListener('abort', onAbort)
    socket.on('error', () => {}) // Whoever pipes it sees its end.
    answer({ type: 'upgraded', ...headersOf(response), socket, head })
  })
  outgoing.once('response', (response) => {
    const { statusCode: code = 502 } = response
    answer({ type: 'response', code, ...headersOf(response), body: response })
  })
  if (body === undefined || body instanceof Uint8Array) outgoing.end(body)
  else body.pipe(outgoing)
}

/**
 * The headers of a request with what says where its body ends. Node says it of the methods that
 * usually have one alone: after a DELETE the body would be read as a request of its own, which its
 * sender could write as anybody.
 */
export function withFraming<T extends string | readonly string[]>(
  headers: Readonly<Record<string, T>>,
  body: BackendRequest['body'],
): Record<string, T | string> {
  const isFramed = Object.keys(headers).some((name) => FRAMING.has(name.toLowerCase()))
  if (body === undefined || isFramed) return { ...headers }
  if (!(body instanceof Uint8Array)) return { ...headers, 'transfer-encoding': 'chunked' }
  return { ...headers, 'content-length': String(body.length) }
}

const FRAMING: ReadonlySet<string> = new Set(['content-length', 'transfer-encoding'])

function optionsOf({ host, port }: HttpTarget, { body, ...request }: BackendRequest) {
  const headers = withFraming(request.headers ?? {}, body)
  const options: RequestOptions = { host, port, agent: false, ...request, headers }
  return { ...options, headers }
}

function tlsOptions({ authority, certificate, key }: NonNullable<HttpTarget['tls']>) {
  return {
    ...(authority !== undefined && { ca: authority }),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
    rejectUnauthorized: authority !== undefined,
  }
}

/** As node has read them: it makes a list of `Set-Cookie` alone. */
function headersOf({ headers }: Pick<IncomingMessage, 'headers'>): AnswerHeaders {
  const { 'set-cookie': cookies, ...others } = headers
  const joined: Record<string, string> = {}
  for (const [name, value] of Object.entries(others)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return { headers: joined, ...(cookies !== undefined && { cookies }) }
}

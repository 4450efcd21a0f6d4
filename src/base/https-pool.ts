import { type Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import { isIP } from 'node:net'
import type { Readable } from 'node:stream'
import type { Dial } from './egress/dial.ts'
import {
  type BackendResponse,
  exchange,
  type UpgradedConnection,
  withFraming,
} from './http-backend.ts'
import { PoolAgent, type PoolTls } from './pool-agent.ts'

/** A request to one server of a pool. */
export interface PooledRequest {
  readonly host: string
  readonly port: number
  /** Asked for in the handshake, and what the server's certificate must be for. */
  readonly serverName: string
  readonly method: string
  /** With its query, percent-encoded. */
  readonly path: string
  /** A list is sent as a header of its own for each value. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Readable | Uint8Array | undefined
  /** Sent twice it does what it does when sent once; so do a GET and a HEAD without a body. */
  readonly isRepeatable?: boolean
  /** Ends the request, also while its answer is being read. */
  readonly signal?: AbortSignal | undefined
}

/** Servers that are trusted and know us in one way; connections to them are used again. */
export interface Pool extends Disposable {
  /** Rejects with the system's error where the server cannot be reached or trusted. */
  send(request: PooledRequest): Promise<BackendResponse | UpgradedConnection>
}

/** Opens a pool. Throws where an authority or a certificate cannot be read. */
export type OpenPool = (tls: PoolTls) => Pool

/** As Go's transport: idle connections are kept for 90 seconds. */
const IDLE_MS = 90_000
/** To one server; upstream's. */
const MOST_IDLE = 25

const KEPT = { timeout: IDLE_MS, maxFreeSockets: MOST_IDLE }

/**
 * Over the network, by HTTP/1.1: with HTTP/2 all requests would share one connection, and so one of
 * the pods behind a service (upstream's reason too).
 */
export const openHttpsPool: OpenPool = (tls) => new HttpsPool(new PoolAgent(tls, KEPT))

/** The same by connections that somebody else opens. */
export function openHttpsPoolBy(dial: Dial): OpenPool {
  return (tls) => new HttpsPool(new PoolAgent(tls, KEPT, dial))
}

class HttpsPool implements Pool {
  readonly #agent: Agent

  constructor(agent: Agent) {
    this.#agent = agent
  }

  send(request: PooledRequest): Promise<BackendResponse | UpgradedConnection> {
    const { body, signal } = request
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      let isAnswered = false
      const outgoing = httpsRequest(this.#optionsOf(request))
      // A connection that rests is no failure: only while nobody uses it may time end it.
      outgoing.on('socket', (socket) => socket.setTimeout(0))
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The server has closed an idle connection just when it was chosen: that says nothing.
        const isStale = outgoing.reusedSocket && !isAnswered && isClosed(error)
        if (isStale && isRepeatable(request)) resolve(this.send(request))
        else reject(error)
      })
      exchange(outgoing, { body, signal }, (answer) => {
        isAnswered = true
        resolve(answer)
      })
    })
  }

  #optionsOf(request: PooledRequest): RequestOptions {
    const { host, port, serverName, method, path, headers, body } = request
    const sent: Record<string, string | string[]> = { host: authorityOf(host, port) }
    for (const [name, value] of Object.entries(withFraming(headers, body))) {
      sent[name] = typeof value === 'string' ? value : [...value]
    }
    // An address is no name to ask for in a handshake.
    const servername = isIP(serverName) === 0 ? serverName : ''
    return { host, port, servername, method, path, headers: sent, agent: this.#agent }
  }

  /** What is under way goes on; nothing is kept for later. */
  [Symbol.dispose](): void {
    this.#agent.maxFreeSockets = 0
    for (const idle of Object.values(this.#agent.freeSockets)) {
      for (const socket of idle ?? []) socket.destroy()
    }
  }
}

/** `host:port` as it stands in a URL. */
export function authorityOf(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

function isClosed({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE'
}

function isRepeatable({ method, body, isRepeatable = false }: PooledRequest): boolean {
  return isRepeatable || ((method === 'GET' || method === 'HEAD') && body === undefined)
}

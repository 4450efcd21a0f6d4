import { X509Certificate } from 'node:crypto'
import { Agent, type AgentOptions, request as httpsRequest, type RequestOptions } from 'node:https'
import type { Readable } from 'node:stream'
import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls'
import { type BackendResponse, exchange, type UpgradedConnection } from './http-backend.ts'

/** How a pool knows its servers, and how it proves who it is itself; all PEM. */
export interface PoolTls {
  /** That the servers' certificates must be for. */
  readonly serverName: string
  /** Whose certificates are trusted: those of the system when absent. */
  readonly authority?: string | undefined
  /** Any certificate will do. */
  readonly isUnchecked: boolean
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

/** A request to one server of a pool. */
export interface PooledRequest {
  readonly host: string
  readonly port: number
  readonly method: string
  /** With its query, percent-encoded. */
  readonly path: string
  /** A list is sent as a header of its own for each value. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Readable | Uint8Array | undefined
  /** Ends the request, also while its answer is being read. */
  readonly signal?: AbortSignal | undefined
}

/** Servers that are known by one name; connections to them are used again. */
export interface Pool extends Disposable {
  /** Rejects with the system's error where the server cannot be reached or trusted. */
  send(request: PooledRequest): Promise<BackendResponse | UpgradedConnection>
}

/** Opens a pool. Throws where an authority or a certificate cannot be read. */
export type OpenPool = (tls: PoolTls) => Pool

/** As Go's transport: idle connections are kept for 90 seconds. */
const IDLE_MS = 90_000
const MOST_IDLE = 16

/** Over the network. */
export const openHttpsPool: OpenPool = (tls) => new HttpsPool(tls)

class HttpsPool implements Pool {
  readonly #agent: Agent

  constructor({ serverName, authority, isUnchecked, certificate, key }: PoolTls) {
    if (authority !== undefined) checkAuthority(authority)
    this.#agent = new Agent({
      keepAlive: true,
      timeout: IDLE_MS,
      maxFreeSockets: MOST_IDLE,
      scheduling: 'lifo',
      servername: serverName,
      rejectUnauthorized: !isUnchecked,
      secureContext: createSecureContext({
        ...(authority !== undefined && { ca: authority }),
        ...(certificate !== undefined && { cert: certificate }),
        ...(key !== undefined && { key }),
      }),
      checkServerIdentity: (host, peer) => checkNames(host, peer),
    } as AgentOptions)
  }

  send(request: PooledRequest): Promise<BackendResponse | UpgradedConnection> {
    return this.#try(request, true)
  }

  #try(request: PooledRequest, mayRepeat: boolean): Promise<BackendResponse | UpgradedConnection> {
    const { body, signal } = request
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error)
        return
      }
      const outgoing = httpsRequest(this.#optionsOf(request))
      // A connection that rests is no failure: only while nobody uses it may time end it.
      outgoing.on('socket', (socket) => socket.setTimeout(0))
      outgoing.on('error', (error: NodeJS.ErrnoException) => {
        // The server has closed an idle connection just when it was chosen: that says nothing.
        const isStale = outgoing.reusedSocket && error.code === 'ECONNRESET'
        if (isStale && mayRepeat && isRepeatable(request)) resolve(this.#try(request, false))
        else reject(error)
      })
      exchange(outgoing, { body, signal }, resolve)
    })
  }

  #optionsOf({ host, port, method, path, headers }: PooledRequest): RequestOptions {
    const sent: Record<string, string | string[]> = { host: authorityOf(host, port) }
    for (const [name, value] of Object.entries(headers)) {
      sent[name] = typeof value === 'string' ? value : [...value]
    }
    return { host, port, method, path, headers: sent, agent: this.#agent }
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

/** Node ignores what is no certificate, and then trusts nobody. */
function checkAuthority(authority: string): void {
  const blocks = authority.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)
  if (blocks === null) throw new Error('unable to parse bytes as PEM block')
  for (const block of blocks) new X509Certificate(block)
}

/** As Go: the common name of a certificate is no name of a server. */
function checkNames(host: string, certificate: PeerCertificate): Error | undefined {
  if ((certificate.subjectaltname ?? '') !== '') return checkServerIdentity(host, certificate)
  const error = new Error(`the certificate of ${host} has no alternative names`)
  return Object.assign(error, { code: 'ERR_TLS_CERT_ALTNAME_INVALID', cert: certificate })
}

function isRepeatable({ method, body }: PooledRequest): boolean {
  return (method === 'GET' || method === 'HEAD') && body === undefined
}

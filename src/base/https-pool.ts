import { X509Certificate } from 'node:crypto'
import { Agent, type AgentOptions, request as httpsRequest, type RequestOptions } from 'node:https'
import { isIP } from 'node:net'
import type { Duplex, Readable } from 'node:stream'
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type PeerCertificate,
} from 'node:tls'
import type { Dial } from './egress/dial.ts'
import { type BackendResponse, exchange, type UpgradedConnection } from './http-backend.ts'

/** How a pool knows its servers, and how it proves who it is itself; all PEM. */
export interface PoolTls {
  /** Whose certificates are trusted: those of the system when absent. */
  readonly authority?: string | undefined
  /** Any certificate will do. */
  readonly isUnchecked?: boolean
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

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

/**
 * Over the network, by HTTP/1.1: with HTTP/2 all requests would share one connection, and so one of
 * the pods behind a service (upstream's reason too).
 */
export const openHttpsPool: OpenPool = (tls) => new HttpsPool(agentOf(tls))

/** The same by connections that somebody else opens. */
export function openHttpsPoolBy(dial: Dial): OpenPool {
  return (tls) => new HttpsPool(new DialingAgent(dial, agentOptions(tls)))
}

function agentOf(tls: PoolTls): Agent {
  return new Agent(agentOptions(tls))
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

  #optionsOf({ host, port, serverName, method, path, headers }: PooledRequest): RequestOptions {
    const sent: Record<string, string | string[]> = { host: authorityOf(host, port) }
    for (const [name, value] of Object.entries(headers)) {
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

function agentOptions({ authority, isUnchecked = false, certificate, key }: PoolTls): AgentOptions {
  return {
    keepAlive: true,
    timeout: IDLE_MS,
    maxFreeSockets: MOST_IDLE,
    scheduling: 'lifo',
    rejectUnauthorized: !isUnchecked,
    secureContext: createSecureContext({
      ...(authority !== undefined && { ca: certificatesOf(authority) }),
      ...(certificate !== undefined && { cert: certificate }),
      ...(key !== undefined && { key }),
    }),
    checkServerIdentity: (host, peer) => checkNames(host, peer),
  } as AgentOptions
}

/** Speaks TLS on connections that somebody else opens. */
class DialingAgent extends Agent {
  readonly #dial: Dial

  constructor(dial: Dial, options: AgentOptions) {
    super(options)
    this.#dial = dial
  }

  /** As the agents of Node: answers later by the callback. */
  override createConnection(
    options: ConnectionOptions & { readonly host: string; readonly port: number },
    callback: (error: Error | null, socket?: Duplex) => void,
  ): undefined {
    const { host, port } = options
    this.#dial({ host, port: Number(port) }).then(
      (socket) => callback(null, connectTls({ ...options, socket })),
      (error: unknown) => callback(error as Error),
    )
  }
}

/** `host:port` as it stands in a URL. */
export function authorityOf(host: string, port: number): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

/**
 * What of a bundle is a certificate; as in Go the rest is skipped, unless nothing is left. Node
 * would skip it then, too, and trust nobody.
 */
function certificatesOf(bundle: string): string[] {
  const blocks = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []
  let why = 'unable to parse bytes as PEM block'
  const certificates = blocks.filter((block) => {
    try {
      new X509Certificate(block)
      return true
    } catch (error) {
      why = `failed to parse certificate: ${(error as Error).message}`
      return false
    }
  })
  if (certificates.length > 0) return certificates
  throw new Error(`unable to load root certificates: ${why}`)
}

/** As Go: the common name of a certificate is no name of a server. */
function checkNames(host: string, certificate: PeerCertificate): Error | undefined {
  if ((certificate.subjectaltname ?? '') !== '') return checkServerIdentity(host, certificate)
  const error = new Error(`the certificate of ${host} has no alternative names`)
  return Object.assign(error, { code: 'ERR_TLS_CERT_ALTNAME_INVALID', cert: certificate })
}

function isClosed({ code }: NodeJS.ErrnoException): boolean {
  return code === 'ECONNRESET' || code === 'EPIPE'
}

function isRepeatable({ method, body, isRepeatable = false }: PooledRequest): boolean {
  return isRepeatable || ((method === 'GET' || method === 'HEAD') && body === undefined)
}

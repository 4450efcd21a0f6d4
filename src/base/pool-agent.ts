import { X509Certificate } from 'node:crypto'
import { Agent } from 'node:https'
import type { Duplex } from 'node:stream'
import {
  type ConnectionOptions,
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type PeerCertificate,
  type TLSSocket,
} from 'node:tls'
import { systemClock } from './clock.ts'
import type { Dial } from './egress/dial.ts'
import { hasIssued } from './issued-certificate.ts'

/** How a pool knows its servers, and how it proves who it is itself; all PEM. */
export interface PoolTls {
  /** Whose certificates are trusted: those of the system when absent. */
  readonly authority?: string | undefined
  /** Any certificate will do. */
  readonly isUnchecked?: boolean
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

/** Which connections are kept: for how many milliseconds, and how many to one server. */
interface Kept {
  readonly timeout: number
  readonly maxFreeSockets: number
}

type Address = ConnectionOptions & { readonly host: string; readonly port: number }
type Connected = (error: Error | null, socket?: Duplex) => void

/** What OpenSSL says of a certificate that bears its authority's name, without looking further. */
const TAKEN_FOR_SELF_SIGNED = 'DEPTH_ZERO_SELF_SIGNED_CERT'

/**
 * Connections of a pool, opened by somebody else where there is a way of their own. Servers are
 * judged by OpenSSL, but as Go does it where an authority has issued certificates in its own name,
 * as operators do that make both themselves: what it has signed is no self-signed certificate.
 */
export class PoolAgent extends Agent {
  readonly #dial: Dial | undefined
  readonly #tls: PoolTls
  readonly #timeoutMs: number
  readonly #authorities: readonly string[] | undefined

  /** Throws where an authority or a certificate cannot be read. */
  constructor(tls: PoolTls, kept: Kept, dial?: Dial) {
    const authorities = tls.authority === undefined ? undefined : certificatesOf(tls.authority)
    super({
      ...kept,
      ...{ keepAlive: true, scheduling: 'lifo' },
      rejectUnauthorized: tls.isUnchecked !== true,
      secureContext: contextOf(tls, authorities),
      checkServerIdentity: checkNames,
    })
    this.#dial = dial
    this.#tls = tls
    this.#timeoutMs = kept.timeout
    this.#authorities = authorities
  }

  /** As the agents of Node: answers later by the callback. */
  override createConnection(options: Address, callback: Connected): undefined {
    this.#connect(options).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error as Error),
    )
  }

  async #connect(options: Address): Promise<TLSSocket> {
    try {
      return await this.#open(options)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== TAKEN_FOR_SELF_SIGNED) throw error
      const leaf = await this.#findLeaf(options)
      if (leaf === undefined) throw error
      // Trusted by itself: OpenSSL still judges its time, its use and its names.
      return this.#open({ ...options, secureContext: contextOf(this.#tls, [leaf]) })
    }
  }

  async #open(options: Address): Promise<TLSSocket> {
    const { host, port } = options
    const socket = await this.#dial?.({ host, port: Number(port) })
    return secured(connectTls({ ...options, ...(socket && { socket }) }), this.#timeoutMs)
  }

  /**
   * A server's certificate, PEM, if one of the authorities has signed it; nothing is sent to the
   * server by the connection that this takes.
   */
  async #findLeaf(options: Address): Promise<string | undefined> {
    const socket = await this.#open({ ...options, rejectUnauthorized: false })
    const leaf = socket.getPeerX509Certificate()
    socket.destroy()
    if (leaf === undefined) return undefined
    const isIssued = (this.#authorities ?? []).some((pem) => vouchesFor(pem, leaf))
    return isIssued ? leaf.toString() : undefined
  }
}

function vouchesFor(authority: string, leaf: X509Certificate): boolean {
  const issuer = new X509Certificate(authority)
  // By the clock that OpenSSL judges by, too.
  const isInForce = Date.parse(issuer.validTo) > systemClock.now()
  return issuer.ca && isInForce && hasIssued(issuer, leaf)
}

/** Resolves once the server is known; rejects with why it is not, or after so long. */
function secured(socket: TLSSocket, timeoutMs: number): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const onTimeout = () => socket.destroy(new Error('TLS handshake timeout'))
    socket.setTimeout(timeoutMs, onTimeout)
    socket.once('error', reject)
    socket.once('secureConnect', () => {
      socket.off('error', reject).off('timeout', onTimeout)
      resolve(socket)
    })
  })
}

function contextOf({ certificate, key }: PoolTls, authorities: readonly string[] | undefined) {
  return createSecureContext({
    ...(authorities !== undefined && { ca: [...authorities] }),
    ...(certificate !== undefined && { cert: certificate }),
    ...(key !== undefined && { key }),
  })
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

import { Agent, request as httpsRequest } from 'node:https'
import { checkServerIdentity, createSecureContext, type PeerCertificate } from 'node:tls'
import type { Location } from './service-resolver.ts'

/** One POST to a server whose address is known. */
export interface HttpsPost {
  readonly location: Location
  /** The name to expect in the certificate, and to ask for in the handshake. */
  readonly serverName: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** A longer answer is not read to its end: the call fails. */
  readonly maxBytes: number
  readonly signal: AbortSignal
}

/** An answer, whole. Header names in lower case. */
export interface HttpsAnswer {
  readonly code: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

/** Whom to trust and who we are; PEM. The system's roots are trusted when `ca` is absent. */
export interface TlsIdentity {
  readonly ca?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

/** Connections to servers that trust and know us in one way, kept open between calls. */
export interface HttpsPool extends Disposable {
  post(call: HttpsPost): Promise<HttpsAnswer>
}

/** An unused connection is closed after so long, as upstream's transport does. */
const IDLE_MS = 90_000

/**
 * HTTP/1.1 over TLS: with HTTP/2 all calls would share one connection, and so one of the pods
 * behind a service (upstream's reason too).
 */
export class KeepAlivePool implements HttpsPool {
  readonly #agent: Agent

  /** Throws where the PEM texts are none. */
  constructor({ ca, certificate, key }: TlsIdentity) {
    this.#agent = new Agent({
      keepAlive: true,
      timeout: IDLE_MS,
      secureContext: createSecureContext({
        ...(ca !== undefined && { ca }),
        ...(certificate !== undefined && { cert: certificate }),
        ...(key !== undefined && { key }),
      }),
      checkServerIdentity: checkNames,
    } as ConstructorParameters<typeof Agent>[0])
  }

  /** Rejects with the system's error, or with the reason of the signal. */
  async post(call: HttpsPost): Promise<HttpsAnswer> {
    for (;;) {
      const attempt = new Attempt()
      try {
        return await attempt.run(this.#agent, call)
      } catch (error) {
        if (call.signal.aborted) throw call.signal.reason
        // The server closed an unused connection at the moment when it was to be used.
        if (!attempt.wasClosedUnused(error)) throw error
      }
    }
  }

  [Symbol.dispose](): void {
    this.#agent.destroy()
  }
}

class Attempt {
  #wasReused = false
  #hasAnswer = false

  wasClosedUnused(error: unknown): boolean {
    const { code } = error as NodeJS.ErrnoException
    return this.#wasReused && !this.#hasAnswer && (code === 'ECONNRESET' || code === 'EPIPE')
  }

  run(agent: Agent, call: HttpsPost): Promise<HttpsAnswer> {
    const { location, serverName, path, headers, body, maxBytes, signal } = call
    return new Promise((resolve, reject) => {
      const outgoing = httpsRequest({
        ...{ ...location, agent, path, signal },
        method: 'POST',
        // An address is no name to ask for in a handshake.
        servername: isAddress(serverName) ? '' : serverName,
        headers: { ...headers, 'content-length': String(body.length) },
      })
      outgoing.on('error', (error) => {
        this.#wasReused = outgoing.reusedSocket
        reject(error)
      })
      outgoing.once('response', (response) => {
        this.#hasAnswer = true
        const chunks: Uint8Array[] = []
        let bytes = 0
        response.on('data', (chunk: Uint8Array) => {
          bytes += chunk.length
          chunks.push(chunk)
          if (bytes <= maxBytes) return
          reject(new Error(`http: response body too large: limit is ${maxBytes} bytes`))
          outgoing.destroy()
        })
        response.once('error', () => reject(new Error('unexpected EOF')))
        response.once('end', () => {
          const { statusCode: code = 0 } = response
          resolve({ code, headers: response.headers, text: Buffer.concat(chunks).toString() })
        })
      })
      outgoing.end(body)
    })
  }
}

/** Only alternative names count; the subject's common name is no name of a server any more. */
function checkNames(host: string, certificate: PeerCertificate): Error | undefined {
  if ((certificate.subjectaltname ?? '') !== '') return checkServerIdentity(host, certificate)
  const error = new Error(`the certificate of ${host} has no alternative names`)
  return Object.assign(error, { code: 'ERR_TLS_CERT_ALTNAME_INVALID', cert: certificate })
}

function isAddress(host: string): boolean {
  return /^[0-9.]+$|:/.test(host)
}

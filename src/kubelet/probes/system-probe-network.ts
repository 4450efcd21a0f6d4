import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { connect, isIPv6 } from 'node:net'
import type { Clock } from '../../base/clock.ts'
import { grpcHealth } from './grpc-health.ts'
import type { HttpRequest } from './http-request.ts'
import type { HttpAnswer, ProbeNetwork } from './probe-network.ts'

const MOST_BODY_BYTES = 10 * 1024
const MOST_REDIRECTS = 10

/** This machine's network. Every look has a connection of its own and leaves none behind. */
export class SystemProbeNetwork implements ProbeNetwork {
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async http(first: HttpRequest, timeoutMs: number): Promise<HttpAnswer> {
    const started = this.#clock.monotonic()
    let request = first
    for (let hops = 0; ; hops++) {
      const leftMs = timeoutMs - (this.#clock.monotonic() - started)
      const answer = await this.#once(request, leftMs)
      const next = redirect(request, answer)
      // Another host is none of the probe's business: the redirect itself is the answer.
      if (next === undefined || next.host !== request.host) return answer
      if (hops >= MOST_REDIRECTS) throw new Error('stopped after 10 redirects')
      request = next
    }
  }

  tcp(host: string, port: number, timeoutMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port })
      const timer = this.#clock.after(timeoutMs, () => {
        socket.destroy()
        reject(new Error(`dial tcp ${joinHostPort(host, port)}: i/o timeout`))
      })
      socket.once('connect', () => {
        timer[Symbol.dispose]()
        socket.resetAndDestroy() // No TIME_WAIT: there may be thousands of probes.
        resolve()
      })
      socket.once('error', (error) => {
        timer[Symbol.dispose]()
        socket.destroy()
        reject(dialError(host, port, error))
      })
    })
  }

  grpc(host: string, port: number, service: string, timeoutMs: number): Promise<string> {
    return grpcHealth(joinHostPort(host, port), service, timeoutMs, this.#clock)
  }

  #once(request: HttpRequest, timeoutMs: number): Promise<HttpAnswer & { location?: string }> {
    const { scheme, host, port, path, headers } = request
    const url = `${scheme}://${joinHostPort(host, port)}${path}`
    return new Promise((resolve, reject) => {
      const send = scheme === 'https' ? httpsRequest : httpRequest
      const outgoing = send({
        host,
        port,
        path,
        agent: false,
        rejectUnauthorized: false,
        headers: withHost(headers, joinHostPort(host, port)),
      })
      const timer = this.#clock.after(timeoutMs, () => {
        const why = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
        outgoing.destroy(new Error(`Get "${url}": ${why}`))
      })
      const end = () => timer[Symbol.dispose]()
      outgoing.once('error', (error: NodeJS.ErrnoException) => {
        end()
        const isDial = error.syscall === 'connect'
        reject(isDial ? new Error(`Get "${url}": ${dialError(host, port, error).message}`) : error)
      })
      outgoing.once('response', (response) => {
        const chunks: Buffer[] = []
        let size = 0
        const finish = () => {
          end()
          const body = Buffer.concat(chunks).subarray(0, MOST_BODY_BYTES).toString()
          const { location } = response.headers
          resolve({
            status: response.statusCode ?? 0,
            body,
            ...(location !== undefined && { location }),
          })
          outgoing.destroy()
        }
        response.on('data', (chunk: Buffer) => {
          chunks.push(chunk)
          size += chunk.length
          if (size > MOST_BODY_BYTES) finish()
        })
        response.once('end', finish)
        response.once('error', reject)
      })
      outgoing.end()
    })
  }
}

/** In a list Node sends what stands there and nothing else; a request without a host is refused. */
function withHost(headers: HttpRequest['headers'], host: string): readonly string[] {
  const isGiven = headers.some(([name]) => name.toLowerCase() === 'host')
  return isGiven ? headers.flat() : ['Host', host, ...headers.flat()]
}

function redirect(
  request: HttpRequest,
  { status, location }: HttpAnswer & { readonly location?: string },
): HttpRequest | undefined {
  const isRedirect = [301, 302, 303, 307, 308].includes(status)
  if (!isRedirect || location === undefined) return undefined
  const { scheme, host, port, path } = request
  const to = new URL(location, `${scheme}://${joinHostPort(host, port)}${path}`)
  const target = to.protocol === 'https:' ? 'https' : 'http'
  return {
    ...request,
    scheme: target,
    host: to.hostname.replace(/^\[|\]$/g, ''),
    port: to.port === '' ? (target === 'https' ? 443 : 80) : Number(to.port),
    path: `${to.pathname}${to.search}`,
  }
}

function joinHostPort(host: string, port: number): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'connect: connection timed out',
}

/** In the words that users know from upstream. */
function dialError(host: string, port: number, error: NodeJS.ErrnoException): Error {
  const why = WORDS[error.code ?? ''] ?? error.message
  return new Error(`dial tcp ${joinHostPort(host, port)}: ${why}`)
}

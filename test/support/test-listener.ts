import { once } from 'node:events'
import { type ClientHttp2Session, connect } from 'node:http2'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import type { Handler } from '../../src/apiserver/handler.ts'
import { Listener } from '../../src/apiserver/listener/listener.ts'
import type { WatchFrame } from '../../src/apiserver/response.ts'
import type { Clock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { createTlsIdentities, type TlsIdentities } from './tls-identities.ts'

export interface Answer {
  readonly code: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: Buffer
}

interface Identity {
  readonly cert?: string
  readonly key?: string
}

/** A listener on a free port of loopback whose handler a test can exchange, with clients for it. */
export class TestListener {
  handler: Handler = async () => ({ type: 'object', code: 200, object: {} })
  readonly identities: TlsIdentities
  readonly listener: Listener
  readonly port: number
  /** An HTTP/2 connection without a certificate. */
  readonly session: ClientHttp2Session

  private constructor(
    identities: TlsIdentities,
    listener: Listener,
    port: number,
    setHandler: (handler: Handler) => void,
  ) {
    this.identities = identities
    this.listener = listener
    this.port = port
    this.session = this.connect()
    setHandler((request) => this.handler(request))
  }

  static async start(clock: Clock, idleTimeoutMs?: number): Promise<TestListener> {
    const identities = await createTlsIdentities()
    let handler: Handler | undefined
    const listener = new Listener({
      handler: (request) => handler?.(request) ?? Promise.reject(new Error('not started')),
      tls: { ...identities.server, clientAuthority: identities.authority },
      clock,
      random: systemRandom,
      logger: silentLogger,
      ...(idleTimeoutMs !== undefined && { idleTimeoutMs }),
    })
    const { port } = await listener.listen(0, '127.0.0.1')
    return new TestListener(identities, listener, port, (given) => {
      handler = given
    })
  }

  connect(options: Identity & { settings?: object } = {}): ClientHttp2Session {
    const url = `https://127.0.0.1:${this.port}`
    return connect(url, { ca: this.identities.authority, ...options })
  }

  requestOptions(method: string, path: string, headers: Record<string, string>): RequestOptions {
    const ca = this.identities.authority
    return { host: '127.0.0.1', port: this.port, ca, agent: false, method, path, headers }
  }

  async http1(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: Buffer,
    identity: Identity = {},
  ): Promise<Answer> {
    const options = this.requestOptions(method, path, headers)
    const request = httpsRequest({ ...options, ...identity })
    request.on('error', () => {}) // The server may close before it has read a body it refuses.
    request.end(body)
    const [response] = await once(request, 'response')
    const joined = { ...response.headers }
    return { code: response.statusCode, headers: joined, body: await collect(response) }
  }

  async http2(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: Buffer,
    identity: Identity = {},
  ): Promise<Answer> {
    const hasOwn = identity.cert !== undefined
    const session = hasOwn ? this.connect(identity) : this.session
    const stream = session.request(
      { ':method': method, ':path': path, ...headers },
      { endStream: body === undefined },
    )
    stream.on('error', () => {})
    if (body !== undefined) stream.end(body)
    const [head] = await once(stream, 'response')
    const answer = { code: head[':status'], headers: head, body: await collect(stream) }
    if (hasOwn) session.close()
    return answer
  }
}

export async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The batches of a watch, pushed by hand; each text is one event's line. */
export function frameQueue() {
  const waiting: WatchFrame[] = []
  let wake = () => {}
  let isEnded = false
  async function* batches(): AsyncGenerator<readonly WatchFrame[]> {
    for (;;) {
      if (waiting.length > 0) yield waiting.splice(0)
      else if (isEnded) return
      else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  }
  return {
    batches: batches(),
    push(...texts: string[]) {
      for (const text of texts) {
        waiting.push({ event: {} as never, bytes: () => Buffer.from(`${text}\n`) })
      }
      wake()
    },
    end() {
      isEnded = true
      wake()
    },
  }
}

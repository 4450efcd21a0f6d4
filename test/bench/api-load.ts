import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2'

/** One request of a load: what to send. */
export interface LoadRequest {
  readonly method: string
  readonly path: string
  readonly body?: string
  readonly contentType?: string
}

/** What a load came to. */
export interface LoadResult {
  readonly perSecond: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly bytes: number
  readonly failures: number
}

export interface LoadTarget {
  readonly url: string
  /** PEM; without an authority the server is not verified. */
  readonly authority: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
  readonly token?: string | undefined
}

/** HTTP/2 clients with a connection each, all in one process that is not the server's. */
export class LoadClients implements Disposable {
  readonly #sessions: readonly ClientHttp2Session[]
  readonly #headers: OutgoingHttpHeaders

  private constructor(sessions: readonly ClientHttp2Session[], headers: OutgoingHttpHeaders) {
    this.#sessions = sessions
    this.#headers = headers
  }

  static async connect(target: LoadTarget, count: number): Promise<LoadClients> {
    const sessions = Array.from({ length: count }, () =>
      connect(target.url, {
        ...(target.authority === undefined
          ? { rejectUnauthorized: false }
          : { ca: target.authority }),
        ...(target.certificate !== undefined && { cert: target.certificate }),
        ...(target.key !== undefined && { key: target.key }),
        settings: { initialWindowSize: 16 * 1024 * 1024, enablePush: false },
      }),
    )
    // All at once: one that connects while another is waited for must not be missed.
    await Promise.all(sessions.map(connected))
    for (const session of sessions) session.setLocalWindowSize(64 * 1024 * 1024)
    const { token } = target
    return new LoadClients(
      sessions,
      token === undefined ? {} : { authorization: `Bearer ${token}` },
    )
  }

  /** Sends requests, one at a time on each connection, until all have been answered. */
  async run(requests: Iterable<LoadRequest>): Promise<LoadResult> {
    const queue = requests[Symbol.iterator]()
    const times: number[] = []
    let bytes = 0
    let failures = 0
    const began = performance.now()
    await Promise.all(
      this.#sessions.map(async (session) => {
        for (let next = queue.next(); next.done !== true; next = queue.next()) {
          const started = performance.now()
          const answer = await send(session, next.value, this.#headers)
          times.push(performance.now() - started)
          bytes += answer.bytes
          if (answer.status >= 400) failures++
        }
      }),
    )
    const seconds = (performance.now() - began) / 1000
    const sorted = times.toSorted((a, b) => a - b)
    const at = (part: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
    return {
      perSecond: times.length / seconds,
      p50Ms: at(0.5) ?? 0,
      p99Ms: at(0.99) ?? 0,
      bytes,
      failures,
    }
  }

  /** Sends one request. */
  send(request: LoadRequest): Promise<{ readonly status: number; readonly bytes: number }> {
    return send(this.#sessions[0] as ClientHttp2Session, request, this.#headers)
  }

  /** The text that a path is answered with. */
  async read(path: string): Promise<string> {
    const stream = (this.#sessions[0] as ClientHttp2Session).request({
      ...this.#headers,
      ':method': 'GET',
      ':path': path,
    })
    stream.setEncoding('utf8')
    let text = ''
    for await (const part of stream) text += part
    return text
  }

  /** Opens a watch on each connection in turn; `onLines` gets how many events have come. */
  watch(path: string, count: number, onLines: (lines: number) => void): Disposable {
    const streams = Array.from({ length: count }, (_, index) => {
      const session = this.#sessions[index % this.#sessions.length] as ClientHttp2Session
      const stream = session.request({ ...this.#headers, ':method': 'GET', ':path': path })
      stream.on('data', (chunk: Buffer) => onLines(countLines(chunk)))
      stream.on('error', () => {})
      return stream
    })
    return {
      [Symbol.dispose]() {
        for (const stream of streams) stream.close()
      },
    }
  }

  [Symbol.dispose](): void {
    for (const session of this.#sessions) session.destroy()
  }
}

function send(
  session: ClientHttp2Session,
  { method, path, body, contentType = 'application/json' }: LoadRequest,
  headers: OutgoingHttpHeaders,
): Promise<{ readonly status: number; readonly bytes: number }> {
  return new Promise((resolve, reject) => {
    const stream = session.request({
      ...headers,
      ':method': method,
      ':path': path,
      ...(body !== undefined && { 'content-type': contentType }),
    })
    let status = 0
    let bytes = 0
    stream.on('response', (headers) => {
      status = Number(headers[':status'])
    })
    stream.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    stream.on('end', () => resolve({ status, bytes }))
    stream.on('error', reject)
    stream.end(body)
  })
}

function connected(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    session.once('connect', () => resolve())
    session.once('error', reject)
  })
}

function countLines(chunk: Buffer): number {
  let lines = 0
  for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++
  return lines
}

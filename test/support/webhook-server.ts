import { once } from 'node:events'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { systemClock } from '../../src/base/clock.ts'
import { systemRandom } from '../../src/base/random.ts'
import { CertificateAuthority } from '../../src/cluster/certificates/certificate-authority.ts'

/** A call as a webhook's server sees it. */
export interface WebhookCall {
  /** With its query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  // biome-ignore lint/suspicious/noExplicitAny: whatever was posted
  readonly body: Record<string, any>
}

/** What is answered; an object is sent as JSON with 200. `undefined` never answers. */
export type WebhookAnswer =
  | object
  | { readonly code: number; readonly text: string; readonly headers?: Record<string, string> }
  | undefined

/** A real HTTPS server on loopback that answers webhooks as a test says. */
export class WebhookServer implements AsyncDisposable {
  /** Replaced by tests. */
  answer: (call: WebhookCall) => WebhookAnswer | Promise<WebhookAnswer> = () => ({})
  readonly calls: WebhookCall[] = []
  /** How many connections were opened. */
  connections = 0
  readonly port: number
  /** PEM in base64, for a configuration. */
  readonly caBundle: string
  readonly #server: Server

  private constructor(server: Server, authority: string) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    this.caBundle = Buffer.from(authority).toString('base64')
  }

  static async start(
    hosts: readonly string[] = ['127.0.0.1', 'localhost', 'hook.default.svc'],
    clientAuthority?: string,
  ): Promise<WebhookServer> {
    const authority = await CertificateAuthority.create('hooks', systemClock, systemRandom)
    const pair = await authority.issue({ commonName: 'hook', hosts, usages: ['server'] })
    const server = createServer({
      cert: pair.certificate,
      key: pair.key,
      ...(clientAuthority !== undefined && { ca: clientAuthority, requestCert: true }),
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const hook = new WebhookServer(server, authority.certificate)
    server.on('secureConnection', () => {
      hook.connections++
    })
    server.on('request', async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      const text = Buffer.concat(chunks).toString()
      const body = text === '' ? {} : JSON.parse(text)
      const call = { path: request.url ?? '', headers: request.headers, body }
      hook.calls.push(call)
      const answer = await hook.answer(call)
      if (answer === undefined) return
      if ('code' in answer && 'text' in answer) {
        response.writeHead(
          answer.code as number,
          (answer as { headers?: Record<string, string> }).headers ?? {},
        )
        response.end(answer.text as string)
        return
      }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(answer))
    })
    return hook
  }

  url(path: string): string {
    return `https://127.0.0.1:${this.port}${path}`
  }

  /** Closes connections that nobody uses, as a server does after a while. */
  closeIdle(): void {
    this.#server.closeIdleConnections()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { KeyPair } from '../../src/cluster/certificates/certificate.ts'

/** What the server was asked, as it arrived. */
export interface SeenRequest {
  readonly method: string
  readonly url: string
  /** Names as they were sent, in pairs with their values. */
  readonly rawHeaders: readonly string[]
  readonly body: string
  /** Of the caller's certificate; '' without one. */
  readonly peerName: string
}

const GROUP = 'things.example.com'
const V2 = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
const THINGS = {
  ...{ name: 'things', singularName: 'thing', namespaced: true, kind: 'Thing' },
  ...{ verbs: ['get', 'list', 'watch'], shortNames: ['th'] },
}
const SWAGGER = {
  swagger: '2.0',
  info: { title: 'things', version: 'v1' },
  paths: {
    '/version/': { get: { operationId: 'version' } },
    [`/apis/${GROUP}/v1/things`]: {
      get: {
        operationId: 'listThings',
        responses: {
          200: { description: 'OK', schema: { $ref: '#/definitions/com.example.Thing' } },
        },
      },
    },
  },
  definitions: {
    'com.example.Thing': {
      type: 'object',
      properties: { metadata: { $ref: '#/definitions/io.k8s.api.core.v1.Pod' } },
    },
    'com.example.Unused': { type: 'object' },
    'io.k8s.api.core.v1.Pod': { type: 'object', description: 'not what it is elsewhere' },
  },
}

/** One of them has a comma in it. */
export const COOKIES = ['a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT', 'b=2']

/** A small aggregated API server of group `things.example.com`, on a free port of loopback. */
export class ExtensionServer {
  readonly seen: SeenRequest[] = []
  /** The answer of an open watch: the test writes its lines. */
  watch?: ServerResponse
  /** Whether it knows aggregated discovery. */
  isOld = false
  /** Of the discovery of its version only the head comes; the test has the rest in `watch`. */
  stalls = false
  readonly #server: Server

  private constructor(identity: KeyPair, clientAuthority: string) {
    this.#server = createServer({
      ...{ cert: identity.certificate, key: identity.key, ca: clientAuthority },
      requestCert: true,
      rejectUnauthorized: false,
    })
    this.#server.on('request', (request, response) => void this.#answer(request, response))
    this.#server.on('upgrade', (request: IncomingMessage, socket, head) => {
      this.#see(request, '')
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: echo\r\n\r\n',
      )
      socket.write(head)
      socket.pipe(socket)
    })
  }

  static async start(identity: KeyPair, clientAuthority: string): Promise<ExtensionServer> {
    const server = new ExtensionServer(identity, clientAuthority)
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  #see(request: IncomingMessage, body: string): void {
    const { method = '', url = '', rawHeaders } = request
    const peer = (request.socket as TLSSocket).getPeerCertificate()
    this.seen.push({ method, url, rawHeaders, body, peerName: String(peer.subject?.CN ?? '') })
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    this.#see(request, Buffer.concat(chunks).toString())
    const { pathname, searchParams } = new URL(request.url ?? '', 'https://x')
    if (pathname === '/apis' && this.isOld) return send(response, 404, {})
    if (pathname === '/apis') return send(response, 200, aggregated(), V2)
    if (pathname === `/apis/${GROUP}/v1` && this.stalls) {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      this.watch = response
      return
    }
    if (pathname === `/apis/${GROUP}/v1`) {
      const resources = [THINGS, { ...THINGS, name: 'things/status', singularName: '' }]
      return send(response, 200, {
        kind: 'APIResourceList',
        groupVersion: `${GROUP}/v1`,
        resources,
      })
    }
    if (pathname === '/openapi/v3') return send(response, 200, index())
    if (pathname.startsWith('/openapi/v3/')) return send(response, 200, { openapi: '3.0.0' })
    if (pathname === '/openapi/v2') return send(response, 200, SWAGGER)
    if (pathname.endsWith('/moved')) {
      response.writeHead(302, { location: 'https://elsewhere.example.com/' }).end()
      return
    }
    if (searchParams.has('watch')) {
      response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
      this.watch = response
      return
    }
    response.setHeader('keep-alive', 'timeout=7')
    response.setHeader('x-own', 'kept')
    response.setHeader('set-cookie', COOKIES)
    send(response, 200, { kind: 'ThingList', apiVersion: `${GROUP}/v1`, metadata: {}, items: [] })
  }
}

function send(response: ServerResponse, code: number, body: object, type = 'application/json') {
  const text = JSON.stringify(body)
  const etag = `"${createHash('sha256').update(text).digest('hex')}"`
  response.writeHead(code, { 'content-type': type, etag }).end(text)
}

function aggregated() {
  const resource = {
    ...{ resource: 'things', scope: 'Namespaced', singularResource: 'thing', shortNames: ['th'] },
    responseKind: { group: '', version: '', kind: 'Thing' },
    verbs: ['get', 'list', 'watch'],
  }
  const versions = [{ version: 'v1', freshness: 'Current', resources: [resource] }]
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: [{ metadata: { name: GROUP }, versions }],
  }
}

function index() {
  const entry = (path: string) => ({ serverRelativeURL: `/openapi/v3/${path}?hash=1` })
  const path = `apis/${GROUP}/v1`
  return { paths: { [path]: entry(path), version: entry('version') } }
}

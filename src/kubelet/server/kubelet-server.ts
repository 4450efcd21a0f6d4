import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Clock } from '../../base/clock.ts'
import { aborted, type Component } from '../../base/lifetime.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Client } from '../../client/client.ts'
import type { ContainerRuntime } from '../../cri/container-runtime.ts'
import type { LogFiles } from '../logs/log-files.ts'
import type { Machine } from '../node/machine.ts'
import { HttpFailure } from './http-failure.ts'
import { KubeletAuth } from './kubelet-auth.ts'
import type { KubeletView } from './kubelet-view.ts'
import { kubeletMetrics, resourceMetrics } from './node-metrics.ts'
import { LogServer } from './serve-logs.ts'
import { StreamServer } from './serve-streams.ts'
import { statsSummary } from './stats-summary.ts'
import { refuseUpgrade } from './stream-proxy.ts'

/** What proves who the server is. PEM. */
export interface ServingCertificate {
  readonly certificate: string
  readonly key: string
}

export interface KubeletServerOptions {
  readonly kubelet: KubeletView
  readonly nodeName: string
  /** The node's own identity: it may ask who may do what to it. */
  readonly client: Client
  readonly runtime: ContainerRuntime
  readonly logFiles: LogFiles
  readonly machine: Machine
  readonly clock: Clock
  readonly logger: Logger
  readonly address: string
  /** 0 for any free one. */
  readonly port: number
  /** Asked for at the start, and again by `renewCertificate`. */
  servingCertificate(): Promise<ServingCertificate>
  /** Who signs the certificates of those that may come in. PEM. */
  readonly clientAuthorities: string
}

/** The node's HTTPS server: logs, exec, attach, port-forward, stats, for those who may. */
export class KubeletServer implements Component {
  readonly name = 'kubelet-server'
  readonly #options: KubeletServerOptions
  readonly #auth: KubeletAuth
  readonly #logs: LogServer
  readonly #streams: StreamServer
  readonly #sockets = new Set<Duplex>()
  #server: Server | undefined

  constructor(options: KubeletServerOptions) {
    const { client, clock, nodeName, kubelet, runtime, logFiles } = options
    this.#options = options
    this.#auth = new KubeletAuth(client, clock, nodeName)
    this.#logs = new LogServer(kubelet, runtime, logFiles, clock)
    this.#streams = new StreamServer(kubelet, runtime)
  }

  /** Resolves with the port once connections are accepted. */
  async listen(): Promise<number> {
    const { address, port, clientAuthorities, servingCertificate } = this.#options
    const { certificate, key } = await servingCertificate()
    const server = createServer(
      {
        cert: certificate,
        key,
        ca: clientAuthorities,
        requestCert: true,
        rejectUnauthorized: false, // Tokens do too; nobody comes in without either.
        minVersion: 'TLSv1.2',
      },
      (request, response) => void this.#answer(request, response),
    )
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      void this.#upgrade(request, socket, head)
    })
    server.on('secureConnection', (socket: TLSSocket) => this.#track(socket))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, address, resolve)
    })
    this.#server = server
    const bound = server.address()
    return typeof bound === 'object' && bound !== null ? bound.port : port
  }

  /** Uses the certificate that is served now for all connections from here on. */
  async renewCertificate(): Promise<void> {
    const { certificate, key } = await this.#options.servingCertificate()
    this.#server?.setSecureContext({ cert: certificate, key, ca: this.#options.clientAuthorities })
  }

  async run(signal: AbortSignal): Promise<void> {
    if (this.#server === undefined) await this.listen()
    await aborted(signal)
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server?.close(() => resolve()))
    this.#server = undefined
  }

  #track(socket: Duplex): void {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#admit(request)
      await this.#route(request, response)
    } catch (error) {
      if (response.headersSent) {
        this.#options.logger.info('an answer broke off', { error: formatError(error) })
        response.destroy()
        return
      }
      const status = error instanceof HttpFailure ? error.status : 500
      response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' })
      response.end(formatError(error))
    }
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    try {
      await this.#admit(request)
      const { pathname, searchParams } = urlOf(request)
      const [what = '', ...path] = partsOf(pathname)
      await this.#streams.serve(what, path, searchParams, request, socket, head)
    } catch (error) {
      const status = error instanceof HttpFailure ? error.status : 500
      refuseUpgrade(socket, status, formatError(error))
    }
  }

  async #admit({ method = 'GET', headers, socket, url = '/' }: IncomingMessage): Promise<void> {
    const { pathname } = new URL(url, 'https://node')
    const { authorization } = headers
    const admission = await this.#auth.admit({
      method,
      path: pathname,
      authorization,
      socket: socket as TLSSocket,
    })
    if (!admission.isAllowed) throw new HttpFailure(admission.status, admission.message)
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { kubelet, runtime } = this.#options
    const { pathname, searchParams } = urlOf(request)
    const [what = '', ...path] = partsOf(pathname)
    if (['exec', 'attach', 'portForward'].includes(what)) {
      throw new HttpFailure(400, 'Upgrade request required')
    }
    if (request.method !== 'GET') throw new HttpFailure(405, '405: Method Not Allowed')
    switch (`/${[what, ...(what === 'containerLogs' ? [] : path)].join('/')}`) {
      case '/healthz':
        return send(response, 'text/plain; charset=utf-8', 'ok')
      case '/pods':
        return send(response, 'application/json', JSON.stringify(podList(kubelet)))
      case '/containerLogs':
        return this.#logs.serve(path, searchParams, response)
      case '/metrics':
        return send(response, 'text/plain; version=0.0.4', kubeletMetrics(kubelet))
      case '/metrics/resource': {
        const text = resourceMetrics(await runtime.listContainerStats())
        return send(response, 'text/plain; version=0.0.4', text)
      }
      case '/stats/summary':
        return send(response, 'application/json', JSON.stringify(await this.#summary()))
      default:
        throw new HttpFailure(404, '404 page not found')
    }
  }

  async #summary(): Promise<unknown> {
    const { runtime, machine, clock, nodeName } = this.#options
    const [containers, facts, room] = await Promise.all([
      runtime.listContainerStats(),
      machine.facts(),
      machine.room(),
    ])
    const { memoryBytes } = facts
    const { availableMemoryBytes } = room
    return statsSummary(nodeName, containers, { memoryBytes, availableMemoryBytes }, clock.now())
  }
}

function urlOf({ url = '/' }: IncomingMessage): URL {
  return new URL(url, 'https://node')
}

function partsOf(pathname: string): readonly string[] {
  return pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decodeURIComponent)
}

function send(response: ServerResponse, contentType: string, body: string): void {
  response.writeHead(200, { 'Content-Type': contentType })
  response.end(body)
}

function podList({ pods }: KubeletView): unknown {
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods }
}

import { request } from 'node:https'
import WebSocket from 'ws'
import { systemClock } from '../../src/base/clock.ts'
import { silentLogger } from '../../src/base/logger.ts'
import type { Client } from '../../src/client/client.ts'
import { systemLogFiles } from '../../src/kubelet/logs/log-files.ts'
import { simulatedMachine } from '../../src/kubelet/node/machine.ts'
import { KubeletServer } from '../../src/kubelet/server/kubelet-server.ts'
import type { RealNode } from './real-node.ts'
import { createTlsIdentities } from './tls-identities.ts'

/** A log that is being followed. */
export interface FollowedLog {
  text: string
  readonly ended: Promise<void>
}

/** A kubelet's server that lets everybody with a certificate do everything, and its caller. */
export class RealNodeServer {
  readonly #port: number
  readonly #tls: { readonly ca: string; readonly cert: string; readonly key: string }
  readonly #stop: () => Promise<void>

  private constructor(
    port: number,
    tls: { readonly ca: string; readonly cert: string; readonly key: string },
    stop: () => Promise<void>,
  ) {
    this.#port = port
    this.#tls = tls
    this.#stop = stop
  }

  static async start(node: RealNode): Promise<RealNodeServer> {
    const identities = await createTlsIdentities()
    const { certificate, key } = identities.server
    const client = { create: async () => ({ status: { allowed: true } }) } as unknown as Client
    const server = new KubeletServer({
      kubelet: node.kubelet,
      nodeName: 'node-1',
      client,
      runtime: node.host.runtime,
      logFiles: systemLogFiles,
      machine: simulatedMachine('node-1'),
      clock: systemClock,
      logger: silentLogger,
      address: '127.0.0.1',
      port: 0,
      servingCertificate: async () => ({ certificate, key }),
      clientAuthorities: identities.authority,
    })
    const port = await server.listen()
    const controller = new AbortController()
    const running = server.run(controller.signal)
    const caller = await identities.client('admin', ['system:masters'])
    const tls = { ca: identities.authority, cert: caller.certificate, key: caller.key }
    return new RealNodeServer(port, tls, async () => {
      controller.abort()
      await running
    })
  }

  stop(): Promise<void> {
    return this.#stop()
  }

  follow(path: string): Promise<FollowedLog> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.#port, path, agent: false, ...this.#tls }
      const outgoing = request(options, (response) => {
        const ended = new Promise<void>((end) => response.once('close', end))
        const log: FollowedLog = { text: '', ended }
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          log.text += chunk
        })
        resolve(log)
      })
      outgoing.once('error', reject)
      outgoing.end()
    })
  }

  /** A command with its input: what it printed and the Status that ends the stream. */
  exec(path: string, input: string): Promise<{ stdout: string; stderr: string; status: string }> {
    const socket = new WebSocket(`wss://127.0.0.1:${this.#port}${path}`, 'v4.channel.k8s.io', {
      ...this.#tls,
    })
    const channels = ['', '', '', '']
    return new Promise((resolve, reject) => {
      socket.once('error', reject)
      socket.on('message', (message: Buffer) => {
        const channel = message[0] ?? 0
        channels[channel] += message.subarray(1).toString()
      })
      socket.once('open', () => socket.send(Buffer.concat([Buffer.from([0]), Buffer.from(input)])))
      socket.once('close', () => {
        const [, stdout = '', stderr = '', status = ''] = channels
        resolve({ stdout, stderr, status })
      })
    })
  }
}

import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request as httpsRequest, type RequestOptions } from 'node:https'
import WebSocket from 'ws'
import { ClientCertificateAuthenticator } from '../../src/apiserver/authentication/client-certificate.ts'
import { Listener } from '../../src/apiserver/listener/listener.ts'
import { streamingSubresources } from '../../src/apiserver/streaming/streaming.ts'
import { systemClock } from '../../src/base/clock.ts'
import { sendRequest } from '../../src/base/http-backend.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import type { KeyPair } from '../../src/cluster/certificates/certificate.ts'
import { Namespace } from '../../src/kinds/core/v1/namespace.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { type SecuredApi, startSecuredApi } from './secured-api.ts'
import { type Command, SpdyKubelet } from './spdy-kubelet.ts'
import { createTlsIdentities, type TlsIdentities } from './tls-identities.ts'

export const PODS = '/api/v1/namespaces/default/pods'
export const SUCCESS = '{"metadata":{},"status":"Success"}'

/** What the pod's commands do. */
const run: Command = async (streams, [name = '', ...args]) => {
  const stdin = streams.get('stdin')
  const stdout = streams.get('stdout')
  if (name === 'cat' && stdin !== undefined && stdout !== undefined) {
    stdin.pipe(stdout)
    await once(stdin, 'end')
  } else if (name === 'exit') {
    const cause = { reason: 'ExitCode', message: args[0] }
    const details = { causes: [cause] }
    const message = `command terminated with non-zero exit code ${args[0]}`
    const reason = 'NonZeroExitCode'
    return JSON.stringify({ metadata: {}, status: 'Failure', message, reason, details })
  } else if (name === 'flood') {
    const piece = Buffer.alloc(64 * 1024, 'z')
    for (let left = Number(args[0]); left > 0 && !stdout?.destroyed; left--) {
      if (stdout?.write(piece) === false) await once(stdout, 'drain')
    }
  } else if (name === 'size') {
    const resize = streams.get('resize')
    const [size] = resize === undefined ? [] : await once(resize, 'data')
    stdout?.write(`saw ${size}`)
  } else {
    stdout?.write('to stdout')
    streams.get('stderr')?.write('to stderr')
  }
  return SUCCESS
}

/** An API server over real TLS, and behind it a kubelet with a pod `web` on the node `n1`. */
export class StreamingApi {
  readonly identities: TlsIdentities
  /** Of who may do everything. */
  readonly admin: KeyPair
  readonly api: SecuredApi
  readonly kubelet: SpdyKubelet
  readonly #listener: Listener
  #port = 0

  private constructor(
    identities: TlsIdentities,
    admin: KeyPair,
    api: SecuredApi,
    kubelet: SpdyKubelet,
  ) {
    this.identities = identities
    this.admin = admin
    this.api = api
    this.kubelet = kubelet
    this.#listener = new Listener({
      handler: (request) => api.server.handle(request),
      tls: { ...identities.server, clientAuthority: identities.authority },
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
    })
  }

  static async start(): Promise<StreamingApi> {
    const kubelet = new SpdyKubelet(run)
    await kubelet.listen()
    const identities = await createTlsIdentities()
    const api = await startSecuredApi(({ authorizer }) => ({
      authenticators: [new ClientCertificateAuthenticator(systemClock)],
      subresources: streamingSubresources({
        kubelets: kubelet,
        send: (target, request) => sendRequest({ ...target, host: '127.0.0.1' }, request),
        authorizer,
        random: systemRandom,
      }),
    }))
    const admin = await identities.client('admin', ['system:masters'])
    const streaming = new StreamingApi(identities, admin, api, kubelet)
    streaming.#port = (await streaming.#listener.listen(0, '127.0.0.1')).port
    await streaming.#createObjects()
    return streaming
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listener.close()
    await this.kubelet[Symbol.asyncDispose]()
    this.api[Symbol.dispose]()
  }

  webSocket(path: string, protocol: string | string[], pair = this.admin): WebSocket {
    return new WebSocket(`wss://127.0.0.1:${this.#port}${path}`, protocol, {
      ca: this.identities.authority,
      cert: pair.certificate,
      key: pair.key,
    })
  }

  exec(command: string, flags: string): WebSocket {
    const parts = command.split(' ').map((part) => `command=${part}`)
    const path = `${PODS}/web/exec?container=c&${flags}&${parts.join('&')}`
    return this.webSocket(path, 'v5.channel.k8s.io')
  }

  /** What `https.request` is to be told to ask as the administrator. */
  get target(): RequestOptions {
    return {
      ...{ host: '127.0.0.1', port: this.#port, ca: this.identities.authority, agent: false },
      ...{ cert: this.admin.certificate, key: this.admin.key },
    }
  }

  /** One request with its answer, whole. */
  async request(
    method: string,
    path: string,
    body?: string,
  ): Promise<{ readonly response: IncomingMessage; readonly text: string }> {
    const request = httpsRequest({ ...this.target, method, path }).end(body)
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    return { response, text: Buffer.concat(chunks).toString() }
  }

  async #createObjects(): Promise<void> {
    const { admin } = this.api
    await admin.create(Namespace, { metadata: { name: 'default' } })
    const node = await admin.create(Node, { metadata: { name: 'n1' } })
    const addresses = [{ type: 'InternalIP', address: '10.0.0.9' }]
    await admin.updateStatus(Node, { ...node, status: { ...node.status, addresses } })
    const containers = ['c', 'nothere', 'bad'].map((name) => ({ name, image: 'x' }))
    const spec = { nodeName: 'n1', containers }
    await admin.create(Pod, { metadata: { name: 'web', namespace: 'default' }, spec })
    const unassigned = { containers: [{ name: 'c', image: 'x' }] }
    await admin.create(Pod, {
      metadata: { name: 'waiting', namespace: 'default' },
      spec: unassigned,
    })
  }
}

/** Everything that comes on each channel until the connection closes. */
export async function collect(socket: WebSocket): Promise<Record<number, string>> {
  const channels: Record<number, string> = {}
  socket.on('message', (data: Buffer) => {
    const channel = data[0] ?? -1
    channels[channel] = (channels[channel] ?? '') + data.subarray(1)
  })
  const [code] = await once(socket, 'close')
  assert.equal(code, 1000)
  return channels
}

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpsRequest } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import WebSocket from 'ws'
import { ClientCertificateAuthenticator } from '../../src/apiserver/authentication/client-certificate.ts'
import { Listener } from '../../src/apiserver/listener/listener.ts'
import { streamingSubresources } from '../../src/apiserver/streaming/streaming.ts'
import { systemClock } from '../../src/base/clock.ts'
import { sendRequest } from '../../src/base/http-backend.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { systemRandom } from '../../src/base/random.ts'
import { SpdySession } from '../../src/base/spdy/spdy-session.ts'
import type { KeyPair } from '../../src/cluster/certificates/certificate.ts'
import { Namespace } from '../../src/kinds/core/v1/namespace.ts'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { ClusterRole } from '../../src/kinds/rbac/v1/cluster-role.ts'
import { ClusterRoleBinding } from '../../src/kinds/rbac/v1/cluster-role-binding.ts'
import { type SecuredApi, startSecuredApi } from '../support/secured-api.ts'
import { type Command, SpdyKubelet } from '../support/spdy-kubelet.ts'
import { createTlsIdentities, type TlsIdentities } from '../support/tls-identities.ts'

const PODS = '/api/v1/namespaces/default/pods'
const SUCCESS = '{"metadata":{},"status":"Success"}'

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

describe('streaming', { timeout: 30_000 }, () => {
  let api: SecuredApi
  let identities: TlsIdentities
  let admin: KeyPair
  let listener: Listener
  let port: number
  const kubelet = new SpdyKubelet(run)

  before(async () => {
    await kubelet.listen()
    identities = await createTlsIdentities()
    admin = await identities.client('admin', ['system:masters'])
    api = await startSecuredApi(({ authorizer }) => ({
      authenticators: [new ClientCertificateAuthenticator(systemClock)],
      subresources: streamingSubresources({
        kubelets: kubelet,
        send: (target, request) => sendRequest({ ...target, host: '127.0.0.1' }, request),
        authorizer,
        random: systemRandom,
      }),
    }))
    listener = new Listener({
      handler: (request) => api.server.handle(request),
      tls: { ...identities.server, clientAuthority: identities.authority },
      clock: systemClock,
      random: systemRandom,
      logger: silentLogger,
    })
    port = (await listener.listen(0, '127.0.0.1')).port
    await api.admin.create(Namespace, { metadata: { name: 'default' } })
    const node = await api.admin.create(Node, { metadata: { name: 'n1' } })
    const addresses = [{ type: 'InternalIP', address: '10.0.0.9' }]
    await api.admin.updateStatus(Node, { ...node, status: { ...node.status, addresses } })
    const containers = ['c', 'nothere', 'bad'].map((name) => ({ name, image: 'x' }))
    const spec = { nodeName: 'n1', containers }
    await api.admin.create(Pod, { metadata: { name: 'web', namespace: 'default' }, spec })
    const unassigned = { containers: [{ name: 'c', image: 'x' }] }
    const waiting = { name: 'waiting', namespace: 'default' }
    await api.admin.create(Pod, { metadata: waiting, spec: unassigned })
  })

  after(async () => {
    await listener.close()
    await kubelet[Symbol.asyncDispose]()
    api[Symbol.dispose]()
  })

  function webSocket(path: string, protocol: string | string[], pair = admin): WebSocket {
    return new WebSocket(`wss://127.0.0.1:${port}${path}`, protocol, {
      ca: identities.authority,
      cert: pair.certificate,
      key: pair.key,
    })
  }

  /** By hand: the library refuses protocols with a slash, which Kubernetes' have. */
  async function openTunnel(path: string, protocol: string): Promise<WebSocket> {
    const request = httpsRequest({
      ...{ host: '127.0.0.1', port, ca: identities.authority, agent: false, path },
      ...{ cert: admin.certificate, key: admin.key },
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': Buffer.alloc(16, 'k').toString('base64'),
        'sec-websocket-version': '13',
        'sec-websocket-protocol': protocol,
      },
    }).end()
    const [response, socket, head] = await once(request, 'upgrade')
    assert.equal(response.headers['sec-websocket-protocol'], protocol)
    const noAddress = null as unknown as string
    const client = new WebSocket(noAddress, undefined, {}) as WebSocket & {
      _isServer: boolean
      setSocket(socket: unknown, head: Buffer, options: object): void
    }
    client._isServer = false
    client.setSocket(socket, head, { maxPayload: 0, skipUTF8Validation: true })
    return client
  }

  function exec(command: string, flags: string): WebSocket {
    const parts = command.split(' ').map((part) => `command=${part}`)
    const path = `${PODS}/web/exec?container=c&${flags}&${parts.join('&')}`
    return webSocket(path, 'v5.channel.k8s.io')
  }

  /** Everything that comes on each channel until the connection closes. */
  async function collect(socket: WebSocket): Promise<Record<number, string>> {
    const channels: Record<number, string> = {}
    socket.on('message', (data: Buffer) => {
      const channel = data[0] ?? -1
      channels[channel] = (channels[channel] ?? '') + data.subarray(1)
    })
    const [code] = await once(socket, 'close')
    assert.equal(code, 1000)
    return channels
  }

  async function https(
    method: string,
    path: string,
    headers: Record<string, string> = {},
    body?: string,
  ) {
    const options = { host: '127.0.0.1', port, method, path, headers, agent: false }
    const tls = { ca: identities.authority, cert: admin.certificate, key: admin.key }
    const request = httpsRequest({ ...options, ...tls })
    request.end(body)
    const [response] = await once(request, 'response')
    const chunks: Buffer[] = []
    for await (const chunk of response) chunks.push(chunk as Buffer)
    return { response, text: Buffer.concat(chunks).toString() }
  }

  test('exec on a WebSocket: output, errors and success', async () => {
    const channels = await collect(exec('hello', 'stdout=true&stderr=true'))
    assert.deepEqual(channels, { 1: 'to stdout', 2: 'to stderr', 3: SUCCESS })
    assert.equal(kubelet.requests.at(-1), 'POST /exec/default/web/c?output=1&error=1&command=hello')
  })

  test('the end of the input can be told, and megabytes come back whole', async () => {
    const socket = exec('cat', 'stdin=true&stdout=true')
    const all = collect(socket)
    await once(socket, 'open')
    const piece = Buffer.alloc(32 * 1024, 'y')
    for (let index = 0; index < 96; index++) socket.send(Buffer.concat([Buffer.of(0), piece]))
    socket.send(Buffer.of(255, 0))
    const channels = await all
    assert.equal(channels[1]?.length, 96 * 32 * 1024)
    assert.equal(channels[3], SUCCESS)
  })

  test('a client that does not read holds the command back', async () => {
    const socket = exec('flood 2000', 'stdout=true')
    await once(socket, 'open')
    socket.pause()
    for (let turn = 0; turn < 500; turn++) await setImmediate()
    socket.resume()
    const channels = await collect(socket)
    assert.equal(channels[1]?.length, 2000 * 64 * 1024)
  })

  test('an exit code is told as upstream tells it', async () => {
    const channels = await collect(exec('exit 3', 'stdout=true'))
    assert.deepEqual(JSON.parse(channels[3] ?? ''), {
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: command terminated with exit code 3',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
  })

  test('a terminal has sizes and no error output', async () => {
    const socket = exec('size', 'stdin=true&stdout=true&stderr=true&tty=true')
    const all = collect(socket)
    await once(socket, 'open')
    socket.send(Buffer.concat([Buffer.of(4), Buffer.from('{"Width":80,"Height":24}')]))
    assert.equal((await all)[1], 'saw {"Width":80,"Height":24}')
  })

  test('a container that the kubelet does not find is told on the error channel', async () => {
    const path = `${PODS}/web/exec?container=nothere&stdout=true&command=x`
    const channels = await collect(webSocket(path, 'v5.channel.k8s.io'))
    const status = JSON.parse(channels[3] ?? '')
    assert.equal(status.reason, 'InternalError')
    assert.equal(
      status.message,
      'Internal error occurred: unable to upgrade connection: container not found ("c")',
    )
  })

  test('refusals before the upgrade are plain answers', async () => {
    const plain = await https('POST', `${PODS}/web/exec?container=c&command=x`)
    assert.equal(plain.response.statusCode, 400)
    assert.equal(JSON.parse(plain.text).message, 'Upgrade request required')
    const unnamed = await https('POST', `${PODS}/web/exec?command=x`)
    assert.equal(
      JSON.parse(unnamed.text).message,
      'a container name must be specified for pod web, choose one of: [c nothere bad]',
    )
    const wrong = await https('POST', `${PODS}/web/attach?container=z`)
    assert.equal(JSON.parse(wrong.text).message, 'container z is not valid for pod web')
    const waiting = await https('POST', `${PODS}/waiting/exec?command=x`)
    assert.equal(JSON.parse(waiting.text).message, 'pod waiting does not have a host assigned')
  })

  test('the right to get exec is not enough to run commands by a WebSocket', async () => {
    const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods/exec'] }]
    await api.admin.create(ClusterRole, { metadata: { name: 'looker' }, rules })
    const apiGroup = 'rbac.authorization.k8s.io'
    await api.admin.create(ClusterRoleBinding, {
      metadata: { name: 'looker' },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'looker' },
      subjects: [{ apiGroup, kind: 'User', name: 'looker' }],
    })
    const pair = await identities.client('looker')
    const path = `${PODS}/web/exec?container=c&command=x&stdout=true`
    const socket = webSocket(path, 'v5.channel.k8s.io', pair)
    const [, response] = await once(socket, 'unexpected-response')
    assert.equal(response.statusCode, 403)
    response.resume()
    // To end what was never open is told as an error, and then as the end.
    socket.on('error', () => {})
    const ended = new Promise((resolve) => socket.once('close', resolve))
    socket.terminate()
    await ended
  })

  test('SPDY of older clients is passed through', async () => {
    const request = httpsRequest({
      ...{ host: '127.0.0.1', port, ca: identities.authority, agent: false },
      ...{ cert: admin.certificate, key: admin.key, method: 'POST' },
      path: `${PODS}/web/exec?container=c&stdout=true&command=hello`,
      headers: {
        connection: 'Upgrade',
        upgrade: 'SPDY/3.1',
        'x-stream-protocol-version': 'v4.channel.k8s.io',
      },
    }).end()
    const [response, socket, head] = await once(request, 'upgrade')
    assert.equal(response.headers['x-stream-protocol-version'], 'v4.channel.k8s.io')
    const session = new SpdySession(socket, { role: 'client' }, head)
    const error = await session.openStream({ streamtype: ['error'] })
    const stdout = await session.openStream({ streamtype: ['stdout'] })
    error.resume()
    assert.equal(String((await once(stdout, 'data'))[0]), 'to stdout')
    session.destroy()
    await session.closed
  })

  test('port-forward: SPDY inside a WebSocket reaches the port', async () => {
    const echo = createTcpServer((socket) => socket.pipe(socket)).listen(0, '127.0.0.1')
    await once(echo, 'listening')
    const protocol = 'SPDY/3.1+portforward.k8s.io'
    const client = await openTunnel(`${PODS}/web/portforward`, protocol)
    const { WebSocketTunnel } = await import('../../src/apiserver/streaming/websocket-tunnel.ts')
    const session = new SpdySession(new WebSocketTunnel(client), { role: 'client' })
    const { port: target } = echo.address() as AddressInfo
    const shared = { port: [`${target}`], requestid: ['0'] }
    const error = await session.openStream({ streamtype: ['error'], ...shared })
    error.end()
    error.resume()
    const data = await session.openStream({ streamtype: ['data'], ...shared })
    const sent = Buffer.alloc(2 * 1024 * 1024, 'p')
    data.end(sent)
    let received = 0
    data.on('data', (chunk: Buffer) => {
      received += chunk.length
    })
    await once(data, 'end')
    assert.equal(received, sent.length)
    session.close()
    await once(client, 'close')
    await new Promise((resolve) => echo.close(resolve))
  })

  test('logs come as they are printed, and refusals as they are said', async () => {
    const { text, response } = await https('GET', `${PODS}/web/log?container=c&tailLines=5`)
    assert.equal(text, 'line 1\nline 2\n')
    assert.equal(response.headers['content-type'], 'text/plain')
    assert.equal(kubelet.requests.at(-1), 'GET /containerLogs/default/web/c?tailLines=5&stream=All')
    const bad = await https('GET', `${PODS}/web/log?container=bad`)
    assert.equal(bad.response.statusCode, 400)
    assert.equal(JSON.parse(bad.text).message, 'container "bad" in pod "web" is waiting to start')
    const none = await https('GET', `${PODS}/waiting/log`)
    assert.deepEqual([none.response.statusCode, none.text], [204, ''])
    const wrong = await https('GET', `${PODS}/web/log?container=c&tailLines=-1`)
    assert.equal(
      JSON.parse(wrong.text).message,
      'PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or ' +
        'equal to 0',
    )
  })

  test('a log comes as messages to who asks for a WebSocket', async () => {
    const messages = async (...protocols: string[]) => {
      const socket = webSocket(`${PODS}/web/log?container=c`, protocols)
      const pieces: string[] = []
      socket.on('message', (message) => pieces.push(String(message)))
      const [code] = await once(socket, 'close')
      return { protocol: socket.protocol, code, first: pieces[0], text: pieces.slice(1).join('') }
    }
    const bytes = { protocol: 'binary.k8s.io', code: 1000, first: '', text: 'line 1\nline 2\n' }
    assert.deepEqual(await messages('other', 'binary.k8s.io'), bytes)
    assert.deepEqual(await messages(), { ...bytes, protocol: '' })
    const { text, protocol } = await messages('base64.binary.k8s.io')
    assert.equal(protocol, 'base64.binary.k8s.io')
    assert.equal(Buffer.from(text, 'base64').toString(), bytes.text)
  })

  test('a watch comes as messages to who asks for a WebSocket', async () => {
    const url = '/api/v1/namespaces?watch=true&fieldSelector=metadata.name%3Ddefault'
    const socket = webSocket(url, [])
    const [message, isBinary] = await once(socket, 'message')
    assert.equal(isBinary, false)
    const { type, object } = JSON.parse(String(message))
    assert.deepEqual([type, object.metadata.name], ['ADDED', 'default'])
    const closed = once(socket, 'close')
    socket.close()
    await closed
  })

  test('a log that is followed ends when its reader goes', async () => {
    const options = { host: '127.0.0.1', port, ca: identities.authority, agent: false }
    const path = `${PODS}/web/log?container=c&follow=true`
    const pair = { cert: admin.certificate, key: admin.key }
    const request = httpsRequest({ ...options, ...pair, path }).end()
    const [response] = await once(request, 'response')
    assert.equal(String((await once(response, 'data'))[0]), 'line 1\n')
    response.destroy()
  })

  test('the proxy to a node passes requests on, without the proof of who asks', async () => {
    const base = '/api/v1/nodes/n1/proxy'
    const { response, text } = await https('POST', `${base}/a%20b?x=1`, {}, 'the body')
    assert.equal(response.statusCode, 200)
    assert.equal(response.headers['x-echo'], '/a%20b?x=1')
    assert.equal(response.headers['location'], `${base}/elsewhere`)
    const cookies = ['a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT', 'b=2']
    assert.deepEqual(response.headers['set-cookie'], cookies)
    assert.equal(text, 'the body')
    for (const method of ['GET', 'HEAD']) {
      const bare = await https(method, `${base}?a=b`)
      assert.equal(bare.response.statusCode, 301)
      assert.equal(bare.response.headers['location'], `${base}/?a=b`)
      assert.equal(bare.text, '')
    }
    for (const method of ['PUT', 'PATCH', 'POST']) {
      const sent = await https(method, `${base}?a=b`, {}, 'the body')
      assert.deepEqual([sent.response.headers['x-echo'], sent.text], ['/?a=b', 'the body'], method)
    }
  })

  test('the addresses in a page lead back through the proxy', async () => {
    const base = '/api/v1/nodes/n1/proxy'
    const { response, text } = await https('GET', `${base}/index.html`)
    assert.equal(text, `<a href="${base}/next">next</a><script>a = "<a href=/x>"</script>`)
    assert.equal(response.headers['content-encoding'], undefined)
    assert.equal(response.headers['etag'], undefined)
  })

  test('the proxy to a pod reaches no address of the server itself', async () => {
    for (const podIP of ['127.0.0.1', '169.254.169.254', '']) {
      const pod = await api.admin.get(Pod, { namespace: 'default', name: 'web' })
      await api.admin.updateStatus(Pod, { ...pod, status: { ...pod.status, podIP } })
      const { text } = await https('GET', `${PODS}/web:80/proxy/`)
      assert.equal(JSON.parse(text).message, 'address not allowed')
    }
  })
})

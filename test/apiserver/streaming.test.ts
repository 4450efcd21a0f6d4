import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpsRequest } from 'node:https'
import { type AddressInfo, createServer as createTcpServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import WebSocket from 'ws'
import { SpdySession } from '../../src/base/spdy/spdy-session.ts'
import { ClusterRole } from '../../src/kinds/rbac/v1/cluster-role.ts'
import { ClusterRoleBinding } from '../../src/kinds/rbac/v1/cluster-role-binding.ts'
import { collect, PODS, StreamingApi, SUCCESS } from '../support/streaming-api.ts'

describe('commands and forwarded ports', { timeout: 30_000 }, () => {
  let streaming: StreamingApi

  before(async () => {
    streaming = await StreamingApi.start()
  })
  after(() => streaming[Symbol.asyncDispose]())

  /** By hand: the library refuses protocols with a slash, which Kubernetes' have. */
  async function openTunnel(path: string, protocol: string): Promise<WebSocket> {
    const request = httpsRequest({
      ...streaming.target,
      path,
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

  test('exec on a WebSocket: output, errors and success', async () => {
    const channels = await collect(streaming.exec('hello', 'stdout=true&stderr=true'))
    assert.deepEqual(channels, { 1: 'to stdout', 2: 'to stderr', 3: SUCCESS })
    assert.equal(
      streaming.kubelet.requests.at(-1),
      'POST /exec/default/web/c?command=hello&error=1&output=1',
    )
  })

  test('the end of the input can be told, and megabytes come back whole', async () => {
    const socket = streaming.exec('cat', 'stdin=true&stdout=true')
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
    const socket = streaming.exec('flood 2000', 'stdout=true')
    await once(socket, 'open')
    socket.pause()
    for (let turn = 0; turn < 500; turn++) await setImmediate()
    socket.resume()
    const channels = await collect(socket)
    assert.equal(channels[1]?.length, 2000 * 64 * 1024)
  })

  test('an exit code is told as upstream tells it', async () => {
    const channels = await collect(streaming.exec('exit 3', 'stdout=true'))
    assert.deepEqual(JSON.parse(channels[3] ?? ''), {
      metadata: {},
      status: 'Failure',
      message: 'command terminated with non-zero exit code: command terminated with exit code 3',
      reason: 'NonZeroExitCode',
      details: { causes: [{ reason: 'ExitCode', message: '3' }] },
    })
  })

  test('a terminal has sizes and no error output', async () => {
    const socket = streaming.exec('size', 'stdin=true&stdout=true&stderr=true&tty=true')
    const all = collect(socket)
    await once(socket, 'open')
    socket.send(Buffer.concat([Buffer.of(4), Buffer.from('{"Width":80,"Height":24}')]))
    assert.equal((await all)[1], 'saw {"Width":80,"Height":24}')
  })

  test('a container that the kubelet does not find is told on the error channel', async () => {
    const path = `${PODS}/web/exec?container=nothere&stdout=true&command=x`
    const channels = await collect(streaming.webSocket(path, 'v5.channel.k8s.io'))
    const status = JSON.parse(channels[3] ?? '')
    assert.equal(status.reason, 'InternalError')
    assert.equal(
      status.message,
      'Internal error occurred: unable to upgrade connection: container not found ("c")',
    )
  })

  test('refusals before the upgrade are plain answers', async () => {
    const plain = await streaming.request('POST', `${PODS}/web/exec?container=c&command=x`)
    assert.equal(plain.response.statusCode, 400)
    assert.equal(JSON.parse(plain.text).message, 'Upgrade request required')
    const unnamed = await streaming.request('POST', `${PODS}/web/exec?command=x`)
    assert.equal(
      JSON.parse(unnamed.text).message,
      'a container name must be specified for pod web, choose one of: [c nothere bad]',
    )
    const wrong = await streaming.request('POST', `${PODS}/web/attach?container=z`)
    assert.equal(JSON.parse(wrong.text).message, 'container z is not valid for pod web')
    const waiting = await streaming.request('POST', `${PODS}/waiting/exec?command=x`)
    assert.equal(JSON.parse(waiting.text).message, 'pod waiting does not have a host assigned')
  })

  test('the right to get exec is not enough to run commands by a WebSocket', async () => {
    const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods/exec'] }]
    await streaming.api.admin.create(ClusterRole, { metadata: { name: 'looker' }, rules })
    const apiGroup = 'rbac.authorization.k8s.io'
    await streaming.api.admin.create(ClusterRoleBinding, {
      metadata: { name: 'looker' },
      roleRef: { apiGroup, kind: 'ClusterRole', name: 'looker' },
      subjects: [{ apiGroup, kind: 'User', name: 'looker' }],
    })
    const pair = await streaming.identities.client('looker')
    const path = `${PODS}/web/exec?container=c&command=x&stdout=true`
    const socket = streaming.webSocket(path, 'v5.channel.k8s.io', pair)
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
      ...streaming.target,
      method: 'POST',
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
})

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request as httpsRequest } from 'node:https'
import { after, before, describe, test } from 'node:test'
import { Node } from '../../src/kinds/core/v1/node.ts'
import { Pod } from '../../src/kinds/core/v1/pod.ts'
import { collect, PODS, StreamingApi } from '../support/streaming-api.ts'

describe('logs, and proxies to nodes and pods', { timeout: 30_000 }, () => {
  let streaming: StreamingApi

  before(async () => {
    streaming = await StreamingApi.start()
  })
  after(() => streaming[Symbol.asyncDispose]())

  test('logs come as they are printed, and refusals as they are said', async () => {
    const { text, response } = await streaming.request(
      'GET',
      `${PODS}/web/log?container=c&tailLines=5`,
    )
    assert.equal(text, 'line 1\nline 2\n')
    assert.equal(response.headers['content-type'], 'text/plain')
    assert.equal(streaming.kubelet.requests.at(-1), 'GET /containerLogs/default/web/c?tailLines=5')
    const bad = await streaming.request('GET', `${PODS}/web/log?container=bad`)
    assert.equal(bad.response.statusCode, 400)
    assert.equal(JSON.parse(bad.text).message, 'container "bad" in pod "web" is waiting to start')
    const none = await streaming.request('GET', `${PODS}/waiting/log`)
    assert.deepEqual([none.response.statusCode, none.text], [204, ''])
    const wrong = await streaming.request('GET', `${PODS}/web/log?container=c&tailLines=-1`)
    assert.equal(
      JSON.parse(wrong.text).message,
      'PodLogOptions "web" is invalid: tailLines: Invalid value: -1: must be greater than or ' +
        'equal to 0',
    )
  })

  test('a log comes as messages to who asks for a WebSocket', async () => {
    const messages = async (...protocols: string[]) => {
      const socket = streaming.webSocket(`${PODS}/web/log?container=c`, protocols)
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
    const socket = streaming.webSocket(url, [])
    const [message, isBinary] = await once(socket, 'message')
    assert.equal(isBinary, false)
    const { type, object } = JSON.parse(String(message))
    assert.deepEqual([type, object.metadata.name], ['ADDED', 'default'])
    const closed = once(socket, 'close')
    socket.close()
    await closed
  })

  test('a log that is followed ends when its reader goes', async () => {
    const path = `${PODS}/web/log?container=c&follow=true`
    const request = httpsRequest({ ...streaming.target, path }).end()
    const [response] = await once(request, 'response')
    assert.equal(String((await once(response, 'data'))[0]), 'line 1\n')
    response.destroy()
  })

  test('the proxy to a node passes requests on, without the proof of who asks', async () => {
    const base = '/api/v1/nodes/n1/proxy'
    const { response, text } = await streaming.request('POST', `${base}/a%20b?x=1`, 'the body')
    assert.equal(response.statusCode, 200)
    assert.equal(response.headers['x-echo'], '/a%20b?x=1')
    assert.equal(response.headers['location'], `${base}/elsewhere`)
    const cookies = ['a=1; Expires=Wed, 01 Jan 2031 00:00:00 GMT', 'b=2']
    assert.deepEqual(response.headers['set-cookie'], cookies)
    assert.equal(text, 'the body')
    for (const method of ['GET', 'HEAD']) {
      const bare = await streaming.request(method, `${base}?a=b`)
      assert.equal(bare.response.statusCode, 301)
      assert.equal(bare.response.headers['location'], `${base}/?a=b`)
      assert.equal(bare.text, '')
    }
    for (const method of ['PUT', 'PATCH', 'POST']) {
      const sent = await streaming.request(method, `${base}?a=b`, 'the body')
      assert.deepEqual([sent.response.headers['x-echo'], sent.text], ['/?a=b', 'the body'], method)
    }
  })

  test('the addresses in a page lead back through the proxy', async () => {
    const base = '/api/v1/nodes/n1/proxy'
    const { response, text } = await streaming.request('GET', `${base}/index.html`)
    assert.equal(text, `<a href="${base}/next">next</a><script>a = "<a href=/x>"</script>`)
    assert.equal(response.headers['content-encoding'], undefined)
    assert.equal(response.headers['etag'], undefined)
  })

  test('what cannot be reached is told in the words of upstream’s clients', async () => {
    const path = `${PODS}/web/log?container=c&tailLines=5&follow=true`
    const refused = 'dial tcp 10.0.0.9:1: connect: connection refused'
    const told = async (method: string, url: string, headers = {}) => {
      const request = httpsRequest({ ...streaming.target, path: url, method, headers }).end()
      const [response] = await once(request, 'response')
      const { code, reason, message } = JSON.parse(String((await once(response, 'data'))[0]))
      return [code, reason, message]
    }
    streaming.kubelet.isDown = true
    try {
      const log = '/containerLogs/default/web/c?follow=true&tailLines=5'
      assert.deepEqual(await told('GET', path), [
        ...[500, undefined],
        `Get "http://10.0.0.9:1${log}": ${refused}`,
      ])
      const upgrade = { connection: 'Upgrade', upgrade: 'SPDY/3.1' }
      for (const action of ['exec?command=x&', 'attach?', 'portforward?']) {
        const url = `${PODS}/web/${action}container=c&stdout=true`
        const failure = [500, undefined, `error dialing backend: ${refused}`]
        assert.deepEqual(await told('POST', url, upgrade), failure, action)
      }
      const proxy = '/api/v1/nodes/n1/proxy/x'
      const unavailable = [503, 'ServiceUnavailable', `error trying to reach service: ${refused}`]
      assert.deepEqual(await told('GET', proxy), unavailable)
      const dialled = [500, undefined, `error dialing backend: ${refused}`]
      assert.deepEqual(await told('GET', proxy, upgrade), dialled)

      const channels = await collect(streaming.exec('x', 'container=c&stdout=true'))
      assert.equal(
        JSON.parse(channels[3] ?? '').message,
        'Internal error occurred: error sending request: ' +
          `Post "http://10.0.0.9:1/exec/default/web/c?command=x&output=1": ${refused}`,
      )
    } finally {
      streaming.kubelet.isDown = false
    }
  })

  test('the proxy to a node does not reach the server’s own loopback', async () => {
    const node = await streaming.api.admin.create(Node, { metadata: { name: 'sly' } })
    const addresses = [{ type: 'InternalIP', address: '127.0.0.1' }]
    await streaming.api.admin.updateStatus(Node, { ...node, status: { ...node.status, addresses } })
    const { text } = await streaming.request('GET', '/api/v1/nodes/sly/proxy/')
    assert.equal(JSON.parse(text).message, 'address not allowed')
  })

  test('the proxy to a pod reaches no address of the server itself', async () => {
    for (const podIP of ['127.0.0.1', '169.254.169.254', '']) {
      const pod = await streaming.api.admin.get(Pod, { namespace: 'default', name: 'web' })
      await streaming.api.admin.updateStatus(Pod, { ...pod, status: { ...pod.status, podIP } })
      const { text } = await streaming.request('GET', `${PODS}/web:80/proxy/`)
      assert.equal(JSON.parse(text).message, 'address not allowed')
    }
  })
})

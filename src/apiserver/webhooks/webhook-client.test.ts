import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { createTlsIdentities } from '../../../test/support/tls-identities.ts'
import { WebhookServer } from '../../../test/support/webhook-server.ts'
import { systemClock } from '../../base/clock.ts'
import type { Pool } from '../../base/https-pool.ts'
import { seededRandom } from '../../base/random.ts'
import type { TransportRequest } from '../../client/transport.ts'
import { StatusError } from '../../machinery/status-error.ts'
import { ServiceResolver } from './service-resolver.ts'
import { WebhookClient } from './webhook-client.ts'
import { credentialsFrom, noCredentials } from './webhook-credentials.ts'

const REVIEW = { apiVersion: 'example.com/v1', kind: 'Review', otherVersions: ['example.com/v0'] }
const nowhere = { resolve: () => Promise.reject(new Error('no services here')) }

function clientWith(options: Partial<ConstructorParameters<typeof WebhookClient>[0]> = {}) {
  return new WebhookClient({
    ...{ services: nowhere, credentials: noCredentials, clock: systemClock },
    ...options,
  })
}

test('a webhook is called by URL, over a connection that is kept', async () => {
  await using server = await WebhookServer.start()
  using client = clientWith()
  server.answer = ({ body }) => ({ echo: body['request'] })
  const config = { url: server.url('/mutate/'), caBundle: server.caBundle }
  for (let count = 0; count < 3; count++) {
    const answer = await client.post(config, { request: { count } }, REVIEW, { timeoutMs: 4500 })
    assert.deepEqual(answer, { echo: { count } })
  }
  assert.equal(server.connections, 1)
  const [call] = server.calls
  assert.equal(call?.path, '/mutate?timeout=5s')
  assert.equal(call?.headers['user-agent'], 'kube-apiserver-admission')
  assert.equal(call?.headers['content-type'], 'application/json')
  assert.equal(call?.headers['authorization'], undefined)
  assert.equal(call?.headers['host'], `127.0.0.1:${server.port}`)
})

test('an unused connection that the server has closed costs no call', async () => {
  await using server = await WebhookServer.start()
  using client = clientWith()
  const config = { url: server.url('/'), caBundle: server.caBundle }
  for (let round = 0; round < 5; round++) {
    await client.post(config, {}, REVIEW)
    server.closeIdle()
  }
  assert.equal(server.calls.length, 5)
})

test('an answer that is late, too long, empty or an error says so in upstream’s words', async () => {
  await using server = await WebhookServer.start()
  using client = clientWith()
  const config = { url: server.url('/x'), caBundle: server.caBundle }
  const post = `Post "https://127.0.0.1:${server.port}/x?timeout=`
  const failing = async (limits = {}) => {
    const error = await client.post(config, {}, REVIEW, limits).then(
      () => new Error('it did not fail'),
      (reason: Error) => reason,
    )
    return error.message
  }
  server.answer = () => undefined
  assert.equal(await failing({ timeoutMs: 50 }), `${post}1s": context deadline exceeded`)
  const gone = new AbortController()
  const waiting = failing({ timeoutMs: 60_000, signal: gone.signal })
  gone.abort()
  assert.equal(await waiting, `${post}1m0s": context canceled`)
  const ended = AbortSignal.abort(new StatusError('Timeout', 'the request took too long'))
  assert.equal(await failing({ signal: ended }), `${post}30s": context deadline exceeded`)
  server.answer = () => ({ code: 200, text: '' })
  assert.match(await failing(), /^0-length response with status code: 200 and content type:/)
  server.answer = () => ({ code: 500, text: 'boom\n' })
  const why = 'an error on the server ("boom") has prevented the request from succeeding'
  assert.equal(await failing(), why)
  server.answer = () => ({ code: 404, text: 'no' })
  assert.equal(await failing(), 'the server could not find the requested resource')
  const status = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'over there' }
  server.answer = () => ({ code: 503, text: JSON.stringify(status) })
  assert.equal(await failing(), 'over there')
  server.answer = () => ({ code: 200, text: 'nothing of it' })
  assert.match(
    await failing(),
    /^couldn't get version\/kind; json parse error: json: cannot unmarshal string into Go value/,
  )
  server.answer = () => ({ apiVersion: 'example.com/v0', kind: 'Review' })
  assert.equal(await failing(), 'converting (v0.Review) to (v1.Review): unknown conversion')
  server.answer = () => ({ apiVersion: 'v1', kind: 'Pod' })
  assert.match(await failing(), /^no kind "Pod" is registered for version "v1" in scheme/)
  server.answer = () => ({ big: 'x'.repeat(5000) })
  const tooLarge = 'http: response body too large: limit is 1000 bytes'
  assert.equal(await failing({ maxBytes: 1000 }), `${post}30s": ${tooLarge}`)
  server.answer = () => ({ code: 200, text: 'x'.repeat(1000) })
  assert.match(await failing({ maxBytes: 1000 }), /^couldn't get version\/kind/)
})

test('nobody is asked for a request that has ended before', async () => {
  let asked = 0
  const ask = () => {
    asked++
    return Promise.reject(new Error('nobody there'))
  }
  using client = clientWith({
    services: { resolve: ask },
    ownServer: () => ({ request: ask }),
  })
  const signal = AbortSignal.abort(new Error('the client has gone'))
  for (const service of [
    { namespace: 'a', name: 'b' },
    { namespace: 'default', name: 'kubernetes' },
  ]) {
    await assert.rejects(client.post({ service }, {}, REVIEW, { signal }), /: context canceled$/)
  }
  assert.equal(asked, 0)
})

test('a server that says Retry-After is asked again', async () => {
  await using server = await WebhookServer.start()
  using client = clientWith()
  let count = 0
  server.answer = () =>
    ++count < 3 ? { code: 429, text: '', headers: { 'retry-after': '0' } } : { done: true }
  const config = { url: server.url('/'), caBundle: server.caBundle }
  assert.deepEqual(await client.post(config, {}, REVIEW), { done: true })
  assert.equal(count, 3)
  for (const [headers, asked] of [
    [{}, 1],
    [{ 'retry-after': '0' }, 11],
  ] as const) {
    server.calls.length = 0
    server.answer = () => ({ code: 503, text: '', headers })
    await assert.rejects(client.post(config, {}, REVIEW), /unable to handle the request/)
    assert.equal(server.calls.length, asked)
  }
})

test('a Retry-After of years is waited for no longer than the call may take', async () => {
  await using server = await WebhookServer.start()
  using client = clientWith()
  const config = { url: server.url('/'), caBundle: server.caBundle }
  for (const seconds of ['2147484', '9223372036854774784']) {
    server.calls.length = 0
    server.answer = () => ({ code: 503, text: '', headers: { 'retry-after': seconds } })
    await assert.rejects(client.post(config, {}, REVIEW, { timeoutMs: 100 }), /deadline exceeded$/)
    assert.equal(server.calls.length, 1)
  }
  // Go reads no such number.
  server.answer = () => ({ code: 503, text: '', headers: { 'retry-after': '9223372036854775808' } })
  await assert.rejects(client.post(config, {}, REVIEW, { timeoutMs: 10_000 }), /unable to handle/)
})

test('connections are closed when those of other servers have taken their place', async () => {
  const closed: number[] = []
  let opened = 0
  const openPool = (): Pool => {
    const id = opened++
    return {
      send: async () => ({ type: 'response', code: 200, headers: {}, body: Readable.from([]) }),
      [Symbol.dispose]: () => void closed.push(id),
    }
  }
  using client = clientWith({
    openPools: { url: openPool, service: openPool },
  })
  const post = (bundle: number) => {
    const caBundle = Buffer.from(String(bundle)).toString('base64')
    return client.post({ url: 'https://localhost/', caBundle }, {}, REVIEW).catch(() => undefined)
  }
  for (let bundle = 0; bundle < 202; bundle++) await post(bundle)
  assert.deepEqual(closed, [0, 1])
})

test('certificates that are not trusted, or are of another name, end the call', async () => {
  await using server = await WebhookServer.start(['localhost', 'other.example'])
  using client = clientWith()
  const post = async (url: string, caBundle?: string) => {
    const error = await client.post({ url, caBundle }, {}, REVIEW).then(
      () => new Error('it did not fail'),
      (reason: Error) => reason,
    )
    return error.message.replace(/^Post "[^"]*": /, '')
  }
  const local = `https://localhost:${server.port}/`
  const unverified = 'tls: failed to verify certificate: x509:'
  assert.equal(await post(local), `${unverified} certificate signed by unknown authority`)
  assert.equal(
    await post(server.url('/'), server.caBundle),
    `${unverified} cannot validate certificate for 127.0.0.1 because it doesn't contain any IP SANs`,
  )
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const rubbish = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  const readable = Buffer.from(server.caBundle, 'base64').toString()
  assert.deepEqual(await post(local, base64(rubbish + readable)), 'it did not fail')
  const unread = 'unable to load root certificates:'
  assert.ok(
    (await post(local, base64(rubbish))).startsWith(`${unread} failed to parse certificate`),
  )
  const none = await post(local, base64('no certificate'))
  assert.equal(none, `${unread} unable to parse bytes as PEM block`)
  const refused = await post('https://127.0.0.1:1/', server.caBundle)
  assert.equal(refused, 'dial tcp 127.0.0.1:1: connect: connection refused')
})

test('client certificates and tokens come from the kubeconfig’s users by host', async () => {
  const identities = await createTlsIdentities()
  const pair = await identities.client('api-server')
  await using server = await WebhookServer.start(undefined, identities.authority)
  const kubeconfig = JSON.stringify({
    kind: 'Config',
    users: [
      { name: '*.default.svc', user: { token: 'by pattern' } },
      { name: `127.0.0.1:${server.port}`, user: { 'client-certificate': 'c', 'client-key': 'k' } },
      { name: '*', user: { token: 'usual' } },
    ],
  })
  const files: Record<string, string> = { c: pair.certificate, k: pair.key }
  const credentials = credentialsFrom(kubeconfig, async (path) => files[path] ?? '')
  assert.equal((await credentials('hook.default.svc:443')).bearerToken, 'by pattern')
  assert.equal((await credentials('hook.default.svc:8443')).bearerToken, 'usual')
  using client = clientWith({ credentials })
  server.answer = () => ({ ok: true })
  const answer = await client.post({ url: server.url('/'), caBundle: server.caBundle }, {}, REVIEW)
  assert.deepEqual(answer, { ok: true })
})

test('a name and a password come from the kubeconfig, too', async () => {
  await using server = await WebhookServer.start()
  const user = { username: 'hook', password: 'secret' }
  const kubeconfig = JSON.stringify({ kind: 'Config', users: [{ name: '*', user }] })
  using client = clientWith({ credentials: credentialsFrom(kubeconfig, async () => '') })
  await client.post({ url: server.url('/'), caBundle: server.caBundle }, {}, REVIEW)
  assert.equal(server.calls[0]?.headers['authorization'], `Basic ${btoa('hook:secret')}`)
})

test('a service is reached at a ready endpoint, under its own name', async () => {
  await using hook = await WebhookServer.start(['hook.default.svc'])
  const api = await createTestServer()
  try {
    const resolver = new ServiceResolver(api.resources, seededRandom(1))
    // No object may name a loopback address, so the way to the endpoint is bent.
    const resolve = async (namespace: string, name: string, port: number) => {
      const found = await resolver.resolve(namespace, name, port)
      assert.deepEqual(found, { host: '192.0.2.7', port: 9443 })
      return { host: '127.0.0.1', port: hook.port }
    }
    using client = clientWith({ services: { resolve } })
    const service = { namespace: 'default', name: 'hook', path: 'a/b', port: 8443 }
    const config = { service, caBundle: hook.caBundle }
    const failing = async () => {
      const error = await client.post(config, {}, REVIEW, { timeoutMs: 10_000 }).then(
        () => new Error('it did not fail'),
        (reason: Error) => reason,
      )
      return error.message.replace('Post "https://hook.default.svc:8443/a/b?timeout=10s": ', '')
    }
    assert.equal(await failing(), 'service "hook" not found')
    const created = await api.send('POST', '/api/v1/namespaces/default/services', {
      body: {
        metadata: { name: 'hook' },
        spec: { ports: [{ name: 'https', port: 443 }] },
      },
    })
    assert.equal(created.code, 201, created.text)
    assert.equal(await failing(), 'no service port 8443 found for service "hook"')
    service.port = 443
    assert.match(await failing(), /no endpoints available for service "hook"$/)
    const slices = '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices'
    const sliceNamed = (name: string, ready: boolean, address: string, port: number) => ({
      body: {
        metadata: { name, labels: { 'kubernetes.io/service-name': 'hook' } },
        addressType: 'IPv4',
        ports: [{ name: 'https', port }],
        endpoints: [{ addresses: [address], conditions: { ready } }],
      },
    })
    const away = await api.send('POST', slices, sliceNamed('hook-a', false, '192.0.2.1', 1))
    assert.equal(away.code, 201, away.text)
    assert.match(await failing(), /no endpoints available for service "hook"$/)
    const near = await api.send('POST', slices, sliceNamed('hook-b', true, '192.0.2.7', 9443))
    assert.equal(near.code, 201, near.text)
    assert.deepEqual(await client.post(config, {}, REVIEW), {})
    assert.equal(hook.calls[0]?.headers['host'], 'hook.default.svc:443')
  } finally {
    api.close()
  }
})

test('the service of the API server itself is asked within the process', async () => {
  const asked: TransportRequest[] = []
  let answer: () => Promise<unknown> = async () => ({ response: { allowed: true } })
  const request = (one: TransportRequest) => {
    asked.push(one)
    return answer()
  }
  using client = clientWith({ ownServer: () => ({ request }) })
  const service = { namespace: 'default', name: 'kubernetes', path: '/apis/example.com/v1/checks' }
  const post = (limits = {}) => client.post({ service }, { request: 1 }, REVIEW, limits)
  assert.deepEqual(await post({ timeoutMs: 7000 }), { response: { allowed: true } })
  const { signal, ...sent } = asked[0] ?? {}
  assert.deepEqual(sent, {
    method: 'POST',
    path: '/apis/example.com/v1/checks',
    query: { timeout: '7s' },
    body: { request: 1 },
  })
  answer = () => new Promise(() => {})
  const what = 'Post "https://kubernetes.default.svc:443/apis/example.com/v1/checks?timeout=1s"'
  await assert.rejects(post({ timeoutMs: 20 }), { message: `${what}: context deadline exceeded` })
  assert.equal(asked[1]?.signal?.aborted, true)
  answer = () => Promise.reject(new StatusError('ServiceUnavailable', 'service unavailable'))
  await assert.rejects(post(), { message: 'service unavailable', code: 503 })
  const elsewhere = { service: { ...service, port: 8443 } }
  await assert.rejects(client.post(elsewhere, {}, REVIEW), /no services here/)
  assert.equal(asked.length, 3)
})

test('long answers take many turns, and YAML is read where others are not stopped', async () => {
  await using server = await WebhookServer.start()
  const asked: string[] = []
  using client = clientWith({
    decodeYaml: async ({ text }) => {
      asked.push(text)
      return { value: { kind: 'Review', read: 'elsewhere' }, problems: [] }
    },
  })
  const config = { url: server.url('/'), caBundle: server.caBundle }
  const post = () => client.post(config, {}, REVIEW)
  const fields = Array.from({ length: 50_000 }, (_, at) => `"f${at}":${at}`).join()
  server.answer = () => ({ code: 200, text: `{"a":{${fields}}}` })
  const long = await post()
  assert.equal(Object.keys(long['a'] as object).length, 50_000)
  assert.deepEqual(asked, [])
  server.answer = () => ({ code: 200, text: `a: {${fields.replaceAll(':', ': ')}}` })
  assert.deepEqual(await post(), { kind: 'Review', read: 'elsewhere' })
  assert.equal(asked.length, 1)
  server.answer = () => ({ code: 200, text: `a:\n${'  - b\n'.repeat(600_000)}` })
  await assert.rejects(post(), {
    message:
      "couldn't get version/kind; json parse error: invalid character 'a' looking for beginning of value",
  })
  assert.equal(asked.length, 1)
})

test('without a tracer of its own it passes on what a request has said of its trace', async () => {
  await using server = await WebhookServer.start()
  using client = clientWith()
  server.answer = () => ({})
  const config = { url: server.url('/'), caBundle: server.caBundle }
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  const callers: readonly Readonly<Record<string, string>>[] = [
    { traceparent, tracestate: 'a=b', baggage: 'x=y', authorization: 'Bearer secret' },
    { traceparent: 'nonsense', tracestate: 'a=b' },
    { baggage: 'x=y' },
    {},
  ]
  const told: unknown[] = []
  for (const causedBy of callers) {
    await client.post(config, { request: {} }, REVIEW, { causedBy })
    const headers: Readonly<Record<string, unknown>> = server.calls.at(-1)?.headers ?? {}
    assert.equal(headers['authorization'], undefined)
    told.push([headers['traceparent'], headers['tracestate'], headers['baggage']])
  }
  const nothing = [undefined, undefined, undefined]
  assert.deepEqual(told, [
    [traceparent, 'a=b', 'x=y'],
    nothing,
    [undefined, undefined, 'x=y'],
    nothing,
  ])
})

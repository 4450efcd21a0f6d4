import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, before, beforeEach, describe, test } from 'node:test'
import { systemClock } from '../../src/base/clock.ts'
import { seededRandom } from '../../src/base/random.ts'
import type { EndedSpan } from '../../src/base/tracing/span.ts'
import { Tracer } from '../../src/base/tracing/tracer.ts'
import { ConfigMap } from '../../src/kinds/core/v1/config-map.ts'
import { createTestServer, type TestServer } from '../support/api-server.ts'
import { allow } from '../support/hooked-api.ts'
import { TestListener } from '../support/test-listener.ts'
import { WebhookServer } from '../support/webhook-server.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const CALLER = '00f067aa0ba902b7'
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const HOOKS = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations'

describe('requests that their callers record', () => {
  const ended: EndedSpan[] = []
  let api: TestServer
  let listener: TestListener

  before(async () => {
    const tracer = new Tracer({
      ...{ samplingRatePerMillion: 0, clock: systemClock, random: seededRandom(3) },
      onEnded: (span) => void ended.push(span),
    })
    api = await createTestServer({ tracer })
    listener = await TestListener.start(systemClock)
    listener.handler = (request) => api.server.handle(request)
  })

  beforeEach(() => {
    ended.length = 0
  })

  after(async () => {
    listener.session.close()
    await listener.listener.close()
    api.close()
  })

  const send = (method: string, path: string, body?: object, flags = '01') =>
    listener.http2(
      method,
      path,
      {
        traceparent: `00-${TRACE}-${CALLER}-${flags}`,
        'user-agent': 'tracing.test',
        'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
      },
      body && Buffer.from(JSON.stringify(body)),
    )

  const named = (name: string) =>
    ended.find((span) => span.name === name) ?? assert.fail(`${name}: ${names()}`)
  const names = () => ended.map(({ name }) => name).join(', ')
  const eventsOf = (name: string) => named(name).events.map((event) => event.name)

  test('a creation is told as upstream tells it, each part in the other', async () => {
    const answer = await send('POST', CONFIG_MAPS, { metadata: { name: 'a' } })
    assert.equal(answer.code, 201)
    const server = named(`POST /api/v1/namespaces/{:namespace}/configmaps`)
    assert.deepEqual([server.context.traceId, server.parentSpanId], [TRACE, CALLER])
    const { attributes } = server
    assert.equal(server.kind, 'SERVER')
    assert.equal(attributes['http.request.method'], 'POST')
    assert.equal(attributes['url.path'], CONFIG_MAPS)
    assert.equal(attributes['http.response.status_code'], 201)
    assert.equal(attributes['user_agent.original'], 'tracing.test')
    assert.equal(attributes['audit-id'], answer.headers['audit-id'])
    const verb = named('Create')
    assert.equal(verb.parentSpanId, server.context.spanId)
    assert.equal(verb.attributes['protocol'], 'HTTP/2.0')
    assert.equal(verb.attributes['namespace'], 'default')
    assert.deepEqual(eventsOf('Create'), [
      'limitedReadBody succeeded',
      'About to convert to expected version',
      'Conversion done',
      'About to store object in database',
      'Write to database call succeeded',
      'About to write a response',
      'Writing http response done',
    ])
    const stored = named('Create etcd3')
    assert.equal(stored.parentSpanId, verb.context.spanId)
    assert.equal(stored.attributes['key'], '/configmaps/default/a')
    assert.equal(stored.attributes['type'], '*core.ConfigMap')
    assert.ok(eventsOf('Create etcd3').includes('Txn call succeeded'))
    const written = named('SerializeObject')
    assert.equal(written.parentSpanId, verb.context.spanId)
    assert.equal(written.attributes['mediaType'], 'application/json')
    assert.deepEqual(eventsOf('SerializeObject'), [
      'About to start writing response',
      'Write call succeeded',
    ])
    assert.ok(ended.every((span) => span.endMs >= span.startMs))
  })

  test('so are reads, changes and deletions', async () => {
    await send('GET', `${CONFIG_MAPS}/a`)
    assert.equal(named('cacher.Get').attributes['key'], '/configmaps/default/a')
    assert.equal(named('Get').parentSpanId, named(`GET ${route('/{:name}')}`).context.spanId)
    await send('GET', CONFIG_MAPS)
    assert.deepEqual(eventsOf('cacher.GetList'), [
      'watchCache fresh enough',
      'Listed items from cache',
    ])
    await send('PUT', `${CONFIG_MAPS}/a`, { metadata: { name: 'a' }, data: { b: 'c' } })
    assert.ok(eventsOf('GuaranteedUpdate etcd3').includes('Transaction committed'))
    assert.ok(eventsOf('Update').includes('Write to database call succeeded'))
    await send('PATCH', `${CONFIG_MAPS}/a`, { data: { b: 'd' } })
    assert.ok(eventsOf('Patch').includes('Object stored in database'))
    await send('DELETE', `${CONFIG_MAPS}/a`)
    assert.ok(eventsOf('Delete').includes('Object deleted from database'))
    const missing = await send('GET', `${CONFIG_MAPS}/a`)
    assert.equal(missing.code, 404)
    const last = ended.findLast(({ kind }) => kind === 'SERVER')
    assert.equal(last?.attributes['http.response.status_code'], 404)
    assert.equal(last?.error, undefined)
  })

  test('a watch is recorded until it ends', async () => {
    const query = 'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan'
    const path = `${CONFIG_MAPS}?${query}&allowWatchBookmarks=true&timeoutSeconds=1`
    const traceparent = `00-${TRACE}-${CALLER}-01`
    const stream = listener.session.request({ ':path': path, traceparent })
    await once(stream, 'data')
    assert.deepEqual(names(), 'cacher.Watch')
    await api.clock.advance(1000)
    await once(stream.resume(), 'end')
    assert.equal(named('WatchServer.HandleHTTP').parentSpanId, named('WatchList').context.spanId)
    assert.equal(named('WatchList').parentSpanId, named(`GET ${route()}`).context.spanId)
  })

  test('nothing is recorded of what nobody asks for', async () => {
    await send('GET', CONFIG_MAPS, undefined, '00')
    await listener.http2('GET', CONFIG_MAPS)
    assert.equal(names(), '')
  })

  test('a webhook is told on whose behalf it is called', async () => {
    await using hook = await WebhookServer.start()
    hook.answer = (call) => allow(call)
    const clientConfig = { url: hook.url('/'), caBundle: hook.caBundle }
    const rules = [
      { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] },
    ]
    const about = { sideEffects: 'None', admissionReviewVersions: ['v1'] }
    const webhooks = [{ name: 'hook.example.com', clientConfig, rules, ...about }]
    const made = await send('POST', HOOKS, { metadata: { name: 'hooks' }, webhooks })
    assert.equal(made.code, 201, made.body.toString())
    ended.length = 0
    const answer = await send('POST', CONFIG_MAPS, { metadata: { name: 'hooked' } })
    assert.equal(answer.code, 201, answer.body.toString())
    const call = named('Call validating webhook')
    assert.equal(call.attributes['webhook'], 'hook.example.com')
    assert.equal(call.attributes['resource'], '/v1, Resource=configmaps')
    assert.equal(call.attributes['operation'], 'CREATE')
    assert.equal(call.parentSpanId, named('Create').context.spanId)
    const { traceparent } = hook.calls.at(-1)?.headers ?? {}
    assert.equal(traceparent, `00-${TRACE}-${call.context.spanId}-01`)
    await send('POST', CONFIG_MAPS, { metadata: { name: 'unrecorded' } }, '00')
    const unrecorded = String(hook.calls.at(-1)?.headers['traceparent'])
    assert.match(unrecorded, RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`))
  })
})

function route(rest = ''): string {
  return `/api/v1/namespaces/{:namespace}/configmaps${rest}`
}

test('what anybody claims of a trace is only mentioned, unless he may administer', async () => {
  const ended: EndedSpan[] = []
  const tracer = new Tracer({
    ...{ samplingRatePerMillion: 1_000_000, clock: systemClock, random: seededRandom(3) },
    onEnded: (span) => void ended.push(span),
  })
  const api = await createTestServer({ tracer })
  ended.length = 0
  const listener = await TestListener.start(systemClock)
  listener.handler = (request) => {
    request.user = { name: 'somebody', groups: ['system:authenticated'] }
    return api.server.handle(request)
  }
  try {
    const traceparent = `00-${TRACE}-${CALLER}-01`
    await listener.http2('GET', CONFIG_MAPS, { traceparent })
    const span = ended.find(({ kind }) => kind === 'SERVER')
    assert.notEqual(span?.context.traceId, TRACE)
    assert.equal(span?.parentSpanId, undefined)
    assert.deepEqual(
      span?.links.map(({ traceId, spanId }) => [traceId, spanId]),
      [[TRACE, CALLER]],
    )
    ended.length = 0
    await api.client.list(ConfigMap)
    assert.ok(
      ended.some(({ name }) => name === 'List'),
      'requests of this process, too',
    )
  } finally {
    listener.session.close()
    await listener.listener.close()
    api.close()
  }
})

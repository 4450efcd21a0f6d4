import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { ApiServer } from '../../src/apiserver/api-server.ts'
import type { AuditEvent } from '../../src/apiserver/audit/audit-event.ts'
import { type AuditOptions, audit } from '../../src/apiserver/audit/audit-filter.ts'
import { parseAuditPolicy } from '../../src/apiserver/audit/audit-policy.ts'
import { policyEvaluator } from '../../src/apiserver/audit/evaluate-policy.ts'
import { InvalidCredentials } from '../../src/apiserver/authentication/authenticator.ts'
import type { Authorizer } from '../../src/apiserver/authorization/authorizer.ts'
import { admissionPlugins } from '../../src/apiserver/compose.ts'
import { requestFilters } from '../../src/apiserver/filters/filters.ts'
import { AuditIds } from '../../src/apiserver/listener/audit-ids.ts'
import { ResourceTable } from '../../src/apiserver/registry/resource-table.ts'
import { ServerRequest, type UserInfo } from '../../src/apiserver/request.ts'
import { noteWait } from '../../src/apiserver/waiting-times.ts'
import { silentLogger } from '../../src/base/logger.ts'
import { seededRandom } from '../../src/base/random.ts'
import { builtInKinds } from '../../src/kinds/index.ts'
import { MemoryStorage } from '../../src/storage/memory/memory-storage.ts'
import { VirtualClock } from '../support/virtual-clock.ts'

const ALICE: UserInfo = { name: 'alice', uid: 'u1', groups: ['system:masters'] }
const NAMESPACES = '/api/v1/namespaces'
const SECRETS = '/api/v1/namespaces/default/secrets'
const CREDENTIALS = 'cGFzc3dvcmQxMjM='

const authorizer: Authorizer = {
  authorize: ({ name }) =>
    name === 'forbidden'
      ? { verdict: 'NoOpinion', reason: 'no rule' }
      : { verdict: 'Allow', reason: 'RBAC: allowed by a test' },
}

interface Sent {
  readonly method: string
  readonly url: string
  readonly body?: object
  readonly headers?: Record<string, string>
}

/** A server whose events end up in a list. */
async function auditedServer(rules: string) {
  const clock = new VirtualClock()
  const random = seededRandom(1)
  const ports = { clock, random, logger: silentLogger }
  const storage = MemoryStorage.create(ports)
  const resources = new ResourceTable({ ...ports, kinds: builtInKinds, storage })
  const policy = await parseAuditPolicy(
    `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules}`,
  )
  const events: AuditEvent[] = []
  const options: AuditOptions = {
    evaluate: policyEvaluator(policy),
    backends: [
      {
        process: (event) => {
          events.push(event)
          return undefined
        },
        close: async () => {},
      },
    ],
    clock,
    ids: new AuditIds(random),
    counts: { events: 0, rejected: 0, byLevel: new Map() },
  }
  const server = new ApiServer({
    ...ports,
    resources,
    filters: requestFilters({
      logger: silentLogger,
      authenticators: [
        {
          async authenticate({ headers }) {
            if (headers['authorization'] === 'Bearer good') return { user: ALICE }
            throw new InvalidCredentials('bad token')
          },
        },
      ],
      authorizer,
      inFlight: { readOnly: 0, mutating: 0 },
      audit: options,
    }),
    admissionPlugins: admissionPlugins(resources, ports, authorizer),
  })
  const send = ({ method, url, body, headers }: Sent) =>
    server.handle(
      new ServerRequest({
        method,
        url,
        headers: { authorization: 'Bearer good', 'user-agent': 'kubectl/v1.36', ...headers },
        readBody: async () => Buffer.from(body === undefined ? '' : JSON.stringify(body)),
        connection: { remoteAddress: '192.0.2.9', peerCertificate: undefined },
        auditId: 'id-1',
        signal: new AbortController().signal,
      }),
    )
  await send({ method: 'POST', url: NAMESPACES, body: { metadata: { name: 'default' } } })
  events.length = 0
  return { server, events, send, clock, options }
}

const asLogged = (event: AuditEvent | undefined) => JSON.parse(JSON.stringify(event)) as AuditEvent

describe('audit events', () => {
  test('Metadata: who did what, and what came of it, without the body', async () => {
    const { events, send } = await auditedServer('- {level: Metadata}')
    const body = { metadata: { name: 'a' }, data: { key: CREDENTIALS } }
    await send({ method: 'POST', url: `${SECRETS}?fieldManager=me`, body })
    assert.deepEqual(asLogged(events[1]), {
      kind: 'Event',
      apiVersion: 'audit.k8s.io/v1',
      level: 'Metadata',
      auditID: 'id-1',
      stage: 'ResponseComplete',
      requestURI: `${SECRETS}?fieldManager=me`,
      verb: 'create',
      user: { username: 'alice', uid: 'u1', groups: ['system:masters', 'system:authenticated'] },
      sourceIPs: ['192.0.2.9'],
      userAgent: 'kubectl/v1.36',
      objectRef: { resource: 'secrets', namespace: 'default', name: 'a', apiVersion: 'v1' },
      responseStatus: { metadata: {}, code: 201 },
      requestReceivedTimestamp: '2030-01-01T00:00:00.000000Z',
      stageTimestamp: '2030-01-01T00:00:00.000000Z',
      annotations: {
        'authorization.k8s.io/decision': 'allow',
        'authorization.k8s.io/reason': 'RBAC: allowed by a test',
      },
    })
    assert.deepEqual(
      events.map(({ stage }) => stage),
      ['RequestReceived', 'ResponseComplete'],
    )
    assert.equal(asLogged(events[0]).annotations, undefined)
    assert.equal(JSON.stringify(events).includes(CREDENTIALS), false)
  })

  test('Request has what was sent, RequestResponse what was answered too', async () => {
    const rules =
      '- {level: Request, verbs: [create], omitStages: [RequestReceived]}\n' +
      '- {level: RequestResponse, omitStages: [RequestReceived], omitManagedFields: true}'
    const { events, send } = await auditedServer(rules)
    const body = { metadata: { name: 'a' }, data: { key: CREDENTIALS } }
    await send({ method: 'POST', url: SECRETS, body })
    const merge = { 'content-type': 'application/merge-patch+json' }
    const patch = { metadata: { labels: { tier: 'one' } } }
    await send({ method: 'PATCH', url: `${SECRETS}/a`, body: patch, headers: merge })
    await send({ method: 'GET', url: SECRETS })
    const [created, patched, listed] = events.map(asLogged)
    assert.deepEqual(created?.requestObject, body)
    assert.equal(created?.responseObject, undefined)
    assert.deepEqual(patched?.requestObject, patch)
    const answered = patched?.responseObject as { metadata: Record<string, unknown> }
    assert.deepEqual(answered.metadata['labels'], { tier: 'one' })
    assert.equal('managedFields' in answered.metadata, false)
    const list = listed?.responseObject as { items: { metadata: object }[] }
    assert.equal('managedFields' in (list.items[0]?.metadata ?? {}), false)
    assert.equal(listed?.requestObject, undefined)
  })

  test('a refusal has its Status; an update names the version that it was made for', async () => {
    const { events, send } = await auditedServer(
      '- {level: Metadata, omitStages: [RequestReceived]}',
    )
    await send({ method: 'GET', url: `${SECRETS}/forbidden` })
    await send({ method: 'GET', url: `${SECRETS}/none` })
    const metadata = { name: 'none', resourceVersion: '7', uid: 'x' }
    await send({ method: 'PUT', url: `${SECRETS}/none`, body: { metadata } })
    const [forbidden, missing, update] = events.map(asLogged)
    assert.equal(forbidden?.annotations?.['authorization.k8s.io/decision'], 'forbid')
    assert.equal(forbidden?.responseStatus?.code, 403)
    assert.equal(forbidden?.responseStatus?.reason, 'Forbidden')
    assert.match(forbidden?.responseStatus?.message ?? '', /User "alice" cannot get resource/)
    assert.deepEqual(missing?.responseStatus, {
      metadata: {},
      status: 'Failure',
      message: 'secrets "none" not found',
      reason: 'NotFound',
      details: { name: 'none', kind: 'secrets' },
      code: 404,
    })
    assert.equal(update?.objectRef?.resourceVersion, '7')
    assert.equal(update?.objectRef?.uid, 'x')
  })

  test('a watch has two events: when it begins, and when it ends', async () => {
    const { events, send, clock } = await auditedServer('- {level: RequestResponse}')
    const response = await send({ method: 'GET', url: `${SECRETS}?watch=true` })
    assert.ok(response.type === 'watch')
    assert.deepEqual(
      events.map(({ stage }) => stage),
      ['RequestReceived', 'ResponseStarted'],
    )
    await clock.advance(1500)
    const batches = response.batches[Symbol.asyncIterator]()
    const body = { metadata: { name: 'a' } }
    await send({ method: 'POST', url: SECRETS, body })
    await batches.next()
    await batches.return?.()
    const last = asLogged(events.at(-1))
    assert.equal(last.stage, 'ResponseComplete')
    assert.equal(last.verb, 'watch')
    assert.equal(last.responseObject, undefined)
    assert.equal(last.requestReceivedTimestamp, '2030-01-01T00:00:00.000000Z')
    assert.equal(last.stageTimestamp, '2030-01-01T00:00:01.500000Z')
  })

  test('an upgraded connection has two events: when it is taken over, and its end', async () => {
    const { events, options } = await auditedServer('- {level: Metadata}')
    let close = () => {}
    const request = new ServerRequest({
      method: 'GET',
      url: '/api/v1/namespaces/default/pods/a/exec?command=date',
      user: ALICE,
      connection: {
        remoteAddress: '192.0.2.9',
        peerCertificate: undefined,
        onClosed: (fn) => {
          close = fn
        },
      },
      signal: new AbortController().signal,
    })
    await audit(options)(request, async () => ({ type: 'upgraded' }))
    const stages = () => events.map(({ stage, responseStatus }) => [stage, responseStatus?.code])
    const begun = [
      ['RequestReceived', undefined],
      ['ResponseStarted', 101],
    ]
    assert.deepEqual(stages(), begun)
    close()
    assert.deepEqual(stages(), [...begun, ['ResponseComplete', 101]])
  })

  test('whoever acts as somebody else is the user still', async () => {
    const { events, send } = await auditedServer(
      '- {level: Metadata, omitStages: [RequestReceived]}',
    )
    const headers = { 'impersonate-user': 'bob', 'x-forwarded-for': '198.51.100.1, 203.0.113.5' }
    await send({ method: 'GET', url: SECRETS, headers })
    const event = asLogged(events[0])
    assert.equal(event.user.username, 'alice')
    assert.equal(event.impersonatedUser?.username, 'bob')
    const impersonationConstraint = 'impersonate:user-info'
    assert.deepEqual(event.authenticationMetadata, { impersonationConstraint })
    assert.deepEqual(event.sourceIPs, ['198.51.100.1', '203.0.113.5', '192.0.2.9'])
    assert.equal(event.annotations?.['impersonator'], undefined)
  })

  test('who cannot be authenticated is logged, without the proof', async () => {
    const { events, send } = await auditedServer('- {level: Metadata}')
    const headers = { authorization: 'Bearer s3cret' }
    const answer = await send({ method: 'GET', url: SECRETS, headers })
    assert.ok(answer.type === 'object' && answer.code === 401)
    assert.equal(events.length, 1)
    const event = asLogged(events[0])
    assert.equal(event.stage, 'ResponseStarted')
    assert.deepEqual(event.responseStatus, {
      metadata: {},
      message: 'Authentication failed, attempted: bearer',
      code: 401,
    })
    assert.equal(JSON.stringify(event).includes('s3cret'), false)
  })

  test('what took long says so at its end, and what it has waited for', async () => {
    const { options, events, clock } = await auditedServer('- {level: Metadata}')
    const answer = async (takesMs: number, method = 'GET') => {
      const url = `${SECRETS}/a`
      const request = new ServerRequest({ method, url, signal: new AbortController().signal })
      const answering = audit(options)(request, async () => {
        noteWait(request, 'queueMs', takesMs / 2)
        noteWait(request, 'mutatingMs', 100)
        await new Promise<void>((resolve) => clock.after(takesMs, resolve))
        return { type: 'object', code: 200, object: {} }
      })
      await clock.advance(takesMs)
      await answering
      return events.splice(0).map(({ annotations }) => annotations)
    }
    assert.deepEqual(await answer(500), [undefined, undefined])
    assert.deepEqual(await answer(1501), [
      undefined,
      {
        'apiserver.latency.k8s.io/apf-queue-wait': '750.5ms',
        'apiserver.latency.k8s.io/mutating-webhook': '100ms',
        'apiserver.latency.k8s.io/total': '1.501s',
      },
    ])
  })

  test('what no rule names leaves no trace', async () => {
    const { events, send } = await auditedServer('- {level: Metadata, verbs: [delete]}')
    await send({ method: 'GET', url: SECRETS })
    assert.deepEqual(events, [])
  })
})

import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, test } from 'node:test'
import { Registry } from 'prom-client'
import { settle, VirtualClock } from '../../../test/support/virtual-clock.ts'
import { silentLogger } from '../../base/logger.ts'
import { seededRandom } from '../../base/random.ts'
import type { Filter } from '../handler.ts'
import { AuditIds } from '../listener/audit-ids.ts'
import { ServerRequest } from '../request.ts'
import type { AuditEvent } from './audit-event.ts'
import { type AuditBackend, type AuditCounts, audit } from './audit-filter.ts'
import { addAuditMetrics } from './audit-metrics.ts'
import { legacyLine } from './event-line.ts'
import { LogBackend } from './log-backend.ts'
import { TruncatingBackend } from './truncating-backend.ts'
import { DEFAULT_WEBHOOK_LIMITS, WebhookBackend } from './webhook-backend.ts'

const EVENT: AuditEvent = {
  kind: 'Event',
  apiVersion: 'audit.k8s.io/v1',
  level: 'RequestResponse',
  auditID: 'id-1',
  stage: 'ResponseComplete',
  requestURI: '/api/v1/namespaces/default/pods?x="y"',
  verb: 'create',
  user: { username: 'alice', groups: ['a', 'b'] },
  sourceIPs: ['192.0.2.1'],
  userAgent: 'kubectl',
  objectRef: { resource: 'pods', namespace: 'default', apiVersion: 'v1' },
  responseStatus: { metadata: {}, code: 201 },
  requestReceivedTimestamp: '2030-01-01T00:00:00.120000Z',
  stageTimestamp: '2030-01-01T00:00:00.130000Z',
}

/** A disk that takes a write when the test lets it. */
function slowDisk() {
  const writes: { readonly text: string; done(): void; fail(): void }[] = []
  const append = (text: string) =>
    new Promise<void>((resolve, reject) => {
      writes.push({ text, done: resolve, fail: () => reject(new Error('no space left')) })
    })
  return { writes, append }
}

const idsIn = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).auditID)

describe('blocking', () => {
  test('who waits shares a write with all that came while the last one was under way', async () => {
    const { writes, append } = slowDisk()
    const ports = { clock: new VirtualClock(), logger: silentLogger }
    const backend = new LogBackend({ file: { append }, ...ports, mode: 'blocking' })
    const kept: string[] = []
    const send = (id: string) => {
      const keeping = backend.process({ ...EVENT, auditID: id })
      void keeping?.then(() => kept.push(id))
    }
    for (const id of ['a', 'b', 'c']) send(id)
    await settle()
    assert.deepEqual([writes.map(({ text }) => idsIn(text)), kept], [[['a']], []])
    writes[0]?.done()
    await settle()
    assert.deepEqual(kept, ['a'])
    assert.deepEqual(idsIn(writes[1]?.text ?? ''), ['b', 'c'])
    writes[1]?.done()
    await settle()
    assert.deepEqual(kept, ['a', 'b', 'c'])
    await backend.close()
  })

  for (const [mode, isFailed] of [
    ['blocking', false],
    ['blocking-strict', true],
  ] as const) {
    test(`${mode}: a lost event ${isFailed ? 'fails' : 'does not fail'} its request`, async () => {
      const { writes, append } = slowDisk()
      const clock = new VirtualClock()
      const backend = new LogBackend({ file: { append }, clock, logger: silentLogger, mode })
      const counts = { events: 0, rejected: 0, byLevel: new Map<string, number>() }
      const fail = () => {
        for (const write of writes.splice(0)) write.fail()
      }
      const answer = await answerWith([backend], clock, fail, counts)
      assert.equal(counts.rejected, isFailed ? 1 : 0)
      assert.equal(answer, isFailed ? 'Internal error occurred: failed to store audit event' : 200)
      await backend.close()
    })
  }

  test('the webhook: each event for itself, and its answer counts', async () => {
    const posted: string[] = []
    const clock = new VirtualClock()
    const backend = new WebhookBackend({
      ...{ clock, random: seededRandom(1), logger: silentLogger, mode: 'blocking-strict' },
      limits: { ...DEFAULT_WEBHOOK_LIMITS, initialBackoffMs: 1 },
      post: async (body) => {
        posted.push(body)
        return posted.length === 1 ? 200 : 500
      },
    })
    assert.equal(await backend.process(EVENT), true)
    const second = backend.process(EVENT)
    await clock.advance(100)
    assert.equal(await second, false)
    assert.equal(posted.length, 6, 'one, and five attempts')
    await backend.close()
  })
})

test('large events lose their objects, and what is still too large is lost', async () => {
  const taken: AuditEvent[] = []
  const collecting: AuditBackend = {
    process: (event) => {
      taken.push(event)
      return undefined
    },
    close: async () => {},
  }
  const behind = { ...collecting, losses: [{ plugin: 'log' as const, events: 3 }] }
  const backend = new TruncatingBackend(behind, 1000, silentLogger)
  backend.process(EVENT)
  backend.process({ ...EVENT, requestObject: { a: 'x'.repeat(1000) }, annotations: { b: 'c' } })
  const lost = backend.process({ ...EVENT, userAgent: 'x'.repeat(1000) })
  assert.equal(lost, undefined, 'its request is not refused for that')
  const registry = new Registry()
  const counts = { events: 3, rejected: 2, byLevel: new Map() }
  addAuditMetrics(registry, counts, [backend])
  const text = await registry.metrics()
  assert.match(text, /^apiserver_audit_error_total\{plugin="truncate"\} 1$/m)
  assert.match(text, /^apiserver_audit_error_total\{plugin="log"\} 3$/m)
  assert.match(text, /^apiserver_audit_requests_rejected_total 2$/m)
  assert.equal(taken.length, 2)
  assert.equal(taken[0], EVENT)
  assert.equal(taken[1]?.requestObject, undefined)
  assert.deepEqual(taken[1]?.annotations, { b: 'c', 'audit.k8s.io/truncated': 'true' })
})

test('a batch beyond its size is sent in parts', async () => {
  const posted: number[] = []
  const clock = new VirtualClock()
  const backend = new WebhookBackend({
    ...{ clock, random: seededRandom(1), logger: silentLogger },
    limits: { ...DEFAULT_WEBHOOK_LIMITS, maxBatchBytes: 1200 },
    post: async (body) => {
      posted.push(JSON.parse(body).items.length)
      return 200
    },
  })
  for (let index = 0; index < 5; index++) backend.process(EVENT)
  await backend.close()
  assert.deepEqual(posted, [2, 2, 1])
})

test('a line for people, as upstream’s', () => {
  assert.equal(
    legacyLine(EVENT),
    '2030-01-01T00:00:00.12Z AUDIT: id="id-1" stage="ResponseComplete" ip="192.0.2.1" ' +
      'method="create" user="alice" groups="\\"a\\",\\"b\\"" as="<self>" asgroups="<lookup>" ' +
      'user-agent="kubectl" namespace="default" ' +
      'uri="/api/v1/namespaces/default/pods?x=\\"y\\"" response="201"',
  )
})

test('a stream has ended when it is destroyed, too: a HEAD reads nothing of it', async () => {
  const stages: string[] = []
  const filter = auditing([
    {
      process: (event) => {
        stages.push(event.stage)
        return undefined
      },
      close: async () => {},
    },
  ])
  const body = new Readable({ read() {} })
  const stream = { type: 'stream', code: 200, headers: {}, body } as const
  const answer = await filter(requestOf('HEAD', '/apis/ext.example.com/v1'), async () => stream)
  assert.ok('body' in answer && answer.body === body, 'whoever sends it can destroy it')
  assert.deepEqual(stages, ['RequestReceived'])
  body.destroy()
  await settle()
  assert.deepEqual(stages, ['RequestReceived', 'ResponseComplete'])
})

/** The code that a request is answered with, or what it fails with. */
async function answerWith(
  backends: readonly AuditBackend[],
  clock: VirtualClock,
  tick: () => void,
  counts?: AuditCounts,
): Promise<unknown> {
  const filter = auditing(backends, clock, counts)
  const request = requestOf('GET', '/api/v1/pods')
  let outcome: unknown
  const answer = filter(request, async () => ({ type: 'object', code: 200, object: {} }))
  const running = Promise.resolve(answer).then(
    (response) => {
      outcome = 'code' in response ? response.code : 0
    },
    (error) => {
      outcome = error.message
    },
  )
  while (outcome === undefined) {
    await settle()
    tick()
  }
  await running
  return outcome
}

function auditing(
  backends: readonly AuditBackend[],
  clock = new VirtualClock(),
  counts: AuditCounts = { events: 0, rejected: 0, byLevel: new Map() },
): Filter {
  return audit({
    ...{ backends, clock, counts },
    ids: new AuditIds(seededRandom(1)),
    evaluate: () => ({ level: 'Metadata', omitStages: new Set(), omitManagedFields: false }),
  })
}

function requestOf(method: string, url: string): ServerRequest {
  const { signal } = new AbortController()
  return new ServerRequest({ method, url, user: { name: 'alice', groups: [] }, signal })
}

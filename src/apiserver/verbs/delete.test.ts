import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const PODS = '/api/v1/namespaces/default/pods'

interface Body {
  readonly kind: string
  readonly status: unknown
  readonly reason?: string
  readonly message?: string
  readonly details?: unknown
  readonly items?: readonly Body[]
  readonly spec?: { readonly finalizers?: readonly string[] }
  readonly metadata: {
    readonly name: string
    readonly uid: string
    readonly resourceVersion: string
    readonly generation?: number
    readonly deletionTimestamp?: string
    readonly deletionGracePeriodSeconds?: number
    readonly finalizers?: readonly string[]
  }
}

type Send = (
  method: string,
  url: string,
  body?: object,
) => Promise<{ readonly code: number; readonly body: Body }>

async function withServer(run: (send: Send, server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer({ isBootstrapped: true })
  const account = { metadata: { name: 'default' } }
  await server.send('POST', '/api/v1/namespaces/default/serviceaccounts', { body: account })
  try {
    await run(async (method, url, body) => {
      const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json'
      const sent = body === undefined ? {} : { body, contentType }
      const { code, text } = await server.send(method, url, sent)
      return { code, body: JSON.parse(text) as Body }
    }, server)
  } finally {
    server.close()
  }
}

const pod = (name: string, extra: object = {}) => ({
  metadata: { name, ...extra },
  spec: { containers: [{ name: 'c', image: 'i' }], nodeName: 'node' },
})

test('what goes with its last finalizer is answered without it, and its name is told to be taken', () =>
  withServer(async (send) => {
    await send('POST', CONFIG_MAPS, { metadata: { name: 'a', finalizers: ['test/b'] } })
    assert.equal((await send('DELETE', `${CONFIG_MAPS}/a`)).body.kind, 'ConfigMap')
    for (const query of ['', '?dryRun=All']) {
      const again = await send('POST', CONFIG_MAPS + query, { metadata: { name: 'a' } })
      assert.deepEqual(
        [again.code, again.body.message, again.body.details],
        [
          409,
          'object is being deleted: configmaps "a" already exists',
          { name: 'a', kind: 'configmaps' },
        ],
      )
    }
    const { body } = await send('PATCH', `${CONFIG_MAPS}/a`, { metadata: { finalizers: null } })
    assert.equal(body.metadata.finalizers, undefined)
    assert.notEqual(body.metadata.deletionTimestamp, undefined)
    assert.equal((await send('GET', `${CONFIG_MAPS}/a`)).code, 404)
  }))

test('a deletion answers the Status that names what has gone', () =>
  withServer(async (send) => {
    const { body } = await send('POST', CONFIG_MAPS, { metadata: { name: 'a' } })
    const deleted = await send('DELETE', `${CONFIG_MAPS}/a`)
    const details = { name: 'a', kind: 'configmaps', uid: body.metadata.uid }
    assert.equal(deleted.code, 200)
    assert.deepEqual([deleted.body.status, deleted.body.details], ['Success', details])
    const again = await send('DELETE', `${CONFIG_MAPS}/a`)
    assert.deepEqual([again.code, again.body.message], [404, 'configmaps "a" not found'])
  }))

test('a deletion of what upstream returns answers the object', () =>
  withServer(async (send) => {
    const kinds = []
    for (const plural of ['serviceaccounts', 'resourcequotas', 'podtemplates']) {
      const url = `/api/v1/namespaces/default/${plural}`
      const template = { metadata: {}, spec: { containers: [{ name: 'a', image: 'a' }] } }
      const { code } = await send('POST', url, { metadata: { name: 'a' }, template })
      assert.equal(code, 201, plural)
      kinds.push((await send('DELETE', `${url}/a`)).body.kind)
    }
    assert.deepEqual(kinds, ['ServiceAccount', 'ResourceQuota', 'PodTemplate'])
  }))

test('preconditions are kept, in words of their own', () =>
  withServer(async (send) => {
    const { body } = await send('POST', CONFIG_MAPS, { metadata: { name: 'a' } })
    const byUid = await send('DELETE', `${CONFIG_MAPS}/a`, { preconditions: { uid: 'x' } })
    assert.equal(byUid.code, 409)
    assert.equal(
      byUid.body.message,
      'Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition (x) does not ' +
        `match the UID in record (${body.metadata.uid}). ` +
        'The object might have been deleted and then recreated',
    )
    const byVersion = await send('DELETE', `${CONFIG_MAPS}/a`, {
      preconditions: { resourceVersion: '1' },
    })
    assert.match(String(byVersion.body.message), /The object might have been modified$/)
    const { uid, resourceVersion } = body.metadata
    const right = await send('DELETE', `${CONFIG_MAPS}/a`, {
      preconditions: { uid, resourceVersion },
    })
    assert.equal(right.code, 200)
  }))

test('an object with finalizers stays until the last one is gone', () =>
  withServer(async (send, { clock }) => {
    const finalizers = ['example.com/a', 'example.com/b']
    await send('POST', CONFIG_MAPS, { metadata: { name: 'a', finalizers } })
    const marked = await send('DELETE', `${CONFIG_MAPS}/a`)
    assert.deepEqual([marked.code, marked.body.kind], [200, 'ConfigMap'])
    assert.equal(marked.body.metadata.deletionTimestamp, '2030-01-01T00:00:00Z')
    assert.equal(marked.body.metadata.deletionGracePeriodSeconds, 0)
    await clock.advance(5000)
    const again = await send('DELETE', `${CONFIG_MAPS}/a`)
    assert.equal(again.body.metadata.resourceVersion, marked.body.metadata.resourceVersion)
    const more = await send('PATCH', `${CONFIG_MAPS}/a`, {
      metadata: { finalizers: [...finalizers, 'example.com/c'] },
    })
    assert.equal(more.code, 422)
    assert.match(String(more.body.message), /no new finalizers can be added if the object is being/)
    const one = await send('PATCH', `${CONFIG_MAPS}/a`, {
      metadata: { finalizers: ['example.com/b'] },
    })
    assert.equal(one.code, 200)
    const last = await send('PATCH', `${CONFIG_MAPS}/a`, { metadata: { finalizers: null } })
    assert.deepEqual([last.code, last.body.metadata.name], [200, 'a'])
    assert.equal((await send('GET', `${CONFIG_MAPS}/a`)).code, 404)
  }))

test('propagation policies become finalizers', () =>
  withServer(async (send) => {
    const cases: readonly [options: object, code: number, finalizers: readonly string[]][] = [
      [{ propagationPolicy: 'Foreground' }, 200, ['foregroundDeletion']],
      [{ propagationPolicy: 'Orphan' }, 200, ['orphan']],
      [{ orphanDependents: true }, 200, ['orphan']],
    ]
    for (const [index, [options, code, finalizers]] of cases.entries()) {
      await send('POST', CONFIG_MAPS, { metadata: { name: `a${index}` } })
      const answer = await send('DELETE', `${CONFIG_MAPS}/a${index}`, options)
      assert.equal(answer.code, code)
      assert.deepEqual(answer.body.metadata.finalizers, finalizers)
    }
    const events = '/api/v1/namespaces/default/events'
    const metadata = { name: 'e', namespace: 'default' }
    const involvedObject = { namespace: 'default' }
    assert.equal((await send('POST', events, { metadata, involvedObject })).code, 201)
    await send('DELETE', `${events}/e`, { propagationPolicy: 'Orphan' })
    assert.equal((await send('GET', `${events}/e`)).code, 404)
    const both = await send('DELETE', `${CONFIG_MAPS}/a0`, {
      propagationPolicy: 'Orphan',
      orphanDependents: true,
    })
    assert.match(
      String(both.body.message),
      /orphanDependents and deletionPropagation cannot be both/,
    )
    const unknown = await send('DELETE', `${CONFIG_MAPS}/a0`, { propagationPolicy: 'Sideways' })
    assert.match(
      String(unknown.body.message),
      /"Sideways": supported values: "Foreground", "Background", "Orphan", "nil"/,
    )
  }))

test('a pod on a node ends after its grace period, which can only be shortened', () =>
  withServer(async (send, { clock }) => {
    const created = await send('POST', PODS, pod('a'))
    assert.equal(created.code, 201, created.body.message)
    const { generation = 0 } = created.body.metadata
    const marked = await send('DELETE', `${PODS}/a`)
    assert.equal(marked.body.kind, 'Pod')
    assert.equal(marked.body.metadata.deletionTimestamp, '2030-01-01T00:00:30Z')
    assert.equal(marked.body.metadata.deletionGracePeriodSeconds, 30)
    assert.equal(marked.body.metadata.generation, generation + 1)
    await clock.advance(10_000)
    const longer = await send('DELETE', `${PODS}/a`, { gracePeriodSeconds: 60 })
    assert.equal(longer.body.metadata.deletionTimestamp, '2030-01-01T00:00:30Z')
    const shorter = await send('DELETE', `${PODS}/a`, { gracePeriodSeconds: 15 })
    assert.equal(shorter.body.metadata.deletionTimestamp, '2030-01-01T00:00:15Z')
    const past = await send('DELETE', `${PODS}/a`, { gracePeriodSeconds: 5 })
    assert.equal(past.body.metadata.deletionTimestamp, '2030-01-01T00:00:10Z')
    assert.equal(past.body.metadata.deletionGracePeriodSeconds, 1)
    const now = await send('DELETE', `${PODS}/a`, { gracePeriodSeconds: 0 })
    assert.equal(now.body.kind, 'Pod', 'pods are answered themselves')
    assert.equal((await send('GET', `${PODS}/a`)).code, 404)
  }))

test('a pod that no node has goes at once', () =>
  withServer(async (send) => {
    await send('POST', PODS, { ...pod('a'), spec: { containers: [{ name: 'c', image: 'i' }] } })
    await send('DELETE', `${PODS}/a`)
    assert.equal((await send('GET', `${PODS}/a`)).code, 404)
  }))

test('a collection is deleted as it was selected', () =>
  withServer(async (send) => {
    for (const name of ['a', 'b', 'c']) {
      const labels = { app: name === 'c' ? 'y' : 'x' }
      await send('POST', CONFIG_MAPS, { metadata: { name, labels } })
    }
    const { code, body } = await send('DELETE', `${CONFIG_MAPS}?labelSelector=app%3Dx`)
    assert.equal(code, 200)
    assert.deepEqual(
      [body.kind, body.items?.map(({ metadata }) => metadata.name)],
      ['ConfigMapList', ['a', 'b']],
    )
    const { body: left } = await send('GET', CONFIG_MAPS)
    assert.deepEqual(
      left.items?.map(({ metadata }) => metadata.name),
      ['c'],
    )
  }))

test('a large collection goes at once, but for what has finalizers', () =>
  withServer(async (send) => {
    for (let index = 0; index < 60; index++) {
      const finalizers = index === 7 ? { finalizers: ['example.com/a'] } : {}
      await send('POST', CONFIG_MAPS, { metadata: { name: `c${index}`, ...finalizers } })
    }
    await send('DELETE', CONFIG_MAPS)
    const { body } = await send('GET', CONFIG_MAPS)
    assert.deepEqual(
      body.items?.map(({ metadata }) => metadata.name),
      ['c7'],
    )
    assert.notEqual(body.items?.[0]?.metadata.deletionTimestamp, undefined)
    const refused = await send('DELETE', CONFIG_MAPS, { preconditions: { uid: 'x' } })
    assert.equal(refused.code, 409)
  }))

test('a namespace ends in steps, and takes nothing new meanwhile', () =>
  withServer(async (send) => {
    const url = '/api/v1/namespaces'
    const created = await send('POST', url, { metadata: { name: 'x' } })
    assert.deepEqual(created.body.spec?.finalizers, ['kubernetes'])
    const marked = await send('DELETE', `${url}/x`)
    assert.deepEqual([marked.code, marked.body.status], [200, { phase: 'Terminating' }])
    const refused = await send('POST', `${url}/x/configmaps`, { metadata: { name: 'a' } })
    assert.deepEqual(
      [refused.code, refused.body.message, refused.body.details],
      [
        403,
        'configmaps "a" is forbidden: unable to create new content in namespace x because it is ' +
          'being terminated',
        {
          name: 'a',
          kind: 'configmaps',
          causes: [
            {
              reason: 'NamespaceTerminating',
              message: 'namespace x is being terminated',
              field: 'metadata.namespace',
            },
          ],
        },
      ],
    )
    const binding = { metadata: { name: 'p' }, target: { kind: 'Node', name: 'n' } }
    const bound = await send('POST', `${url}/x/pods/p/binding`, binding)
    assert.match(bound.body.message ?? '', /^pods "p" is forbidden: unable to create new content/)
    const early = await send('DELETE', `${url}/x`)
    assert.equal(early.body.metadata.resourceVersion, marked.body.metadata.resourceVersion)
    const finished = await send('PUT', `${url}/x/finalize`, {
      ...marked.body,
      spec: { finalizers: [] },
    })
    assert.equal(finished.code, 200, finished.body.message)
    assert.equal((await send('GET', `${url}/x`)).code, 404)
    const immortal = await send('DELETE', `${url}/default`)
    assert.deepEqual(
      [immortal.code, immortal.body.message],
      [403, 'namespaces "default" is forbidden: this namespace may not be deleted'],
    )
  }))

test('the last answer shows what it did: no finalizers, no grace', () =>
  withServer(async (send) => {
    await send('POST', CONFIG_MAPS, { metadata: { name: 'held', finalizers: ['a.b/c'] } })
    await send('DELETE', `${CONFIG_MAPS}/held`)
    const freed = await send('PUT', `${CONFIG_MAPS}/held`, { metadata: { name: 'held' } })
    assert.equal(freed.code, 200)
    assert.equal(freed.body.metadata.finalizers, undefined)
    assert.equal((await send('GET', `${CONFIG_MAPS}/held`)).code, 404)

    const accounts = '/api/v1/namespaces/default/serviceaccounts'
    await send('POST', accounts, { metadata: { name: 'default' } })
    const pods = '/api/v1/namespaces/default/pods'
    const spec = { containers: [{ name: 'c', image: 'i' }] }
    await send('POST', pods, { metadata: { name: 'p' }, spec })
    const { body } = await send('DELETE', `${pods}/p`)
    assert.equal(body.metadata.deletionGracePeriodSeconds, 0)
    assert.ok(body.metadata.deletionTimestamp)
    assert.equal((await send('GET', `${pods}/p`)).code, 404)
  }))

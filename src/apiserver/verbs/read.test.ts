import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../../../test/support/api-server.ts'
import { settle } from '../../../test/support/virtual-clock.ts'
import { ConfigMap } from '../../kinds/core/v1/config-map.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'

interface List {
  readonly code?: number
  readonly message?: string
  readonly reason?: string
  readonly metadata: {
    readonly resourceVersion: string
    readonly continue?: string
    readonly remainingItemCount?: number
  }
  readonly items: readonly { readonly metadata: { readonly name: string } }[]
}

async function withServer(run: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer()
  try {
    await run(server)
  } finally {
    server.close()
    await server.storage.close()
    assert.equal(server.clock.pendingTimers, 0, 'a closed server leaves no timer')
  }
}

async function add(server: TestServer, name: string, labels: object = {}): Promise<void> {
  const answer = await server.send('POST', CONFIG_MAPS, { body: { metadata: { name, labels } } })
  assert.equal(answer.code, 201, answer.text)
}

async function change(server: TestServer, name: string, labels: object): Promise<void> {
  const body = { metadata: { labels } }
  const contentType = 'application/merge-patch+json'
  const { code, text } = await server.send('PATCH', `${CONFIG_MAPS}/${name}`, { body, contentType })
  assert.equal(code, 200, text)
}

async function list(server: TestServer, query: string, base = CONFIG_MAPS): Promise<List> {
  return JSON.parse((await server.send('GET', `${base}?${query}`)).text) as List
}

const names = ({ items }: List) => items.map(({ metadata }) => metadata.name)

test('a list is in key order, selected by labels and fields', () =>
  withServer(async (server) => {
    for (const name of ['b', 'a-b', 'a', 'c']) await add(server, name, { app: name[0] })
    assert.deepEqual(names(await list(server, '')), ['a', 'a-b', 'b', 'c'])
    assert.deepEqual(names(await list(server, 'labelSelector=app=a')), ['a', 'a-b'])
    assert.deepEqual(names(await list(server, 'labelSelector=app!=a')), ['b', 'c'])
    assert.deepEqual(names(await list(server, 'labelSelector=app in (b,c)')), ['b', 'c'])
    assert.deepEqual(names(await list(server, 'fieldSelector=metadata.name=b')), ['b'])
    assert.deepEqual(names(await list(server, 'fieldSelector=metadata.name!=b')), ['a', 'a-b', 'c'])
    const wrong = await list(server, 'fieldSelector=spec.x=1')
    assert.equal(
      wrong.message,
      '"spec.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    )
    await change(server, 'a', { app: 'b' })
    assert.deepEqual(names(await list(server, 'labelSelector=app=b')), ['a', 'b'])
  }))

test('a list across namespaces has the order of the keys', () =>
  withServer(async (server) => {
    for (const namespace of ['a', 'a-b']) {
      await server.send('POST', '/api/v1/namespaces', { body: { metadata: { name: namespace } } })
      const url = `/api/v1/namespaces/${namespace}/configmaps`
      await server.send('POST', url, { body: { metadata: { name: `in-${namespace}` } } })
    }
    // '/' sorts after '-', so that a-b comes first: as in the storage, and in upstream.
    const all = await list(server, '', '/api/v1/configmaps')
    assert.deepEqual(names(all), ['in-a-b', 'in-a'])
    const page = await list(server, 'limit=1', '/api/v1/configmaps')
    assert.deepEqual(names(page), ['in-a-b'])
    const next = await list(
      server,
      `limit=1&continue=${page.metadata.continue}`,
      '/api/v1/configmaps',
    )
    assert.deepEqual(names(next), ['in-a'])
  }))

test('pages show one state, whatever happens meanwhile', () =>
  withServer(async (server) => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) await add(server, name)
    const first = await list(server, 'limit=2')
    assert.deepEqual(names(first), ['a', 'b'])
    assert.equal(first.metadata.remainingItemCount, 3)
    assert.match(atob(first.metadata.continue ?? ''), /"start":"\/b/, 'of its namespace')
    await server.send('DELETE', `${CONFIG_MAPS}/c`)
    await add(server, 'cc')
    const second = await list(server, `limit=2&continue=${first.metadata.continue}`)
    assert.deepEqual(names(second), ['c', 'd'])
    assert.equal(second.metadata.remainingItemCount, 1)
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion)
    const last = await list(server, `limit=2&continue=${second.metadata.continue}`)
    assert.deepEqual(names(last), ['e'])
    assert.deepEqual(
      [last.metadata.continue, last.metadata.remainingItemCount],
      [undefined, undefined],
    )
  }))

test('a page whose state was compacted offers to go on without consistency', () =>
  withServer(async (server) => {
    for (const name of ['a', 'b', 'c']) await add(server, name)
    const first = await list(server, 'limit=1')
    await server.send('DELETE', `${CONFIG_MAPS}/b`)
    await server.storage.compact(server.storage.revision())
    const expired = await list(server, `limit=1&continue=${first.metadata.continue}`)
    assert.deepEqual([expired.code, expired.reason], [410, 'Expired'])
    assert.match(String(expired.message), /^The provided continue parameter is too old/)
    const rest = await list(server, `limit=5&continue=${expired.metadata.continue}`)
    assert.deepEqual(names(rest), ['c'])
    const wrong = await list(server, 'continue=nonsense')
    assert.equal(wrong.code, 400)
    assert.match(String(wrong.message), /^invalid continue token: continue key is not valid/)
    const alsoWrong = await list(server, 'continue=nonsense&resourceVersion=1')
    assert.equal(alsoWrong.message, wrong.message)
    const both = await list(server, `continue=${first.metadata.continue}&resourceVersion=1`)
    const why = 'specifying resource version is not allowed when using continue'
    assert.deepEqual([both.code, both.message], [400, why])
  }))

test('resourceVersion and resourceVersionMatch choose the state', () =>
  withServer(async (server) => {
    await add(server, 'a')
    const before = (await list(server, '')).metadata.resourceVersion
    await add(server, 'b')
    assert.deepEqual(names(await list(server, 'resourceVersion=0')), ['a', 'b'])
    assert.deepEqual(names(await list(server, `resourceVersion=${before}`)), ['a', 'b'])
    const exact = await list(server, `resourceVersion=${before}&resourceVersionMatch=Exact`)
    assert.deepEqual(names(exact), ['a'])
    assert.equal(exact.metadata.resourceVersion, before)
    const alone = await list(server, 'resourceVersionMatch=Exact')
    assert.match(
      String(alone.message),
      /resourceVersionMatch is forbidden unless resourceVersion is/,
    )
    await server.storage.compact(server.storage.revision())
    const gone = await list(server, `resourceVersion=${before}&resourceVersionMatch=Exact`)
    assert.deepEqual(
      [gone.code, gone.message],
      [410, 'The resourceVersion for the provided list is too old.'],
    )
    const future = list(server, 'resourceVersion=1000')
    await server.clock.advance(3000)
    const late = await future
    assert.equal(late.code, 504)
    assert.match(String(late.message), /^Timeout: Too large resource version: 1000, current: /)
  }))

test('a watch begins with the state or after a version', () =>
  withServer(async (server) => {
    await add(server, 'a')
    const { resourceVersion } = (await list(server, '')).metadata
    await add(server, 'b')
    const whole = await server.watch(`${CONFIG_MAPS}?watch=true`)
    const later = await server.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=${resourceVersion}`)
    await change(server, 'a', { x: 'y' })
    await server.send('DELETE', `${CONFIG_MAPS}/b`)
    assert.deepEqual(await whole.take(4), ['ADDED a@3', 'ADDED b@4', 'MODIFIED a@5', 'DELETED b@6'])
    assert.deepEqual(await later.take(3), ['ADDED b@4', 'MODIFIED a@5', 'DELETED b@6'])
    await whole.close()
    await later.close()
  }))

test('an object that comes into a selection is added, one that leaves it is deleted', () =>
  withServer(async (server) => {
    const watch = await server.watch(`${CONFIG_MAPS}?watch=true&labelSelector=app=x`)
    await add(server, 'a', { app: 'x' })
    await add(server, 'b', { app: 'y' })
    await change(server, 'b', { app: 'x' })
    await change(server, 'a', { app: 'z' })
    await server.send('DELETE', `${CONFIG_MAPS}/a`)
    await server.send('DELETE', `${CONFIG_MAPS}/b`)
    const events = ['ADDED a@3', 'ADDED b@5', 'DELETED a@6', 'DELETED b@8']
    assert.deepEqual(await watch.take(4), events)
    await watch.close()
    const { resourceVersion } = (await list(server, '')).metadata
    assert.equal(resourceVersion, '8')
    const again = await server.watch(
      `${CONFIG_MAPS}?watch=true&labelSelector=app=x&resourceVersion=2`,
    )
    assert.deepEqual(await again.take(4), events, 'the same from history')
    await again.close()
  }))

test('a watch of what was compacted ends with 410', () =>
  withServer(async (server) => {
    await list(server, '')
    for (const name of ['a', 'b', 'c']) await add(server, name)
    await server.storage.compact(5)
    const watch = await server.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=2`)
    // The window of this server begins where it was loaded: after the second write.
    const event = await watch.next()
    assert.equal(event?.type, 'ADDED', 'what the server still has, it still sends')
    await watch.close()
    const late = await createTestServer({ storage: server.storage })
    const expired = await late.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=2`)
    const error = await expired.next()
    assert.deepEqual(
      [error?.type, error?.object.code, error?.object.reason, error?.object.message],
      ['ERROR', 410, 'Expired', 'too old resource version: 2 (5)'],
    )
    assert.equal(await expired.next(), undefined)
    const kept = await late.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=5`)
    await kept.close()
    late.close()
  }))

test('bookmarks tell of progress, and where the initial state ends', () =>
  withServer(async (server) => {
    await add(server, 'a')
    const watch = await server.watch(
      `${CONFIG_MAPS}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true` +
        '&resourceVersionMatch=NotOlderThan',
    )
    assert.deepEqual(await watch.take(1), ['ADDED a@3'])
    const end = await watch.next()
    assert.equal(end?.type, 'BOOKMARK')
    assert.equal(end?.object.metadata.annotations?.['k8s.io/initial-events-end'], 'true')
    await server.send('POST', '/api/v1/namespaces', { body: { metadata: { name: 'other' } } })
    await server.clock.advance(60_000)
    assert.deepEqual(await watch.take(1), ['BOOKMARK @4'])
    await watch.close()
    const wrong = await list(server, 'watch=true&sendInitialEvents=true')
    assert.match(
      String(wrong.message),
      /sendInitialEvents requires setting resourceVersionMatch to NotOlderThan/,
    )
  }))

test('a watch ends when its time is over', () =>
  withServer(async (server) => {
    const watch = await server.watch(`${CONFIG_MAPS}?watch=true&timeoutSeconds=5`)
    await server.clock.advance(5000)
    assert.equal(await watch.next(), undefined)
  }))

test('a client that does not read loses its watch, and nobody else does', () =>
  withServer(async (server) => {
    await add(server, 'a')
    const slow = await server.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=0`)
    const other = await server.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=0`)
    assert.deepEqual(await other.take(1), ['ADDED a@3'])
    for (let count = 0; count < 4100; count++) {
      await change(server, 'a', { count: String(count) })
      assert.equal((await other.next())?.type, 'MODIFIED')
    }
    await settle()
    assert.equal(await slow.next(), undefined)
    assert.equal(server.resources.store(ConfigMap).statistics.terminatedWatchers, 1)
    await other.close()
  }))

test('one stored object that cannot be read spoils neither lists nor watches', () =>
  withServer(async (server) => {
    await add(server, 'a')
    const watch = await server.watch(`${CONFIG_MAPS}?watch=true&resourceVersion=0`)
    assert.deepEqual(await watch.take(1), ['ADDED a@3'])
    await server.storage.put('/registry/configmaps/default/bad', Buffer.from('{"kind":'))
    await add(server, 'b')
    assert.deepEqual(await watch.take(1), ['ADDED b@5'])
    assert.equal(server.resources.store(ConfigMap).statistics.decodeErrors, 1)
    assert.deepEqual(names(await list(server, '')), ['a', 'b'])
    await watch.close()
    const late = await createTestServer({ storage: server.storage })
    assert.deepEqual(names(await list(late, '')), ['a', 'b'])
    assert.deepEqual(names(await list(late, 'limit=1')), ['a'])
    const got = JSON.parse((await late.send('GET', `${CONFIG_MAPS}/bad`)).text)
    const key = 'Key: /registry/configmaps/default/bad, ResourceVersion: 0'
    const what = `Internal error occurred: StorageError: corrupt object, Code: 7, ${key}`
    assert.deepEqual([got.code, got.reason], [500, 'InternalError'])
    assert.ok(got.message.startsWith(`${what}, AdditionalErrorMsg: object not decodable`))
    late.close()
  }))

test('a Table and metadata alone, by what the client accepts', () =>
  withServer(async (server) => {
    await add(server, 'a')
    await server.clock.advance(65_000)
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json'
    const table = JSON.parse((await server.send('GET', CONFIG_MAPS, { accept })).text)
    assert.equal(table.kind, 'Table')
    assert.equal(table.columnDefinitions[0].name, 'Name')
    assert.deepEqual(table.rows[0].cells, ['a', 0, '65s'])
    assert.equal(table.rows[0].object.kind, 'PartialObjectMetadata')
    const partial = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io'
    const metadata = JSON.parse((await server.send('GET', CONFIG_MAPS, { accept: partial })).text)
    assert.equal(metadata.kind, 'PartialObjectMetadataList')
    assert.deepEqual(Object.keys(metadata.items[0]), ['kind', 'apiVersion', 'metadata'])
    const refused = await server.send('GET', CONFIG_MAPS, { accept: 'text/html' })
    assert.equal(refused.code, 406)
    const watch = await server.watch(`${CONFIG_MAPS}?watch=true`, { accept })
    await add(server, 'b')
    const tables = [await watch.next(), await watch.next()].map((event) => event?.object as Table)
    assert.deepEqual(
      tables.map(({ columnDefinitions, rows }) => [columnDefinitions?.length, rows[0]?.cells[0]]),
      [
        [3, 'a'],
        [undefined, 'b'],
      ],
      'the columns are named once',
    )
    await watch.close()
  }))

test('bookmarks of Tables are Tables', () =>
  withServer(async (server) => {
    const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const query = 'watch=true&allowWatchBookmarks=true&sendInitialEvents=true'
    const url = (path: string) => `${path}?${query}&resourceVersionMatch=NotOlderThan`
    for (const path of [CONFIG_MAPS, '/api/v1/pods', '/api/v1/nodes', '/apis/batch/v1/jobs']) {
      const watch = await server.watch(url(path), { accept })
      const end = await watch.next()
      assert.ok(end)
      const { kind, columnDefinitions, rows } = end.object as Table
      assert.deepEqual([end.type, kind, rows.length], ['BOOKMARK', 'Table', 1])
      assert.equal(rows[0]?.cells.length, columnDefinitions?.length)
      assert.match(JSON.stringify(rows), /"annotations":{"k8s.io\/initial-events-end":"true"}/)
      await server.clock.advance(65_000)
      const later = (await watch.next())?.object as Table
      assert.deepEqual([later.columnDefinitions, later.rows.length], [null, 1])
      await watch.close()
    }
    const watch = await server.watch(url(CONFIG_MAPS))
    assert.equal((await watch.next())?.object.kind, 'ConfigMap')
    await watch.close()
  }))

test('what is answered and not kept has no Table', () =>
  withServer(async (server) => {
    const url = '/api/v1/namespaces/default/bindings'
    const table = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    const refused = await server.send('POST', url, { accept: table, body: {} })
    assert.equal(refused.code, 406)
    assert.match(refused.text, /only the following media types are accepted: application\/json,/)
    const answered = await server.send('POST', url, { accept: `${table},*/*`, body: {} })
    assert.notEqual(answered.code, 406)
  }))

interface Table {
  readonly kind: string
  readonly metadata: object
  readonly columnDefinitions: readonly unknown[] | null
  readonly rows: readonly { readonly cells: readonly unknown[] }[]
}

test('a kind in several versions is one resource', () =>
  withServer(async (server) => {
    const older = '/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers'
    const newer = '/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers'
    const watch = await server.watch(`${older}?watch=true`)
    const scaleTargetRef = { kind: 'Deployment', name: 'd', apiVersion: 'apps/v1' }
    const created = await server.send('POST', older, {
      body: {
        metadata: { name: 'a' },
        spec: { scaleTargetRef, maxReplicas: 3, targetCPUUtilizationPercentage: 50 },
      },
    })
    assert.equal(created.code, 201, created.text)
    assert.equal(JSON.parse(created.text).apiVersion, 'autoscaling/v1')
    const read = JSON.parse((await server.send('GET', `${newer}/a`)).text)
    assert.equal(read.apiVersion, 'autoscaling/v2')
    assert.equal(read.spec.metrics[0].resource.target.averageUtilization, 50)
    const event = await watch.next()
    const object = event?.object as unknown as Record<string, Record<string, unknown>>
    assert.equal(object['apiVersion'], 'autoscaling/v1')
    assert.equal(object['spec']?.['targetCPUUtilizationPercentage'], 50)
    await watch.close()
    const events = '/apis/events.k8s.io/v1/namespaces/default/events'
    const posted = await server.send('POST', '/api/v1/namespaces/default/events', {
      body: {
        metadata: { name: 'e' },
        involvedObject: { kind: 'Pod', name: 'p', namespace: 'default' },
        reason: 'Started',
        message: 'm',
        type: 'Normal',
      },
    })
    assert.equal(posted.code, 201, posted.text)
    const [seen] = (await list(server, 'fieldSelector=regarding.name=p', events)).items
    assert.equal((seen as { readonly note?: string } | undefined)?.note, 'm')
  }))

test('clients of what will go are told', () =>
  withServer(async (server) => {
    const { warnings } = await server.send('GET', '/api/v1/endpoints')
    assert.deepEqual(warnings, [
      'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',
    ])
  }))

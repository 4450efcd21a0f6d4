import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CONFIG_MAPS, patch, withServer } from '../../../test/support/json-server.ts'

test('update compares versions, and one without a version overwrites', () =>
  withServer(async (send, { storage }) => {
    const url = `${CONFIG_MAPS}/a`
    const { body: first } = await send('POST', CONFIG_MAPS, { metadata: { name: 'a' } })
    const second = await send('PUT', url, { ...first, data: { k: '1' } })
    assert.equal(second.code, 200)
    const stale = await send('PUT', url, { ...first, data: { k: '2' } })
    assert.deepEqual(
      [stale.code, stale.body.reason, stale.body.message],
      [
        409,
        'Conflict',
        'Operation cannot be fulfilled on configmaps "a": the object has been modified; ' +
          'please apply your changes to the latest version and try again',
      ],
    )
    const free = await send('PUT', url, { metadata: { name: 'a' }, data: { k: '3' } })
    assert.deepEqual(free.body.data, { k: '3' })
    assert.equal(free.body.metadata['uid'], first.metadata['uid'])
    const revision = storage.revision()
    const same = await send('PUT', url, { data: { k: '3' }, metadata: { name: 'a' } })
    assert.equal(same.body.metadata.resourceVersion, free.body.metadata.resourceVersion)
    assert.equal(storage.revision(), revision, 'an update to the same state writes nothing')
  }))

test('update refuses other names, other uids and missing objects', () =>
  withServer(async (send) => {
    await send('POST', CONFIG_MAPS, { metadata: { name: 'a' } })
    const cases: readonly [name: string, body: object, code: number, message: RegExp][] = [
      ['a', { metadata: { name: 'b' } }, 400, /^the name of the object \(b\) does not match the/],
      [
        'a',
        { metadata: { name: 'a', uid: 'x' } },
        409,
        /Key: \/registry\/configmaps\/default\/a, .* UID in precondition: x/,
      ],
      ['c', { metadata: { name: 'c' } }, 404, /^configmaps "c" not found$/],
    ]
    for (const [name, sent, code, message] of cases) {
      const answer = await send('PUT', `${CONFIG_MAPS}/${name}`, sent)
      assert.equal(answer.code, code)
      assert.match(String(answer.body.message), message)
    }
  }))

test('some kinds must be updated with their version, most need not', () =>
  withServer(async (send) => {
    const url = '/apis/scheduling.k8s.io/v1/priorityclasses'
    await send('POST', url, { metadata: { name: 'a' }, value: 1 })
    const answer = await send('PUT', `${url}/a`, { metadata: { name: 'a' }, value: 1 })
    assert.equal(answer.code, 200)
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
    await send('POST', budgets, { metadata: { name: 'a' }, spec: { minAvailable: 1 } })
    const refused = await send('PUT', `${budgets}/a`, { metadata: { name: 'a' }, spec: {} })
    assert.equal(
      refused.body.message,
      'poddisruptionbudgets.policy "a" is invalid: metadata.resourceVersion: ' +
        'Invalid value: 0: must be specified for an update',
    )
  }))

test('a few kinds are created by an update, but never under a uid', () =>
  withServer(async (send) => {
    const url = '/api/v1/namespaces/default/endpoints'
    const stale = await send('PUT', `${url}/e`, { metadata: { name: 'e', uid: 'x' } })
    assert.deepEqual(
      [stale.code, stale.body.message],
      [
        409,
        'Operation cannot be fulfilled on endpoints "e": StorageError: invalid object, Code: 4, ' +
          'Key: /registry/services/endpoints/default/e, ResourceVersion: 0, ' +
          'AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: ',
      ],
    )
    const created = await send('PUT', `${url}/e`, { metadata: { name: 'e' } })
    assert.equal(created.code, 201)
    assert.match(String(created.body.metadata['uid']), /^[0-9a-f-]{36}$/)
    assert.equal((await send('PUT', `${url}/e`, { metadata: { name: 'e' } })).code, 200)
  }))

test('all three patches, and what they refuse', () =>
  withServer(async (send) => {
    const url = `${CONFIG_MAPS}/a`
    await send('POST', CONFIG_MAPS, { metadata: { name: 'a' }, data: { k: 'v', l: 'w' } })
    const merged = await patch(send, url, { data: { k: null } })
    assert.deepEqual(merged.body.data, { l: 'w' })
    const strategic = await send(
      'PATCH',
      url,
      { metadata: { finalizers: ['example.com/a'] } },
      'application/strategic-merge-patch+json',
    )
    assert.deepEqual(strategic.body.metadata['finalizers'], ['example.com/a'])
    const json = await send(
      'PATCH',
      url,
      [{ op: 'add', path: '/data/m', value: 'x' }],
      'application/json-patch+json',
    )
    assert.deepEqual(json.body.data, { l: 'w', m: 'x' })
    const stale = await patch(send, url, { metadata: { resourceVersion: '1' } })
    assert.equal(stale.code, 409)
    const renamed = await patch(send, url, { metadata: { name: 'b' } })
    assert.equal(renamed.code, 400)
    const unknown = await send('PATCH', url, {}, 'text/plain')
    assert.equal(unknown.code, 415)
    const forced = await patch(send, `${url}?force=true`, {})
    assert.match(
      String(forced.body.message),
      /force: Forbidden: may not be specified for non-apply/,
    )
    const missing = await patch(send, `${CONFIG_MAPS}/none`, {})
    assert.equal(missing.body.message, 'configmaps "none" not found')
  }))

test('patches that race are all applied', () =>
  withServer(async (send) => {
    await send('POST', CONFIG_MAPS, { metadata: { name: 'a' } })
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`)
    await Promise.all(keys.map((key) => patch(send, `${CONFIG_MAPS}/a`, { data: { [key]: 'v' } })))
    const { body } = await send('GET', `${CONFIG_MAPS}/a`)
    assert.deepEqual(Object.keys(body.data ?? {}).toSorted(), keys.toSorted())
  }))

test('status and the rest are written apart, and a changed spec is a new generation', () =>
  withServer(async (send) => {
    const sets = '/apis/apps/v1/namespaces/default/replicasets'
    const template = {
      metadata: { labels: { app: 'a' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    }
    const spec = { replicas: 1, selector: { matchLabels: { app: 'a' } }, template }
    const created = await send('POST', sets, {
      metadata: { name: 'a', generation: 7 },
      spec,
      status: { replicas: 9 },
    })
    assert.equal(created.code, 201, created.body.message)
    assert.equal(created.body.metadata['generation'], 1)
    assert.equal(created.body.status?.['replicas'], 0)
    const scaled = await patch(send, `${sets}/a`, {
      spec: { replicas: 3 },
      status: { replicas: 5 },
    })
    assert.equal(scaled.body.metadata['generation'], 2)
    assert.equal(scaled.body.status?.['replicas'], 0)
    const reported = await patch(send, `${sets}/a/status`, {
      spec: { replicas: 8 },
      status: { replicas: 3 },
    })
    assert.equal(reported.body.metadata['generation'], 2)
    assert.equal(reported.body.status?.['replicas'], 3)
    const scale = await send('GET', `${sets}/a/scale`)
    assert.deepEqual((scale.body as { spec?: unknown }).spec, { replicas: 3 })
    const down = await patch(send, `${sets}/a/scale`, { spec: { replicas: 0 } })
    assert.deepEqual((down.body as { spec?: unknown }).spec, {})
  }))

test('a method that a resource does not serve is 405, a path that leads nowhere 404', () =>
  withServer(async (send) => {
    const cases: readonly [method: string, url: string, code: number][] = [
      ['POST', '/api/v1/configmaps', 405],
      ['POST', `${CONFIG_MAPS}/a`, 405],
      ['PUT', CONFIG_MAPS, 405],
      ['DELETE', '/api/v1/namespaces', 405],
      ['GET', '/api/v1/nothings', 404],
      ['GET', `${CONFIG_MAPS}/a/status`, 404],
      ['GET', '/api/v1/configmaps/a', 404],
      ['GET', '/api/v1/namespaces/default/nodes', 404],
    ]
    for (const [method, url, code] of cases) {
      const body = method === 'GET' ? undefined : { metadata: { name: 'a' } }
      assert.equal((await send(method, url, body)).code, code, `${method} ${url}`)
    }
  }))

test('conflicts name the resource in the group that was asked', () =>
  withServer(async (send) => {
    const url = '/apis/events.k8s.io/v1/namespaces/default/events'
    const event = {
      ...{
        metadata: { name: 'e', namespace: 'default' },
        eventTime: '2026-01-01T00:00:00.000000Z',
      },
      ...{ reportingController: 'a/b', reportingInstance: 'c', action: 'd', reason: 'e' },
      ...{ type: 'Normal', regarding: { namespace: 'default' } },
    }
    assert.equal((await send('POST', url, event)).code, 201)
    const again = await send('POST', url, event)
    assert.match(`${again.body.message}`, /^events.events.k8s.io "e" already exists$/)
    const stale = { ...event, metadata: { ...event.metadata, resourceVersion: '1' } }
    const { body } = await send('PUT', `${url}/e`, stale)
    assert.match(`${body.message}`, /^Operation cannot be fulfilled on events.events.k8s.io "e"/)
    const { body: deleted } = await send('DELETE', `${url}/e`)
    assert.equal((deleted.details as { group?: string }).group, 'events.k8s.io')
  }))

test('a limit range without a name is named by a UUID', () =>
  withServer(async (send) => {
    const answer = await send('POST', '/api/v1/namespaces/default/limitranges', { spec: {} })
    assert.equal(answer.code, 201)
    assert.match(`${answer.body.metadata['name']}`, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
  }))

test('namespaces are not in namespaces', () =>
  withServer(async (send) => {
    for (const path of ['namespaces', 'namespaces/x', 'nodes']) {
      assert.equal((await send('GET', `/api/v1/namespaces/default/${path}`)).code, 404)
    }
    assert.equal((await send('GET', '/api/v1/namespaces/default')).code, 200)
  }))

test('a namespace whose name was generated bears it as a label', () =>
  withServer(async (send) => {
    const answer = await send('POST', '/api/v1/namespaces', { metadata: { generateName: 'a-' } })
    const { name, labels } = answer.body.metadata
    assert.deepEqual(labels, { 'kubernetes.io/metadata.name': name })
  }))

test('the version of the group without a name may be written with a slash before it', () =>
  withServer(async (send) => {
    const body = { apiVersion: '/v1', kind: 'ConfigMap', metadata: { name: 'a' } }
    const created = await send('POST', CONFIG_MAPS, body)
    assert.deepEqual([created.code, Reflect.get(created.body, 'apiVersion')], [201, 'v1'])
    const replaced = await send('PUT', `${CONFIG_MAPS}/a`, body)
    assert.deepEqual([replaced.code, Reflect.get(replaced.body, 'apiVersion')], [200, 'v1'])
  }))

test('the faults of a JSON patch are told in the order of its operations', () =>
  withServer(async (send) => {
    await send('POST', CONFIG_MAPS, { metadata: { name: 'a' } })
    const body =
      '[{"op":"add","path":"/data","value":{},"foo":1},' +
      '{"op":"test","path":"/kind","path":"/data","value":{}}]'
    const url = `${CONFIG_MAPS}/a?fieldValidation=Warn`
    const { warnings } = await send('PATCH', url, body, 'application/json-patch+json')
    assert.deepEqual(warnings, [
      'json patch unknown field "[0].foo"',
      'json patch duplicate field "[1].path"',
    ])
  }))

test('nothing is exported any more', () =>
  withServer(async (send) => {
    await send('POST', CONFIG_MAPS, { metadata: { name: 'a' } })
    const asked = await send('GET', `${CONFIG_MAPS}/a?export=true`)
    const why = 'the export parameter, deprecated since v1.14, is no longer supported'
    assert.deepEqual([asked.code, asked.body.message], [400, why])
    assert.equal((await send('GET', `${CONFIG_MAPS}/a?export=false`)).code, 200)
  }))

test('links to itself are kept of no object, however they are sent', () =>
  withServer(async (send) => {
    const configMaps = '/api/v1/namespaces/default/configmaps'
    const metadata = { name: 'a', selfLink: '/x' }
    const created = await send('POST', configMaps, { metadata })
    const rehearsed = await patch(send, `${configMaps}/a?dryRun=All`, { metadata })
    assert.equal(rehearsed.body.metadata['selfLink'], '/x', 'it is the store that drops it')
    const changed = await patch(send, `${configMaps}/a`, { metadata })
    assert.equal(changed.code, 200)
    for (const { body } of [created, changed]) assert.equal(body.metadata['selfLink'], undefined)
    assert.equal(changed.body.metadata['resourceVersion'], created.body.metadata['resourceVersion'])
  }))

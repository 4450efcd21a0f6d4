import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer } from '../../../test/support/api-server.ts'
import { CONFIG_MAPS, patch, withServer } from '../../../test/support/json-server.ts'
import { builtInKinds } from '../../kinds/index.ts'

test('create fills in what the server decides', () =>
  withServer(async (send) => {
    const { code, body } = await send('POST', CONFIG_MAPS, {
      metadata: { name: 'a', uid: 'mine', creationTimestamp: '1999-01-01T00:00:00Z' },
      data: { k: 'v' },
    })
    assert.equal(code, 201)
    assert.equal(body.metadata['namespace'], 'default')
    assert.equal(body.metadata['creationTimestamp'], '2030-01-01T00:00:00Z')
    assert.match(String(body.metadata['uid']), /^[0-9a-f]{8}-[0-9a-f]{4}-4/)
    assert.match(body.metadata.resourceVersion, /^[0-9]+$/)
    const { body: read } = await send('GET', `${CONFIG_MAPS}/a`)
    assert.deepEqual(read, body)
  }))

test('create refuses what upstream refuses, in its words', () =>
  withServer(async (send) => {
    await send('POST', CONFIG_MAPS, { metadata: { name: 'a' } })
    const cases: readonly [url: string, body: object, code: number, message: string][] = [
      [CONFIG_MAPS, { metadata: { name: 'a' } }, 409, 'configmaps "a" already exists'],
      [
        CONFIG_MAPS,
        { metadata: { name: 'b', namespace: 'other' } },
        400,
        'the namespace of the provided object does not match the namespace sent on the request',
      ],
      [
        '/api/v1/namespaces/none/configmaps',
        { metadata: { name: 'b' } },
        404,
        'namespaces "none" not found',
      ],
      [
        CONFIG_MAPS,
        { metadata: {} },
        422,
        'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
      ],
      [
        CONFIG_MAPS,
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'b' } },
        400,
        'Secret in version "v1" cannot be handled as a ConfigMap: ' +
          'converting (v1.Secret) to (core.ConfigMap): unknown conversion',
      ],
      [
        CONFIG_MAPS,
        { apiVersion: 'apps/v1', kind: 'ConfigMap', metadata: { name: 'b' } },
        400,
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: no kind "ConfigMap" is ' +
          'registered for version "apps/v1" in scheme "pkg/api/legacyscheme/scheme.go:30"',
      ],
    ]
    for (const [url, sent, code, message] of cases) {
      const answer = await send('POST', url, sent)
      assert.deepEqual([answer.code, answer.body.message], [code, message])
    }
    const unset = await send('POST', CONFIG_MAPS, { metadata: { name: 'b', resourceVersion: '7' } })
    assert.equal(unset.body.message, 'resourceVersion should not be set on objects to be created')
    const tried = { metadata: { name: 'b', resourceVersion: '7' } }
    assert.equal((await send('POST', `${CONFIG_MAPS}?dryRun=All`, tried)).code, 201)
    const untold = { metadata: { name: 'b', resourceVersion: 'x' } }
    assert.equal((await send('POST', CONFIG_MAPS, untold)).code, 201)
  }))

test('an object at cluster scope has no namespace, whatever is sent', () =>
  withServer(async (send) => {
    const url = '/apis/scheduling.k8s.io/v1/priorityclasses'
    const { code, body } = await send('POST', url, {
      metadata: { name: 'a', namespace: 'default' },
      value: 1,
    })
    assert.equal(code, 201, body.message)
    assert.equal(body.metadata['namespace'], undefined)
    await send('POST', CONFIG_MAPS, { metadata: { name: 'a' } })
    const kept = await patch(send, `${CONFIG_MAPS}/a`, { metadata: { namespace: null } })
    assert.equal(kept.body.metadata['namespace'], 'default')
    const moved = await patch(send, `${CONFIG_MAPS}/a`, { metadata: { namespace: 'other' } })
    assert.equal(
      moved.body.message,
      'the namespace of the provided object does not match the namespace sent on the request',
    )
  }))

test('an owner that is named twice is kept once, with a warning', () =>
  withServer(async (send) => {
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'u' }
    const ownerReferences = [owner, { ...owner, uid: 'other' }, owner]
    const { body, warnings } = await send('POST', CONFIG_MAPS, {
      metadata: { name: 'a', ownerReferences },
    })
    assert.deepEqual(body.metadata['ownerReferences'], [owner, { ...owner, uid: 'other' }])
    assert.deepEqual(warnings, [
      '.metadata.ownerReferences contains duplicate entries; API server dedups owner references ' +
        'in 1.20+, and may reject such requests as early as 1.24; please fix your requests; ' +
        'duplicate UID(s) observed: u',
    ])
  }))

test('generateName finds a free name and keeps the rest', () =>
  withServer(async (send) => {
    const names = new Set<unknown>()
    for (let count = 0; count < 20; count++) {
      const { code, body } = await send('POST', CONFIG_MAPS, { metadata: { generateName: 'x-' } })
      assert.equal(code, 201)
      assert.match(String(body.metadata['name']), /^x-[bcdfghjklmnpqrstvwxz2456789]{5}$/)
      names.add(body.metadata['name'])
    }
    assert.equal(names.size, 20)
  }))

test('an object that stands twice is one, whatever is told of it', () =>
  withServer(async (send) => {
    const text =
      '{"metadata":{"name":"a"},"data":{"a":"1"},"metadata":{"labels":{"x":"y"}},"data":{"b":"2"}}'
    for (const validation of ['Warn', 'Ignore']) {
      const url = `${CONFIG_MAPS}?dryRun=All&fieldValidation=${validation}`
      const { code, body, warnings } = await send('POST', url, text)
      assert.equal(code, 201)
      assert.deepEqual(body.metadata['labels'], { x: 'y' })
      assert.deepEqual(body['data'], { a: '1', b: '2' })
      assert.equal(warnings.length, validation === 'Warn' ? 2 : 0)
    }
  }))

test('a dry run gives back the version that it was given, which no object has', () =>
  withServer(async (send) => {
    const body = { metadata: { name: 'a', resourceVersion: 'abc' } }
    const dry = await send('POST', `${CONFIG_MAPS}?dryRun=All`, body)
    assert.deepEqual([dry.code, dry.body.metadata.resourceVersion], [201, 'abc'])
    const plain = await send('POST', `${CONFIG_MAPS}?dryRun=All`, { metadata: { name: 'a' } })
    assert.deepEqual([plain.code, plain.body.metadata.resourceVersion], [201, undefined])
    const real = await send('POST', CONFIG_MAPS, body)
    assert.match(real.body.metadata.resourceVersion, /^\d+$/)
  }))

test('field validation ignores, warns or refuses', () =>
  withServer(async (send) => {
    const sent = '{"metadata":{"name":"a"},"data":{"k":"1","k":"2"},"bogus":1}'
    const warned = await send('POST', CONFIG_MAPS, sent)
    assert.deepEqual(warned.warnings, ['duplicate field "data.k"', 'unknown field "bogus"'])
    const ignored = await send('POST', `${CONFIG_MAPS}?fieldValidation=Ignore&dryRun=All`, {
      metadata: { name: 'b' },
      bogus: 1,
    })
    assert.deepEqual([ignored.code, ignored.warnings], [201, []])
    const strict = await send('POST', `${CONFIG_MAPS}?fieldValidation=Strict`, sent)
    assert.equal(strict.code, 400)
    assert.equal(
      strict.body.message,
      'ConfigMap in version "v1" cannot be handled as a ConfigMap: ' +
        'strict decoding error: duplicate field "data.k", unknown field "bogus"',
    )
    const wrong = await send('POST', `${CONFIG_MAPS}?fieldValidation=Maybe`, sent)
    assert.equal(
      wrong.body.message,
      'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Maybe": ' +
        'supported values: "", "Ignore", "Strict", "Warn"',
    )
  }))

test('dry run answers as if, and stores nothing', () =>
  withServer(async (send, { storage }) => {
    await send('POST', CONFIG_MAPS, { metadata: { name: 'a' }, data: { k: 'v' } })
    const revision = storage.revision()
    const created = await send('POST', `${CONFIG_MAPS}?dryRun=All`, { metadata: { name: 'b' } })
    assert.equal(created.code, 201)
    assert.equal(created.body.metadata['resourceVersion'], undefined)
    const patched = await patch(send, `${CONFIG_MAPS}/a?dryRun=All`, { data: { k: 'w' } })
    assert.deepEqual(patched.body.data, { k: 'w' })
    const deleted = await send('DELETE', `${CONFIG_MAPS}/a?dryRun=All`)
    assert.equal(deleted.code, 200)
    assert.equal(storage.revision(), revision)
    const wrong = await send('POST', `${CONFIG_MAPS}?dryRun=Some`, { metadata: { name: 'b' } })
    assert.equal(
      wrong.body.message,
      'CreateOptions.meta.k8s.io "" is invalid: dryRun: Unsupported value: ["Some"]: ' +
        'supported values: "All"',
    )
  }))

test('no kind fails over an object without a name', () =>
  withServer(async (send) => {
    for (const { group, apiVersion, plural, scope, isVirtual, verbs } of builtInKinds) {
      if (isVirtual === true || !verbs.includes('create')) continue
      // Its service account is waited for, on a clock that stands still here.
      if (plural === 'pods') continue
      const root = group === '' ? '/api/v1' : `/apis/${apiVersion}`
      const where = scope === 'Namespaced' ? `${root}/namespaces/default` : root
      const { code } = await send('POST', `${where}/${plural}`, {})
      assert.ok(code === 422 || code === 403 || code === 201, `${apiVersion} ${plural}: ${code}`)
    }
  }))

test('budgets are judged by their own rules before those of all metadata', async () => {
  const { send, close } = await createTestServer()
  const causesOf = async (spec: object) => {
    const metadata = { name: 'a', labels: { l: 'no label!' } }
    const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets'
    const { text } = await send('POST', budgets, { body: { metadata, spec } })
    const { causes } = JSON.parse(text).details as { causes: readonly { field: string }[] }
    return causes.map(({ field }) => field)
  }
  assert.deepEqual(await causesOf({ minAvailable: 1, maxUnavailable: 1 }), ['spec'])
  assert.deepEqual(await causesOf({ minAvailable: 1 }), ['metadata.labels'])
  close()
})

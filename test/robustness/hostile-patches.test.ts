import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createTestServer, type TestServer } from '../support/api-server.ts'
import { type RawAnswer, sendRaw } from '../support/raw-request.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
/** Quadratic work on ten thousand fields takes many times as long, also on a busy machine. */
const PATIENCE_MS = 4000

type Patch = (type: string, patch: unknown) => Promise<RawAnswer>

async function withObject(run: (patch: Patch, server: TestServer) => Promise<void>) {
  const server = await createTestServer()
  const body = { metadata: { name: 'a', labels: { a: 'b' } }, data: { a: '1' } }
  await server.send('POST', CONFIG_MAPS, { body })
  try {
    await run((type, patch) => {
      const text = typeof patch === 'string' ? patch : JSON.stringify(patch)
      return sendRaw(
        server,
        'PATCH',
        `${CONFIG_MAPS}/a?fieldManager=x`,
        text,
        `application/${type}`,
      )
    }, server)
    const { code } = await server.send('GET', `${CONFIG_MAPS}/a`)
    assert.equal(code, 200, 'the object is as it was, or as it should be')
  } finally {
    server.close()
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined, 'a prototype is polluted')
  }
}

const JSON_PATCH = 'json-patch+json'
const MERGE = 'merge-patch+json'
const STRATEGIC = 'strategic-merge-patch+json'
const APPLY = 'apply-patch+yaml'

test('a JSON patch reaches neither prototypes nor places that do not exist', () =>
  withObject(async (patch) => {
    const list = { op: 'add', path: '/metadata/finalizers', value: [] }
    const at = (path: string, value: unknown = 'x/y') => [list, { op: 'add', path, value }]
    for (const operations of [
      [{ op: 'add', path: '/__proto__/polluted', value: 'x' }],
      [{ op: 'add', path: '/constructor/prototype/polluted', value: 'x' }],
      [{ op: 'move', from: '/__proto__', path: '/data' }],
      [{ op: 'move', from: '/metadata', path: '/metadata/x' }],
      at('/metadata/finalizers/4294967295'),
      at('/metadata/finalizers/1e9'),
      at('/metadata/finalizers/length', 5),
      at('/metadata/finalizers/-99'),
      at(`/metadata/finalizers/${'9'.repeat(100_000)}`),
      [{ op: 'add', path: '/a'.repeat(300_000), value: 1 }],
      [{ op: 'replace', path: '', value: 7 }],
      [{ op: 'remove', path: '' }],
      [{}],
    ]) {
      const { code, reason } = await patch(JSON_PATCH, operations)
      assert.deepEqual([code, reason], [422, 'Invalid'], JSON.stringify(operations).slice(0, 100))
    }
    const own = await patch(JSON_PATCH, [{ op: 'add', path: '/data/__proto__', value: 'x' }])
    assert.equal(own.code, 200)
    assert.ok(JSON.stringify(own.object).includes('"__proto__":"x"'))
  }))

test('what is no patch is refused', () =>
  withObject(async (patch) => {
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
    for (const [type, value] of [
      [JSON_PATCH, {}],
      [JSON_PATCH, [7]],
      [JSON_PATCH, [{ op: {}, path: [] }]],
      [JSON_PATCH, `[{"op":"add","path":"/data/x","value":${deep}}]`],
      [MERGE, null],
      [MERGE, '{"data":'],
      [MERGE, `{"x":${deep}}`],
      [STRATEGIC, []],
      [STRATEGIC, `{"x":${deep}}`],
      [APPLY, 'null'],
      [APPLY, '[]'],
      [APPLY, 'data: &a {x: *a}'],
      [APPLY, `data: ${'['.repeat(100_000)}`],
    ] as const) {
      const { code } = await patch(type, value)
      assert.equal(code, 400, `${type} ${JSON.stringify(value).slice(0, 60)}`)
    }
    assert.equal((await patch('unknown+json', {})).code, 415)
  }))

test('many operations take as many steps, and more are not taken', () =>
  withObject(async (patch) => {
    const adds = Array.from({ length: 10_000 }, (_, index) => {
      return { op: 'add', path: `/data/k${index}`, value: '1' }
    })
    const started = performance.now()
    assert.equal((await patch(JSON_PATCH, adds)).code, 200)
    assert.ok(performance.now() - started < PATIENCE_MS, 'each operation has copied all fields')
    const removes = adds.map(({ path }) => ({ op: 'remove', path }))
    assert.equal((await patch(JSON_PATCH, removes)).code, 200)
    const { code, message } = await patch(JSON_PATCH, [...adds, { op: 'test', path: '/kind' }])
    assert.equal(code, 413)
    const why = 'The allowed maximum operations in a JSON patch is 10000, got 10001'
    assert.equal(message, `Request entity too large: ${why}`)
  }))

test('copies of copies end at three megabytes', () =>
  withObject(async (patch) => {
    const fill = { op: 'add', path: '/data/a', value: 'x'.repeat(1000) }
    const doubling = Array.from({ length: 40 }, (_, index) => {
      return { op: 'copy', from: '/data', path: `/data/k${index}` }
    })
    assert.equal((await patch(JSON_PATCH, [fill, ...doubling])).code, 422)
    const many = Array.from({ length: 5000 }, (_, index) => {
      return { op: 'copy', from: '/data', path: `/metadata/x${index}` }
    })
    assert.equal((await patch(JSON_PATCH, [fill, ...many])).code, 422)
  }))

test('merge patches treat the names of prototypes as names', () =>
  withObject(async (patch) => {
    const text = '{"__proto__":{"polluted":"x"},"data":{"__proto__":"y","constructor":null}}'
    for (const type of [MERGE, STRATEGIC]) {
      const { code, object } = await patch(type, text)
      assert.equal(code, 200)
      assert.ok(JSON.stringify(object).includes('"data":{"a":"1","__proto__":"y"}'), type)
    }
  }))

test('directives of strategic merges stand where they may, and say what they may', () =>
  withObject(async (patch) => {
    for (const value of [
      { $patch: 'delete' },
      { $patch: 'replace', data: { z: '1' } },
      { data: { $patch: 'bogus' } },
      { data: { $patch: {} } },
      { data: { $patch: [] } },
      { '$setElementOrder/data': ['a'], '$deleteFromPrimitiveList/data': 7 },
      { metadata: { '$setElementOrder/finalizers': 'x', finalizers: ['a/b'] } },
      { metadata: { '$setElementOrder/ownerReferences': [{}, {}], ownerReferences: [{ uid: 1 }] } },
      { metadata: { ownerReferences: ['x', null, 7] } },
      { metadata: { labels: ['x'] } },
      { data: { $retainKeys: 'a' } },
    ]) {
      const { code, message } = await patch(STRATEGIC, value)
      const text = JSON.stringify(value)
      assert.ok(code >= 400, `${text} was taken`)
      assert.notEqual(message, 'Internal error occurred', `${text} was not expected`)
    }
  }))

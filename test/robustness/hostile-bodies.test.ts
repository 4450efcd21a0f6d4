import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createTestServer, type TestServer } from '../support/api-server.ts'
import { type RawAnswer, sendRaw } from '../support/raw-request.ts'

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps'
const YAML = 'application/yaml'
const PROTOBUF = 'application/vnd.kubernetes.protobuf'

async function withServer(run: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await createTestServer()
  try {
    await run(server)
  } finally {
    server.close()
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined, 'a prototype is polluted')
  }
}

/** A body, how it is called, and what the answer says. */
type Case = readonly [name: string, body: string | Uint8Array, message: RegExp]

async function refusesAll(cases: readonly Case[], contentType?: string): Promise<void> {
  await withServer(async (server) => {
    for (const [name, body, message] of cases) {
      const answer = await sendRaw(server, 'POST', CONFIG_MAPS, body, contentType)
      assert.deepEqual([answer.code, answer.reason], [400, 'BadRequest'], name)
      assert.match(answer.message, message, name)
    }
  })
}

const dataOf = ({ object }: RawAnswer) => (object as { readonly data?: object }).data

describe('JSON bodies', () => {
  test('what is no object, or not whole, is refused', () =>
    refusesAll([
      ['empty', '', /unexpected end of JSON input \(<empty>\)$/],
      ['array', '[]', /cannot unmarshal array/],
      ['number', '7', /cannot unmarshal number/],
      ['truncated', '{"metadata":{"name":"a"', /json parse error/],
      ['trailing', '{"metadata":{"name":"a"}}x', /json parse error/],
      ['byte order mark', '\uFEFF{"metadata":{"name":"a"}}', /json parse error/],
      ['NUL', '{"metadata":{"name":"a\0"}}', /json parse error/],
      [
        'number beyond int64',
        `{"metadata":{"generation":${'9'.repeat(100_000)}}}`,
        /of type int64/,
      ],
      ['infinite number', '{"metadata":{"generation":1e999}}', /of type int64/],
    ]))

  test('depth is limited before the stack is', () =>
    refusesAll([
      ['open arrays', '['.repeat(1_000_000), /exceeded max depth/],
      ['arrays', `{"data":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, /exceeded max depth/],
      ['objects', `{"x":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`, /exceeded max depth/],
    ]))

  test('names of prototypes are names like any other', () =>
    withServer(async (server) => {
      const fields = '"__proto__":{"polluted":"x"},"constructor":{"prototype":{"polluted":"y"}}'
      const data = '"data":{"__proto__":"v","constructor":"c","toString":"t"}'
      const body = `{"metadata":{"name":"a"},${data},${fields}}`
      const created = await sendRaw(server, 'POST', CONFIG_MAPS, body)
      assert.equal(created.code, 201)
      const { text } = await server.send('GET', `${CONFIG_MAPS}/a`)
      assert.ok(text.includes('"data":{"__proto__":"v","constructor":"c","toString":"t"}'), text)
      assert.ok(!text.includes('polluted'))
      const strict = `${CONFIG_MAPS}?fieldValidation=Strict`
      const refused = await sendRaw(server, 'POST', strict, body)
      assert.match(refused.message, /unknown field "__proto__", unknown field "constructor"/)
    }))

  test('a key that stands twice is told, and refused where that was asked', () =>
    withServer(async (server) => {
      const body = '{"metadata":{"name":"x","name":"a"},"data":{"k":"1","k":"2"}}'
      const told = await server.send('POST', CONFIG_MAPS, { body })
      assert.equal(JSON.parse(told.text).metadata.name, 'a', 'the last one counts')
      assert.deepEqual(told.warnings, [
        'duplicate field "metadata.name"',
        'duplicate field "data.k"',
      ])
      const strict = `${CONFIG_MAPS}?fieldValidation=Strict`
      const refused = await sendRaw(server, 'POST', strict, body.replace('"a"', '"b"'))
      assert.equal(refused.code, 400)
      assert.match(refused.message, /duplicate field "metadata.name", duplicate field "data.k"/)
    }))

  test('bytes that are no UTF-8 become replacement characters, as Go makes them', () =>
    withServer(async (server) => {
      const [start, end] = ['{"metadata":{"name":"a"},"data":{"k":"', '"}}']
      const body = Buffer.concat([Buffer.from(start), Buffer.from([0xff, 0xfe]), Buffer.from(end)])
      const created = await sendRaw(server, 'POST', CONFIG_MAPS, body)
      assert.deepEqual([created.code, dataOf(created)], [201, { k: '\uFFFD\uFFFD' }])
    }))

  test('managed fields of any shape do no harm', () =>
    withServer(async (server) => {
      const deep = JSON.parse(`${'{"f:a":'.repeat(300)}{}${'}'.repeat(300)}`)
      const shapes = [7, 'x', [], { 'f:a': 7 }, { 'f:__proto__': { '.': {} } }, { 'k:{"a":1': {} }]
      for (const [index, fieldsV1] of [...shapes, { 'i:99999999999': {} }, deep].entries()) {
        const entry = { manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsV1 }
        const managedFields = [{ ...entry, fieldsType: 'FieldsV1' }]
        const metadata = { name: `a${index}`, managedFields }
        const body = JSON.stringify({ metadata, data: { a: '1' } })
        const { code } = await sendRaw(server, 'POST', CONFIG_MAPS, body)
        assert.ok(code === 201 || code === 400, `${JSON.stringify(fieldsV1).slice(0, 40)}: ${code}`)
      }
    }))

  test('patterns of names take linear time', () =>
    withServer(async (server) => {
      const key = `${'a.-_'.repeat(200_000)}!`
      const label = `${'a-'.repeat(200_000)}!/x`
      for (const body of [
        { metadata: { name: `${'a.'.repeat(400_000)}!` } },
        { metadata: { generateName: `${'a-'.repeat(400_000)}!` } },
        { metadata: { name: 'a', labels: { [label]: `${'a-._'.repeat(100_000)}!` } } },
        { metadata: { name: 'a' }, data: { [key]: '' } },
      ]) {
        assert.equal((await sendRaw(server, 'POST', CONFIG_MAPS, JSON.stringify(body))).code, 422)
      }
      const pods = '/api/v1/namespaces/default/pods'
      for (const cpu of [`${'1'.repeat(400_000)}.${'1'.repeat(400_000)}e9`, '1e999999999']) {
        const containers = [{ name: 'a', image: 'a', resources: { limits: { cpu } } }]
        const body = JSON.stringify({ metadata: { name: 'a' }, spec: { containers } })
        assert.equal((await sendRaw(server, 'POST', pods, body)).code, 400)
      }
    }))

  test('options of a deletion are read as carefully', () =>
    withServer(async (server) => {
      await sendRaw(server, 'POST', CONFIG_MAPS, '{"metadata":{"name":"a"}}')
      for (const [url, body, message] of [
        ['', '{"gracePeriodSeconds":"x"}', /cannot unmarshal string .* of type int64/],
        ['', '{"preconditions":[]}', /cannot unmarshal array/],
        ['?gracePeriodSeconds=abc', '', /^strconv.ParseInt: parsing "abc": invalid syntax$/],
        ['?gracePeriodSeconds=1e9', '', /^strconv.ParseInt: parsing "1e9": invalid syntax$/],
      ] as const) {
        const answer = await sendRaw(server, 'DELETE', `${CONFIG_MAPS}/a${url}`, body)
        assert.equal(answer.code, 400, body || url)
        assert.match(answer.message, message)
      }
      assert.equal((await server.send('GET', `${CONFIG_MAPS}/a`)).code, 200)
    }))
})

describe('YAML bodies', () => {
  const bomb = Array.from({ length: 9 }, (_, level) => {
    const items = level === 0 ? 'x' : `*a${level - 1}`
    return `a${level}: &a${level} [${Array(9).fill(items).join(', ')}]`
  }).join('\n')

  test('aliases expand to what a body may be, and never for ever', () =>
    refusesAll(
      [
        ['billion laughs', bomb, /document contains excessive aliasing/],
        ['cycle', 'data: &a\n  x: *a\n', /anchor 'a' value contains itself/],
        ['cycle of merges', 'data: &a\n  <<: *a\n  b: c\n', /anchor 'a' value contains itself/],
        ['unknown alias', 'data: *nothing\n', /yaml/],
      ],
      YAML,
    ))

  test('depth is limited before the stack is', () =>
    refusesAll(
      [
        ['flow', `a: ${'['.repeat(200_000)}`, /exceeded max depth of 1000/],
        [
          'block',
          Array.from({ length: 1500 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'),
          /depth/,
        ],
        ['indicators', `${'- '.repeat(20_000)}a`, /exceeded max depth of 1000/],
        ['complex keys', '? [a, b]\n: c\n', /unsupported map key/],
      ],
      YAML,
    ))

  test('control characters and what is no UTF-8 are refused', () =>
    refusesAll(
      [
        ['NUL', 'metadata: {name: a\0}\n', /control characters are not allowed/],
        ['bell', 'metadata: {name: "a\x07"}\n', /control characters are not allowed/],
        ['no UTF-8', Buffer.from([...Buffer.from('data: {a: "'), 0xff, 0x22, 0x7d]), /UTF-8/],
        ['open quote', `a: "${'\\'.repeat(100_001)}`, /yaml/],
      ],
      YAML,
    ))

  test('a byte order mark, a tag and a second document do no harm', () =>
    withServer(async (server) => {
      const body = '\uFEFFmetadata: {name: !!js/function "a"}\n---\nmetadata: {name: b}\n'
      assert.equal((await sendRaw(server, 'POST', CONFIG_MAPS, body, YAML)).code, 201)
      assert.equal((await server.send('GET', `${CONFIG_MAPS}/a`)).code, 200)
      assert.equal((await server.send('GET', `${CONFIG_MAPS}/b`)).code, 404)
    }))
})

test('protobuf that ends early, or claims what it has not, is refused', () => {
  const framed = (...bytes: readonly number[]) =>
    Buffer.concat([Buffer.from('k8s\0'), Buffer.from(bytes)])
  return refusesAll(
    [
      ['no magic', Buffer.from([0x0a, 0x00]), /unrecognized/],
      ['endless varint', framed(...Array(20).fill(0xff)), /unrecognized/],
      ['length of 4 GB', framed(0x12, 0xff, 0xff, 0xff, 0xff, 0x0f), /unexpected EOF/],
    ],
    PROTOBUF,
  )
})

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { StatusError } from '../../machinery/status-error.ts'
import { type Conversion, MEDIA_TYPES, negotiate, negotiateAmong, TEXT_TYPES } from './accept.ts'
import { warningHeaders } from './warning-headers.ts'

const TABLE: Conversion = { group: 'meta.k8s.io', version: 'v1', kind: 'Table' }
const allowsTables = ({ group, version, kind }: Conversion) =>
  group === TABLE.group && version === TABLE.version && kind === TABLE.kind

describe('Accept', () => {
  test('nothing, anything and JSON give JSON', () => {
    for (const accept of [undefined, '', '*/*', 'application/*', 'application/json, */*']) {
      const { mediaType, convertTo } = negotiate(accept)
      assert.equal(mediaType, 'application/json', accept)
      assert.equal(convertTo, undefined)
    }
    assert.equal(negotiate('application/yaml').mediaType, 'application/yaml')
    assert.equal(negotiate('APPLICATION/YAML').mediaType, 'application/yaml')
  })

  test('the best quality counts, then the order; a wildcard comes last', () => {
    const yamlFirst = 'application/json;q=0.5, application/yaml'
    assert.equal(negotiate(yamlFirst).mediaType, 'application/yaml')
    assert.equal(negotiate('*/*, application/yaml').mediaType, 'application/yaml')
    const last = 'application/yaml;q=0, application/json'
    assert.equal(negotiate(last).mediaType, 'application/json')
    assert.equal(negotiate('application/yaml;q=0').mediaType, 'application/yaml')
    assert.equal(negotiate('application/yaml;q=x, */*;q=0.1').mediaType, 'application/json')
  })

  test('CBOR is there by name wherever JSON is', () => {
    const cbor = 'application/cbor'
    assert.equal(negotiate(cbor, undefined, MEDIA_TYPES, TEXT_TYPES).mediaType, cbor)
    assert.equal(negotiate('*/*', undefined, MEDIA_TYPES, TEXT_TYPES).mediaType, 'application/json')
    assert.throws(() => negotiate(cbor, undefined, MEDIA_TYPES, []), /are accepted/)
  })

  test('what is no media type, and no parameter, is passed over', () => {
    for (const accept of ['application', 'application/', 'application/json/x', '', ' , ']) {
      assert.equal(negotiate(`${accept}, application/yaml`).mediaType, 'application/yaml', accept)
    }
    assert.equal(negotiate('*').mediaType, 'application/json')
    const { mediaType, convertTo } = negotiate('application/yaml;as;v=;g=a=b')
    assert.deepEqual([mediaType, convertTo], ['application/yaml', undefined])
  })

  test("kubectl's wish for a Table is met where there is one, and passed over elsewhere", () => {
    const accept =
      'application/json;as=Table;v=v1;g=meta.k8s.io,' +
      'application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'
    assert.deepEqual(negotiate(accept, allowsTables).convertTo, TABLE)
    assert.equal(negotiate(accept).convertTo, undefined)
    const onlyTable = 'application/json;as=Table;v=v1;g=meta.k8s.io'
    assert.throws(
      () => negotiate(onlyTable),
      (error: StatusError) => error.code === 406,
    )
  })

  test('what cannot be had is a 406 that says what can', () => {
    assert.throws(
      () => negotiate('text/html'),
      (error: StatusError) => {
        assert.equal(error.reason, 'NotAcceptable')
        assert.match(
          error.message,
          /^only the following media types are accepted: application\/json, application\/yaml/,
        )
        return error.code === 406
      },
    )
    assert.throws(() => negotiateAmong('application/yaml', ['application/json']), { code: 406 })
    assert.equal(negotiateAmong('*/*', ['application/json']), 'application/json')
  })

  test('long headers, which anybody may send, are not kept', () => {
    const accept = (index: number) => `x/${index}${',a'.repeat(10_000)},application/json`
    negotiate(accept(0))
    globalThis.gc?.()
    const before = process.memoryUsage().heapUsed
    for (let index = 1; index <= 100; index++) negotiate(accept(index))
    globalThis.gc?.()
    const grownMebibytes = (process.memoryUsage().heapUsed - before) / 2 ** 20
    assert.ok(grownMebibytes < 20, `${grownMebibytes} MiB are kept`)
  })
})

describe('Warning headers', () => {
  test('quotes are escaped, control characters keep a text out', () => {
    assert.deepEqual(warningHeaders(['a "b" \\c', 'line\nbreak', '']), ['299 - "a \\"b\\" \\\\c"'])
  })

  test('too much text is cut, each text to 256 characters, together to 4 KB', () => {
    const long = 'x'.repeat(300)
    assert.equal(warningHeaders([long])[0]?.length, 300 + '299 - ""'.length)
    const headers = warningHeaders(Array.from({ length: 30 }, () => long))
    assert.equal(headers.length, 16)
    assert.ok(headers.every((one) => one.length === 256 + '299 - ""'.length))
  })
})

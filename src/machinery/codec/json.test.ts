import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TurnCounter } from '../../../test/support/turn-counter.ts'
import { decodeJson, decodeJsonBody, MOST_DEPTH } from './json.ts'

const bytes = (text: string) => Buffer.from(text)

test('duplicates are found when asked for', () => {
  const text = '{"a":1,"b":[{"c":"x,{","c":2},{"c":1}],"a":{"d":1},"\\u0061":3,"e":{"d":1,"d":2}}'
  const { value, problems } = decodeJson(bytes(text), { findDuplicates: true })
  assert.deepEqual(value, { a: 3, b: [{ c: 2 }, { c: 1 }], e: { d: 2 } })
  assert.deepEqual(problems, [
    'duplicate field "b[0].c"',
    'duplicate field "a"',
    'duplicate field "e.d"',
  ])
  assert.deepEqual(decodeJson(bytes(text)).problems, [])
})

test('depth is limited', () => {
  const nested = (depth: number) => `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`
  assert.ok(decodeJson(bytes(nested(MOST_DEPTH / 2))))
  for (const depth of [MOST_DEPTH / 2 + 1, 100_000]) {
    assert.throws(() => decodeJson(bytes(nested(depth))), { message: 'exceeded max depth' })
  }
  assert.ok(decodeJson(bytes(JSON.stringify({ a: '['.repeat(5000), b: '\\"{'.repeat(5000) }))))
})

test('large integers, and what is not JSON', () => {
  assert.deepEqual(decodeJson(bytes('{"a":9007199254740993}')).value, { a: 9007199254740993n })
  assert.throws(() => decodeJson(bytes('{a}')), { name: 'JsonSyntaxError' })
})

/** Longer than what is read at once. */
const filler = Array.from({ length: 30_000 }, (_, at) => `"k${at}":${at}`).join()

test('a long document is read in many turns, with the same outcome', async () => {
  const texts = [
    `{"a":1,${filler},"b":[{"c":1,"c":2}],"a":{"${'x'.repeat(10)}":1}}`,
    `{"a":{${filler}},"b":{"a":1,${filler},"a":2,"a":3}}`,
    `[${filler.replaceAll(':', ',')}]`,
  ]
  for (const text of texts) {
    const turns = new TurnCounter()
    const read = await decodeJsonBody(bytes(text), { findDuplicates: true })
    assert.ok(turns.stop() >= 5)
    const whole = decodeJson(bytes(text), { findDuplicates: true })
    assert.deepEqual(read.value, whole.value)
    assert.deepEqual(read.problems, whole.problems)
  }
  for (const broken of [`{${filler},}`, `{${filler}`, `{"a":tru,${filler}}`]) {
    const read = decodeJsonBody(bytes(broken)) as Promise<unknown>
    const error = await read.catch((reason: unknown) => reason)
    assert.throws(
      () => decodeJson(bytes(broken)),
      (expected) => (expected as Error).message === (error as Error).message,
    )
  }
  const deep = `${'['.repeat(2000)}${filler.replaceAll(':', ',')}`
  await assert.rejects(async () => decodeJsonBody(bytes(deep)), { message: 'exceeded max depth' })
})

test('of duplicates no more are told than upstream tells, wherever they stand', () => {
  // Each has a path of its own, as long as the document is deep.
  const leaf = Array.from({ length: 20_000 }, (_, at) => `"k${at}":1,"k${at}":2`).join()
  const text = `${'{"aaaaaaaaaa":'.repeat(900)}{${leaf}}${'}'.repeat(900)}`
  const { problems, places } = decodeJson(bytes(text), { findDuplicates: true })
  assert.equal(problems.length, 100)
  assert.ok((places?.first.size ?? 0) <= 10_000)
})

test('half of a character is replaced, as in UTF-8 that is invalid; whole ones are kept', () => {
  const read = (json: string) => decodeJson(Buffer.from(json)).value
  const kept = String.raw`["\ud83d\ude00", "\\ud800", "\\\\ud800", "\u0041", "\uFFFD"]`
  assert.deepEqual(read(kept), JSON.parse(kept))
  assert.deepEqual(read(String.raw`{"\ud800": "a\udC00\ud83D", "b": "\uD800\ud83d\ude00\u0041"}`), {
    '\ufffd': 'a\ufffd\ufffd',
    b: '\ufffd\u{1f600}A',
  })
  assert.deepEqual(read(String.raw`["\\\ud800"]`), ['\\\ufffd'])
  assert.deepEqual(decodeJson(Buffer.from([0x22, 0xff, 0x22])).value, '\ufffd')
})

test('so it is in a long document', async () => {
  const long = `{"a": "${'x'.repeat(200_000)}", "b": "\\ud800"}`
  const { value } = await decodeJsonBody(Buffer.from(long))
  assert.equal((value as { readonly b: string }).b, '\ufffd')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TurnCounter } from '../../../test/support/turn-counter.ts'
import { s } from '../schema.ts'
import { decodeJson, decodeJsonBody } from './json.ts'

const Container = s.struct('test.Container', {
  name: s.string().optional(),
  image: s.string().optional(),
  command: s.list(s.string()).optional(),
})
const Pod = s.struct('test.Pod', {
  containers: s.list(Container).optional(),
  labels: s.map(s.string()).optional(),
  owners: s.map(Container).optional(),
  nodeName: s.string().optional(),
  size: s.int64().optional(),
  raw: s.raw().optional(),
})

test('what stands twice fills the same struct again, as in Go', () => {
  const cases: readonly [text: string, value: unknown][] = [
    [
      '{"containers":[{"name":"a","image":"x","command":["1","2"]},{"name":"b"}],' +
        '"containers":[{"name":"c","command":["3"]}]}',
      { containers: [{ name: 'c', image: 'x', command: ['3'] }] },
    ],
    ['{"labels":{"a":"1","b":"2"},"labels":{"b":"3"}}', { labels: { a: '1', b: '3' } }],
    // The values of a map are made anew.
    ['{"owners":{"o":{"name":"a"},"o":{"image":"x"}}}', { owners: { o: { image: 'x' } } }],
    ['{"nodeName":"n","nodeName":null}', { nodeName: 'n' }],
    ['{"labels":{"a":"1"},"labels":null}', { labels: null }],
    ['{"raw":{"a":{"b":1}},"raw":{"a":{"c":2}}}', { raw: { a: { c: 2 } } }],
    ['{"size":1,"size":9223372036854775807}', { size: 9223372036854775807n }],
    ['{"other":{"a":1},"other":{"b":"}\\"{"}}', { other: { b: '}"{' } }],
  ]
  for (const [text, value] of cases) {
    const options = { findDuplicates: true, schema: Pod.node }
    assert.deepEqual(decodeJson(Buffer.from(text), options).value, value, text)
  }
})

test('__proto__ is a key like others', () => {
  const text = '{"labels":{"__proto__":"1","a":"2"},"labels":{"a":"3"}}'
  const { value } = decodeJson(Buffer.from(text), { findDuplicates: true, schema: Pod.node })
  const { labels } = value as { readonly labels: object }
  assert.deepEqual(Object.entries(labels), [
    ['__proto__', '1'],
    ['a', '3'],
  ])
})

test('without a schema the last counts', () => {
  const { value } = decodeJson(Buffer.from('{"a":{"b":1},"a":{"c":2}}'), { findDuplicates: true })
  assert.deepEqual(value, { a: { c: 2 } })
})

test('what is filled again thousands of times is not copied, and read in many turns', async () => {
  const labels = Array.from({ length: 2000 }, (_, at) => `"l${at}":"v"`).join()
  const again = ',"labels":{}'.repeat(60_000)
  const text = Buffer.from(`{"labels":{${labels}}${again},"labels":{"last":"v"}}`)
  const turns = new TurnCounter()
  const started = process.cpuUsage()
  const document = await decodeJsonBody(text, { findDuplicates: true, schema: Pod.node })
  assert.ok(process.cpuUsage(started).user < 2_500_000)
  const count = turns.stop()
  assert.ok(count >= 50, `${count} turns`)
  assert.equal(Object.keys((document.value as { readonly labels: object }).labels).length, 2001)
})

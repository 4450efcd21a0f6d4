import assert from 'node:assert/strict'
import { test } from 'node:test'
import { escapeFieldValue, FieldSelector, parseFieldSelector } from './field-selector.ts'

const readers: Record<string, (pod: Record<string, string>) => string> = {
  'metadata.name': (pod) => pod['name'] ?? '',
  'status.phase': (pod) => pod['phase'] ?? '',
}
const test1 = (selector: string, pod: Record<string, string>) =>
  parseFieldSelector(selector).compile(readers)(pod)

test('matches', () => {
  const pod = { name: 'a', phase: 'Running' }
  for (const yes of ['', 'metadata.name=a', 'metadata.name==a,status.phase!=Failed', ',']) {
    assert.ok(test1(yes, pod), yes)
    const selector = parseFieldSelector(yes)
    assert.ok(selector.matches(pod, (object, field) => readers[field]?.(object) ?? ''))
  }
  for (const no of ['metadata.name=b', 'metadata.name=a,status.phase=Failed', 'status.phase=']) {
    assert.ok(!test1(no, pod), no)
  }
  assert.equal(parseFieldSelector('metadata.name=a').exactValue('metadata.name'), 'a')
  assert.equal(parseFieldSelector('metadata.name!=a').exactValue('metadata.name'), undefined)
  assert.equal(parseFieldSelector('spec.x=a').unknownField(readers), 'spec.x')
})

test('values are escaped', () => {
  const value = 'a=b,c\\d'
  const text = `metadata.name=${escapeFieldValue(value)}`
  assert.equal(text, 'metadata.name=a\\=b\\,c\\\\d')
  const selector = parseFieldSelector(text)
  assert.equal(selector.exactValue('metadata.name'), value)
  assert.equal(`${selector}`, text)
  assert.ok(FieldSelector.everything.isEverything)
})

test('errors', () => {
  const cases: Readonly<Record<string, string>> = {
    abc: "invalid selector: 'abc'; can't understand 'abc'",
    'a=b=c': 'invalid field selector: unescaped character in value: 61',
    'a=\\x': 'invalid field selector: invalid escape sequence: \\x',
    'a=b\\': 'invalid field selector: invalid escape sequence: \\',
  }
  for (const [text, message] of Object.entries(cases)) {
    assert.throws(() => parseFieldSelector(text), { message }, text)
  }
})

test('a field is read once, however many terms name it', () => {
  let reads = 0
  const readName = (pod: { name: string }) => {
    reads++
    return pod.name
  }
  const terms = Array.from({ length: 2000 }, (_, at) => `name!=v${at}`)
  const isWanted = parseFieldSelector(terms.join(',')).compile({ name: readName })
  assert.deepEqual([isWanted({ name: 'w' }), isWanted({ name: 'v1999' }), reads], [true, false, 2])
  const test2 = (text: string, name: string) =>
    parseFieldSelector(text).compile({ name: readName })({ name })
  assert.deepEqual(
    [test2('name=a,name=b', 'a'), test2('name=a,name=a', 'a'), test2('name=a,name!=a', 'a')],
    [false, true, false],
  )
  assert.deepEqual(
    [test2('name=', ''), test2('name!=', ''), test2('name=,name=a', '')],
    [true, false, false],
  )
})

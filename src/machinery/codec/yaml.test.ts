import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeYaml } from './yaml.ts'
import { writeYaml } from './yaml-writer.ts'

const read = (text: string) => decodeYaml(text).value

test('scalars as in YAML 1.1, without times', () => {
  const cases: Readonly<Record<string, unknown>> = {
    yes: true,
    Off: false,
    n: false,
    '~': null,
    '0644': 420,
    '0o17': 15,
    '0x1F': 31,
    '0b11': 3,
    '08': 8,
    '1_000': 1000,
    '1e3': 1000,
    '.5': 0.5,
    '+1': 1,
    '22:30': '22:30',
    '2024-01-01': '2024-01-01',
    '2024-01-01T00:00:00Z': '2024-01-01T00:00:00Z',
    '9223372036854775807': 9223372036854775807n,
    '1.2.3': '1.2.3',
    '100m': '100m',
    '"yes"': 'yes',
    "'5'": '5',
    '!!str 5': '5',
    '': null,
  }
  for (const [text, value] of Object.entries(cases)) {
    assert.deepEqual(read(`a: ${text}`), { a: value }, text)
  }
})

test('a manifest', () => {
  const text = [
    'apiVersion: v1',
    'kind: ConfigMap # comment',
    'metadata: {name: a}',
    'data:',
    '  1: one',
    '  true: x',
    '  text: |',
    '    a',
    '    b',
    '---',
    'second: document',
  ].join('\n')
  assert.deepEqual(read(text), {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a' },
    data: { '1': 'one', true: 'x', text: 'a\nb\n' },
  })
  assert.equal(JSON.stringify(read('__proto__: {a: 1}')), '{"__proto__":{"a":1}}')
})

test('anchors and merges', () => {
  assert.deepEqual(read('a: &x {p: 1, q: 2}\nb:\n  <<: *x\n  q: 3\nc: *x'), {
    a: { p: 1, q: 2 },
    b: { p: 1, q: 3 },
    c: { p: 1, q: 2 },
  })
  // An alias means what its anchor meant there, wherever it is reached from.
  assert.deepEqual(read('a: &x 1\nb: &y [*x]\nc: &x 2\nd: [*y, *x]'), {
    ...{ a: 1, b: [1] },
    ...{ c: 2, d: [[1], 2] },
  })
  assert.deepEqual(read('a: &x {k: &z 1}\nb: &z 2\nc: *x\nd: *z'), {
    ...{ a: { k: 1 }, b: 2 },
    ...{ c: { k: 1 }, d: 2 },
  })
  assert.throws(() => read('a: *x\nb: &x 1'), { message: "yaml: unknown anchor 'x' referenced" })
  assert.throws(() => read('a: &x [*x]'), { name: 'CodecError' })
  assert.throws(() => read('a: &x {b: *x}'), { message: "yaml: anchor 'x' value contains itself" })
})

test('only the first document is read', () => {
  assert.deepEqual(read('a: 1\n---\n[}'), { a: 1 })
  assert.deepEqual(read('---\na: 1\n...\n%wrong\n---\n"'), { a: 1 })
  assert.equal(read('---\n---\na: 1'), null)
})

test('duplicates are named with their line, when asked for', () => {
  const text = 'a: 1\nb:\n  c: 1\n  c: 2\na: 2'
  assert.deepEqual(decodeYaml(text, { findDuplicates: true }), {
    value: { a: 2, b: { c: 2 } },
    problems: [
      'yaml: unmarshal errors:\n' +
        '  line 4: key "c" already set in map\n  line 5: key "a" already set in map',
    ],
  })
  assert.deepEqual(decodeYaml(text).problems, [])
})

test('bombs are refused', () => {
  const levels = Array.from(
    { length: 9 },
    (_, n) => `l${n + 1}: &l${n + 1} [${`*l${n}, `.repeat(9)}]`,
  )
  const bomb = ['l0: &l0 [a, a, a, a, a, a, a, a, a]', ...levels].join('\n')
  assert.throws(() => read(bomb), { message: 'yaml: document contains excessive aliasing' })
  const deep = [
    '['.repeat(1_000_000),
    '- '.repeat(1_000_000),
    '? '.repeat(100_000),
    `${'['.repeat(1500)}${']'.repeat(1500)}`,
    Array.from({ length: 1500 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n'),
  ]
  for (const text of deep) {
    assert.throws(() => read(text), { message: 'exceeded max depth of 1000' }, text.slice(0, 10))
  }
  const strings = { a: '['.repeat(2000), b: `x\n${' '.repeat(2000)}- y\n` }
  assert.deepEqual(read(writeYaml(strings)), strings)
})

test('what is not YAML, or cannot be JSON', () => {
  assert.throws(() => read('a: [1'), { message: /^yaml: line 1: / })
  assert.throws(() => read('a: .inf'), { message: 'json: unsupported value: +Inf' })
  assert.throws(() => read('~: a'), { message: 'unsupported map key of type: null' })
})

test('what was written is read again', () => {
  const value = {
    metadata: { name: 'a', creationTimestamp: '2024-01-01T00:00:00Z', labels: {} },
    b: ['yes', 'x: y', '0644', 'plain'],
    a: [{ x: 'multi\nline\n', y: true }],
    long: 'word '.repeat(40).trim(),
    n: 9223372036854775807n,
  }
  assert.deepEqual(read(writeYaml(value)), value)
})

test('escapes of what is no character are refused with the line that upstream names', () => {
  const what = 'found invalid Unicode character escape code'
  for (const [text, where] of [
    [String.raw`a: "\ud800"`, ''],
    [String.raw`{"a": {"\udfff": 1}}`, ''],
    [String.raw`a: "\ud83d\ude00"`, ''],
    [String.raw`a: "\U00110000"`, ''],
    ['a: "x\n  y\\ud800"', 'line 2: '],
    ['\n\na: "\\ud800"', 'line 3: '],
  ] as const) {
    assert.throws(() => decodeYaml(text), { message: `yaml: ${where}${what}` }, text)
  }
  const others = String.raw`{a: '\ud800', b: \ud800, c: "\\ud800", d: "\u0041\U0001F600"}`
  assert.deepEqual(decodeYaml(others).value, {
    ...{ a: String.raw`\ud800`, b: String.raw`\ud800`, c: String.raw`\ud800` },
    d: 'A\u{1f600}',
  })
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { writeYaml } from './yaml-writer.ts'

test('keys stand in order, letters last and numbers by value; lists are not indented', () => {
  const object = { spec: { a10: 1, a2: [{ b: 1, a: [] }, [1]], '-x': {}, Z: null }, kind: 'Pod' }
  assert.equal(
    writeYaml(object),
    'kind: Pod\nspec:\n  -x: {}\n  Z: null\n  a2:\n  - a: []\n    b: 1\n  - - 1\n  a10: 1\n',
  )
})

test('a text is quoted where it would be read as something else', () => {
  const cases = {
    yes: '"yes"',
    '123': '"123"',
    '1_000': '"1_000"',
    '12:30:45': '"12:30:45"',
    '2021-01-02T03:04:05Z': '"2021-01-02T03:04:05Z"',
    '': '""',
    'tab\t': '"tab\\t"',
    '😀': '"\\U0001F600"',
    'x: y': "'x: y'",
    "- it's": "'- it''s'",
    ' lead': "' lead'",
    "it's": "it's",
    é: 'é',
    '<<': '<<',
  }
  for (const [text, written] of Object.entries(cases)) {
    assert.equal(writeYaml({ text }), `text: ${written}\n`)
  }
})

test('lines are written as they are where they can be kept', () => {
  const cases = {
    'one\ntwo\n': '|\n  one\n  two',
    'one\ntwo': '|-\n  one\n  two',
    'one\n\n': '|+\n  one\n',
    ' x\ny\n': '|2\n   x\n  y',
    'one \ntwo': '"one \\ntwo"',
    'a\r\nb': '"a\\r\\nb"',
  }
  for (const [text, written] of Object.entries(cases)) {
    assert.equal(writeYaml({ text }), `text: ${written}\n`)
  }
})

test('a long text is broken at the first space behind column 80', () => {
  const words = (count: number) => 'word '.repeat(count).trim()
  assert.equal(
    writeYaml({ spec: { words: words(32) } }),
    `spec:\n  words: ${words(15)}\n    ${words(16)}\n    word\n`,
  )
})

test('numbers', () => {
  const cases: [unknown, string][] = [
    [2n ** 60n, '1152921504606846976'],
    [1234567.5, '1.2345675e+06'],
    [0.00001, '1e-05'],
    [0.5, '0.5'],
  ]
  for (const [value, written] of cases) assert.equal(writeYaml({ value }), `value: ${written}\n`)
})

test('a key that is too long has a line of its own', () => {
  const key = 'k'.repeat(129)
  assert.equal(writeYaml({ [key]: 1 }), `? ${key}\n: 1\n`)
})

test('a value may stand alone', () => {
  assert.equal(writeYaml({}), '{}\n')
  assert.equal(writeYaml([]), '[]\n')
  assert.equal(writeYaml(null), 'null\n')
  assert.equal(writeYaml([1, 'a']), '- 1\n- a\n')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CelError } from '../values/cel-error.ts'
import { STRING_FUNCTIONS } from './strings.ts'

const callOf = (id: string) =>
  STRING_FUNCTIONS.flatMap(({ overloads }) => overloads).find((overload) => overload.id === id)
    ?.call
const trim = callOf('string_trim')
const replace = callOf('string_replace_string_string_int')

test('white space at the edges is what Go takes for it', () => {
  assert.ok(trim !== undefined)
  const spaces = '\t\n\v\f\r \u0085\u00a0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000'
  assert.equal(trim(`${spaces}a b${spaces}`), 'a b')
  assert.equal(trim(spaces), '')
  assert.equal(trim(''), '')
  for (const other of ['\ufeff', '\u200b', '\u180e', '\u001c']) {
    assert.equal(trim(`${other}a${other}`), `${other}a${other}`)
  }
})

test('a million spaces inside of a text are no work', () => {
  assert.ok(trim !== undefined)
  const text = `a${' '.repeat(1_000_000)}b`
  const start = process.hrtime.bigint()
  assert.equal(trim(text), text)
  assert.ok(Number(process.hrtime.bigint() - start) / 1e6 < 200)
})

test('a text grows by replacements as far as the runtime has texts', () => {
  assert.ok(replace !== undefined)
  const text = 'a'.repeat(100_000)
  for (const old of ['a', '']) {
    assert.ok(replace(text, old, text, -1) instanceof CelError)
    assert.equal(String(replace(text, old, text, 2)).length, old === '' ? 300_000 : 299_998)
  }
  assert.equal(replace(text, 'b', text, -1), text)
  assert.equal(replace('abab', 'b', 'é', 1), 'aéab')
  assert.equal(replace('ab', '', '-', -1), '-a-b-')
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { STRING_FUNCTIONS } from './strings.ts'

const trim = STRING_FUNCTIONS.find(({ name }) => name === 'trim')?.overloads[0]?.call

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

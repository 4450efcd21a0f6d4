import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseGoFloat, parseGoInt, parseGoUint } from './parse-number.ts'

test('doubles in each form that Go reads', () => {
  const numbers = { '1': 1, '1.': 1, '.5': 0.5, '1.5e3': 1500, '-2E-1': -0.2, '0x1.8p1': 3 }
  for (const [text, value] of Object.entries(numbers)) assert.equal(parseGoFloat(text), value, text)
  assert.equal(parseGoFloat('0x.8p0'), 0.5)
  assert.equal(parseGoFloat('0x2.p0'), 2)
  assert.equal(parseGoFloat('-inf'), Number.NEGATIVE_INFINITY)
  assert.ok(Number.isNaN(parseGoFloat('NaN')))
  for (const text of ['', '.', '1e', 'e1', '0x1', '0x.p1', '1..2', '1 ', '1e999']) {
    assert.equal(parseGoFloat(text), undefined, text)
  }
})

test('ints and uints up to their bounds, whatever zeros they begin with', () => {
  assert.equal(parseGoInt('+7'), 7)
  assert.equal(parseGoInt('-0'), 0)
  assert.ok(Object.is(parseGoInt('-0'), 0))
  assert.equal(parseGoInt('9223372036854775807'), 2n ** 63n - 1n)
  assert.equal(parseGoInt('-9223372036854775808'), -(2n ** 63n))
  assert.equal(parseGoInt('9223372036854775808'), undefined)
  assert.equal(parseGoInt('-9223372036854775809'), undefined)
  assert.equal(parseGoInt(`-${'0'.repeat(1000)}12`), -12)
  for (const text of ['', '+', '-', '--1', '1_0', ' 1']) assert.equal(parseGoInt(text), undefined)
  assert.equal(parseGoUint('18446744073709551615'), 2n ** 64n - 1n)
  assert.equal(parseGoUint('18446744073709551616'), undefined)
  assert.equal(parseGoUint('000'), 0n)
  for (const text of ['', '+1', '-1']) assert.equal(parseGoUint(text), undefined)
})

test('texts of a million digits take no time to speak of', () => {
  const digits = '9'.repeat(1_000_000)
  const hostile = [digits, `${digits}e`, `0x${digits}`, `0x${digits}p`, `.${digits}e`, `-${digits}`]
  for (const text of hostile) {
    const start = process.hrtime.bigint()
    parseGoFloat(text)
    assert.equal(parseGoInt(text), undefined)
    assert.equal(parseGoUint(text), undefined)
    const milliseconds = Number(process.hrtime.bigint() - start) / 1e6
    assert.ok(milliseconds < 200, `${text.slice(0, 3)}...${text.slice(-2)}: ${milliseconds} ms`)
  }
})

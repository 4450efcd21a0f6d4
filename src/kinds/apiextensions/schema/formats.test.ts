import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasFormat, knownFormat } from './formats.ts'

test('a format is known for some types', () => {
  assert.equal(knownFormat('string', 'date-time'), 'date-time')
  assert.equal(knownFormat('string', 'int32'), undefined)
  assert.equal(knownFormat('integer', 'int32'), 'int32')
  assert.equal(knownFormat('number', 'double'), 'double')
  assert.equal(knownFormat('object', 'date'), undefined)
  assert.equal(knownFormat('string', 'sailor'), undefined)
})

const CASES: Readonly<Record<string, readonly [good: readonly string[], bad: readonly string[]]>> =
  {
    'date-time': [
      ['2020-02-29T01:02:03Z', '2020-01-01T00:00:00.5+02:00'],
      ['2020-01-01', 'x'],
    ],
    date: [['2020-02-29'], ['2021-02-29', '20200101']],
    duration: [
      ['1h', '1h30m', '90s', '3 days'],
      ['', 'x', '1 fortnight'],
    ],
    ipv4: [['10.0.0.1'], ['::1', '10.0.0', '256.0.0.1']],
    ipv6: [
      ['::1', 'fe80::1'],
      ['10.0.0.1', ':::'],
    ],
    cidr: [
      ['10.0.0.0/8', 'fd00::/64'],
      ['10.0.0.0', '10.0.0.0/33'],
    ],
    uuid: [['123e4567-e89b-12d3-a456-426614174000'], ['123e4567']],
    email: [['a@example.com'], ['a', '@example.com']],
    hostname: [['a.example.com'], ['-a', '']],
    byte: [['YWJj'], ['YWJ', '!', '']],
    mac: [['01:23:45:67:89:ab'], ['01:23']],
    'k8s-short-name': [['web-1'], ['Web', 'a.b', '-a']],
    'k8s-long-name': [['web.example'], ['Web', '.a']],
    password: [['anything'], []],
  }

test('texts have a format or have it not', () => {
  for (const [format, [good, bad]] of Object.entries(CASES)) {
    for (const text of good) assert.ok(hasFormat(format, text), `${format} ${text}`)
    for (const text of bad) assert.ok(!hasFormat(format, text), `${format} ${text}`)
  }
})

const HOSTILE = [
  ...[' ', '\t', '1', '0', '.', '-', ':', '/', '%', '?', 'a', 'A', '=', '(', '\\', '"', '<', 't'],
  ...['a@', 'a.', 'a-', '1.', '1:', '1 ', '1a', '00:', '0000.', '::', 'a <', '"a" ', '(a) ', '\\a'],
  ...['[1', 'rgb(', '%41', '//', 'a,', '=?', '1-', '1h', '1s ', '@[', 'é', '\u{1f600}'],
]
const HEADS = ['', 'a', '"', 'a@', 'a@[', 'a <', 'a:', '(', 'http://', 'rgb(', '1', '2020-01-01T']

test('each format says what it has to say of a megabyte at once', () => {
  const names = [...Object.keys(CASES), 'uri', 'rgb-color', 'bsonobjectid', 'isbn', 'creditcard']
  names.push('ssn', 'hexcolor', 'uuid3', 'uuid4', 'uuid5', 'isbn10', 'isbn13')
  for (const unit of HOSTILE) {
    const body = unit.repeat(1_000_000 / Buffer.byteLength(unit))
    for (const head of HEADS) {
      for (const text of [head + body, `${head}${body}!`]) {
        for (const name of names) {
          const start = process.hrtime.bigint()
          hasFormat(name, text)
          const milliseconds = Number(process.hrtime.bigint() - start) / 1e6
          assert.ok(milliseconds < 200, `${name} of ${text.slice(0, 10)}: ${milliseconds} ms`)
        }
      }
    }
  }
})

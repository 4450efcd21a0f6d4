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
      ['1h', '1h30m', '90s', '3 days', '9 9 x 1 DAY', `${'0'.repeat(30)}1 wk`, 'x1w', '1\n\th'],
      ['', 'x', '1 fortnight', '1\u00a0day', '9223372036854775808 x 1 day', '1', '12 3'],
    ],
    ipv4: [['10.0.0.1'], ['::1', '10.0.0', '256.0.0.1']],
    ipv6: [
      ['::1', 'fe80::1'],
      ['10.0.0.1', ':::'],
    ],
    cidr: [
      ['10.0.0.0/8', 'fd00::/64', '010.0.0.0/08', '::10.0.0.0081/24'],
      ['10.0.0.0', '10.0.0.0/33', '::/0/08', '10.0.0.0/24/'],
    ],
    uuid: [['123e4567-e89b-12d3-a456-426614174000'], ['123e4567']],
    email: [
      [
        ...[
          'a@example.com',
          ' a@b',
          '"a b"@c',
          '"\\""@c',
          'a@[10.0.0.1]',
          'a@[::1]',
          'a@ b',
          'é@ü',
        ],
        ...['Ann <a@b>', '"Ann" B <a@b>', 'A.B. <a@b>', '<a@b>', 'a@b (Ann)', 'a@b (a(b)c) (d)'],
        ...['crew: a@b;', 'crew: Ann <a@b>; (all)', '=?utf-8?q?Ann?= <a@b>', 'a =?x?q?b?= <a@b>'],
        ...['=?x?q?b=?= <a@b>', '=?x?b?a?= <a@b>'],
      ],
      [
        ...['a', '@example.com', '', ' ', '.a@b', 'a.@b', 'a..b@c', 'a@b.', 'a@b c', 'a@b, c@d'],
        ...[
          '""@c',
          '"a@c',
          '"\\',
          'a@[10.0.0]',
          'a@[010.0.0.1]',
          'a@[',
          'a@b\n',
          '\u00a0 <',
          'Ann <a>',
        ],
        ...[
          'Ann <a@b',
          'Ann <a@b >',
          'crew:;',
          'crew: a@b, c@d;',
          'crew: a: b@c;;',
          'a@b (',
          'Ann a@b',
        ],
        ...['=?x?q?b?= <a@b>', 'a@b (=?x?b?YQ==?=)', '(a) a@b', 'a\u007f@b'],
      ],
    ],
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
const HEADS = ['a', '"', 'a@', 'a <', 'a:', '(', 'http://', '1', '2020-01-01T']
const SHAPED = ['email', 'uri', 'duration', 'date-time', 'mac', 'ipv6', 'cidr']

/** By processor time, the best of three: others work on this machine too. */
function isQuick(name: string, text: string): void {
  let best = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 3 && best >= 200; tries++) {
    const start = process.cpuUsage()
    hasFormat(name, text)
    const { user, system } = process.cpuUsage(start)
    best = Math.min(best, (user + system) / 1000)
  }
  assert.ok(best < 200, `${name} of ${text.slice(0, 10)}: ${best} ms`)
}

test('each format says what it has to say of a megabyte at once', () => {
  const names = [...Object.keys(CASES), 'uri', 'rgb-color', 'bsonobjectid', 'isbn', 'creditcard']
  names.push('ssn', 'hexcolor', 'uuid3', 'uuid4', 'uuid5', 'isbn10', 'isbn13')
  for (const unit of HOSTILE) {
    const text = `${unit.repeat(1_000_000 / Buffer.byteLength(unit))}!`
    for (const name of names) isQuick(name, text)
    for (const head of HEADS) {
      for (const name of SHAPED) isQuick(name, `${head}${text.slice(0, 30_000)}`)
    }
  }
})

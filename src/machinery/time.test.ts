import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalMicroTime, canonicalTime, parseTime } from './time.ts'

test('times become UTC and whole seconds', () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59Z'],
    ['2024-01-01T00:00:00.999Z', '2024-01-01T00:00:00Z'],
    ['2024-01-01T01:30:00+02:00', '2023-12-31T23:30:00Z'],
    ['2024-01-01T01:30:00-05:30', '2024-01-01T07:00:00Z'],
    ['0001-01-01T00:00:00Z', undefined],
  ]
  for (const [text, canonical] of cases) assert.equal(canonicalTime(text), canonical, text)
  assert.equal(parseTime('1970-01-01T00:00:01.5Z'), 1500)
})

test('micro times keep six digits', () => {
  assert.equal(
    canonicalMicroTime('2024-01-01T01:00:00.123456+01:00'),
    '2024-01-01T00:00:00.123456Z',
  )
  assert.throws(() => canonicalMicroTime('2024-01-01T01:00:00Z'), {
    message:
      'parsing time "2024-01-01T01:00:00Z" as "2006-01-02T15:04:05.000000Z07:00": ' +
      'cannot parse "Z" as ".000000"',
  })
})

test('errors read as those of Go', () => {
  const wrong = (text: string, rest: string, element: string) =>
    `parsing time "${text}" as "2006-01-02T15:04:05Z07:00": cannot parse "${rest}" as "${element}"`
  const cases: Readonly<Record<string, string>> = {
    yesterday: wrong('yesterday', 'yesterday', '2006'),
    '2024-1-01T00:00:00Z': wrong('2024-1-01T00:00:00Z', '1-01T00:00:00Z', '01'),
    '2024-01-01T00:00:00': wrong('2024-01-01T00:00:00', '', 'Z07:00'),
    '2024-01-01T00:00:00Zx': 'parsing time "2024-01-01T00:00:00Zx": extra text: "x"',
    '2023-02-29T00:00:00Z': 'parsing time "2023-02-29T00:00:00Z": day out of range',
    '2024-13-01T00:00:00Z': 'parsing time "2024-13-01T00:00:00Z": month out of range',
    '2024-01-01T24:00:00Z': 'parsing time "2024-01-01T24:00:00Z": hour out of range',
  }
  for (const [text, message] of Object.entries(cases)) {
    assert.throws(() => canonicalTime(text), { message }, text)
  }
})

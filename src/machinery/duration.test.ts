import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDuration, formatHumanDuration, parseDuration } from './duration.ts'

test('durations in the form of Go', () => {
  const cases: Readonly<Record<string, number>> = {
    '0s': 0,
    '1.5s': 1500,
    '2m0s': 120_000,
    '72h0m0s': 259_200_000,
    '250ms': 250,
    '1h2m3s': 3_723_000,
    '-1m0s': -60_000,
    '1.5µs': 0.0015,
  }
  for (const [text, ms] of Object.entries(cases)) {
    assert.equal(parseDuration(text), ms, text)
    assert.equal(formatDuration(ms), text)
  }
  assert.equal(parseDuration('0'), 0)
  assert.equal(parseDuration('.5h'), 1_800_000)
})

test('what is no duration', () => {
  assert.throws(() => parseDuration(''), { message: 'time: invalid duration ""' })
  assert.throws(() => parseDuration('5'), { message: 'time: missing unit in duration "5"' })
  assert.throws(() => parseDuration('5d'), { message: 'time: unknown unit "d" in duration "5d"' })
  assert.throws(() => parseDuration('.s'), { message: 'time: invalid duration ".s"' })
})

test('ages as kubectl shows them', () => {
  const [second, minute, hour, day] = [1000, 60_000, 3_600_000, 86_400_000]
  const cases: readonly (readonly [number, string])[] = [
    [-2 * second, '<invalid>'],
    [-2 * second + 1, '0s'],
    [second - 1, '0s'],
    [2 * minute - 1, '119s'],
    [2 * minute, '2m'],
    [190 * second, '3m10s'],
    [10 * minute + second, '10m'],
    [3 * hour - 1, '179m'],
    [3 * hour + minute, '3h1m'],
    [8 * hour - 1, '7h59m'],
    [8 * hour + 59 * minute, '8h'],
    [2 * day, '2d'],
    [2 * day + hour, '2d1h'],
    [8 * day - 1, '7d23h'],
    [8 * day + 23 * hour, '8d'],
    [2 * 365 * day - 1, '729d'],
    [2 * 365 * day + 24 * hour, '2y1d'],
    [8 * 365 * day - 1, '7y364d'],
    [9 * 365 * day, '9y'],
  ]
  for (const [ms, text] of cases) assert.equal(formatHumanDuration(ms), text, `${ms}`)
})

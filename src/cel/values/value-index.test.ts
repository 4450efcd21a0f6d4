import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bytes } from './bytes.ts'
import { Double } from './double.ts'
import { Duration } from './duration.ts'
import { areEqual } from './equality.ts'
import { ArrayList } from './list.ts'
import { Timestamp } from './timestamp.ts'
import { Uint } from './uint.ts'
import type { CelValue } from './value.ts'
import { ValueIndex } from './value-index.ts'

const WHOLE = [0, 1, -1, 2 ** 53 - 1]
const LARGE = [2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n)]
const NUMBERS = [0.5, -0, Number.NaN, Number.POSITIVE_INFINITY, ...WHOLE, ...LARGE.map(Number)]
const VALUES: readonly CelValue[] = [
  ...[null, true, false, '', '0', '1', 'true', 'moment 1 2', 'AAE='],
  ...WHOLE,
  ...LARGE.filter((value) => value < 2n ** 63n),
  ...LARGE.filter((value) => value > 0n).map((value) => new Uint(value)),
  ...[new Uint(0n), new Uint(1n), ...NUMBERS.map((value) => new Double(value))],
  ...[new Timestamp(1, 2), new Timestamp(1, 2, 3600), new Timestamp(1, 3)],
  ...[
    new Duration(1n),
    new Duration(2n),
    new Bytes(Buffer.from([0, 1])),
    new Bytes(Buffer.from([])),
  ],
  ...[new ArrayList([]), new ArrayList([1]), new ArrayList([new Double(1)]), new ArrayList(['1'])],
]

test('what is found among others is what is equal to one of them', () => {
  for (const known of VALUES) {
    const index = new ValueIndex()
    index.add('something else')
    index.add(known)
    for (const value of VALUES) {
      const expected = areEqual(value, known) === true
      assert.equal(index.has(value), expected, `${String(value)} ${String(known)}`)
    }
  }
})

test('a hundred thousand scalars are told apart at once', () => {
  const start = process.hrtime.bigint()
  const index = new ValueIndex()
  for (let value = 0; value < 100_000; value++) {
    for (const one of [value, `${value}`, new Double(value + 0.5), new Duration(BigInt(value))]) {
      assert.equal(index.has(one), false)
      index.add(one)
    }
  }
  assert.ok(Number(process.hrtime.bigint() - start) / 1e6 < 2000)
})

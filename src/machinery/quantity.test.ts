import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { canonicalQuantity, parseQuantity, Quantity, quantityOf } from './quantity.ts'

test('canonical forms', () => {
  const cases: Readonly<Record<string, string>> = {
    '0': '0',
    '0Mi': '0',
    '.': '0',
    '+': '0',
    '1000': '1k',
    '1000M': '1G',
    '1024Mi': '1Gi',
    '1536Mi': '1536Mi',
    '1023Ki': '1023Ki',
    '0.5': '500m',
    '1.5': '1500m',
    '1500m': '1500m',
    '1000m': '1',
    '100m': '100m',
    '0.1Ki': '102400m',
    '100.035Ki': '102435840m',
    '0.5Mi': '512Ki',
    '.001Ki': '1024m',
    '.000001Ki': '1024u',
    '.000000001Ki': '1024n',
    '.000000000001Ki': '2n',
    '1.G': '1.G',
    '3.001n': '4n',
    '-3.001n': '-4n',
    '0.9n': '1n',
    '9Ei': '9223372036854775807',
    '-9Ei': '-9223372036854775807',
    '12E': '12E',
    '1e3': '1e3',
    '1E3': '1E3',
    '1.3E+6': '1300e3',
    '12e4': '120e3',
    '1.500': '1.500',
    '007': '007',
    '+5': '+5',
    '1048576Ki': '1Gi',
    '123456789012345678901': '123456789012345678901',
    ' 5 ': '5',
  }
  for (const [text, canonical] of Object.entries(cases)) {
    assert.equal(canonicalQuantity(text), canonical, text)
  }
})

test('what is no quantity', () => {
  const format =
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
  for (const text of ['', '1.1.M', '1+1.0M', '0.1am', 'aoeu', '-1 k', '1 i', '1Gi1x']) {
    assert.throws(() => parseQuantity(text), { message: format }, text)
  }
  for (const text of ['1i', '.5i', '-3.01i', '1Zi', '0.1mi', '5e', '1e3000000000']) {
    const message = text === '1Zi' ? format : "unable to parse quantity's suffix"
    assert.throws(() => parseQuantity(text), { message }, text)
  }
})

test('arithmetic keeps the format, and takes the other one from zero', () => {
  const add = (a: string, b: string) => `${parseQuantity(a).add(parseQuantity(b))}`
  assert.equal(add('1Gi', '1Gi'), '2Gi')
  assert.equal(add('0', '512Mi'), '512Mi')
  assert.equal(add('500m', '1'), '1500m')
  assert.equal(add('1Gi', '1G'), '2073741824')
  assert.equal(`${parseQuantity('1').subtract(parseQuantity('1m'))}`, '999m')
  assert.equal(parseQuantity('10000T').compare(parseQuantity('100Gi')), 1)
  assert.equal(parseQuantity('1Ki').compare(parseQuantity('1024')), 0)
})

test('rounds away from zero', () => {
  assert.equal(parseQuantity('1500m').toNumber(), 2)
  assert.equal(parseQuantity('-1500m').toNumber(), -2)
  assert.equal(parseQuantity('1u').toMilli(), 1)
  assert.equal(parseQuantity('2Gi').toNumber(), 2 ** 31)
  assert.equal(`${parseQuantity('9.01').roundUp(-1)}`, '9100m')
  assert.equal(parseQuantity('1.1Ki').toFloat(), 1126.4)
})

test('a canonical form reads back as the same amount and stays as it is', () => {
  const formats = fc.constantFrom('DecimalSI', 'BinarySI', 'DecimalExponent' as const)
  fc.assert(
    fc.property(
      fc.bigInt(-(2n ** 60n), 2n ** 60n),
      fc.integer({ min: -9, max: 0 }),
      formats,
      (n, e, f) => {
        const quantity = new Quantity(n, e, f)
        const back = parseQuantity(`${quantity}`)
        assert.equal(back.compare(quantity), 0)
        assert.equal(`${new Quantity(back.unscaled, back.exponent, back.format)}`, `${quantity}`)
      },
    ),
  )
  assert.equal(`${quantityOf(250, 'DecimalSI', -3)}`, '250m')
})

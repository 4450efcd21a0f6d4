import assert from 'node:assert/strict'
import { test } from 'node:test'
import { percentOf, scaledValue } from './int-or-string.ts'

test('percentages are rounded as asked', () => {
  assert.equal(scaledValue(3, 10, 'up'), 3)
  assert.equal(scaledValue('25%', 10, 'up'), 3)
  assert.equal(scaledValue('25%', 10, 'down'), 2)
  assert.equal(scaledValue('0%', 10, 'up'), 0)
  assert.equal(scaledValue('100%', 7, 'down'), 7)
  assert.equal(percentOf('50%'), 50)
  assert.equal(percentOf('x%'), undefined)
  assert.equal(percentOf(50), undefined)
})

test('other strings are refused', () => {
  assert.throws(() => scaledValue('25', 10, 'up'), {
    message: 'invalid value for IntOrString: invalid type: string is not a percentage',
  })
  assert.throws(() => scaledValue('a%', 10, 'up'), {
    message:
      'invalid value for IntOrString: invalid value "a%": ' +
      'strconv.Atoi: parsing "a": invalid syntax',
  })
})

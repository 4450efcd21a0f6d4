import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rejectionOf } from './webhook-errors.ts'

test('a refusal has a code that is an error and can be sent', () => {
  for (const [given, told] of [
    [undefined, 400],
    [-1, 400],
    [0, 400],
    [200, 400],
    [418, 418],
    [999, 999],
    [1000, 500],
    [2 ** 31 - 1, 500],
  ] as const) {
    assert.equal(rejectionOf('hook', { code: given }).status.code, told, `${given}`)
  }
})

test('a refusal says whose it is and why', () => {
  const deniedBy = 'admission webhook "hook" denied the request'
  assert.equal(rejectionOf('hook').message, `${deniedBy} without explanation`)
  assert.equal(rejectionOf('hook', { reason: 'Forbidden' }).message, `${deniedBy}: Forbidden`)
  const both = { reason: 'Forbidden', message: 'not on Sundays' }
  assert.equal(rejectionOf('hook', both).message, `${deniedBy}: not on Sundays`)
})

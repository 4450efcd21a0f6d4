import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '../compile.ts'
import { declareSchema } from '../declare-schema.ts'
import { KUBERNETES_ENVIRONMENT } from '../kubernetes-environment.ts'

const type = declareSchema(
  {
    type: 'object',
    properties: {
      numbers: { type: 'array', items: { type: 'integer' } },
      texts: { type: 'array', items: { type: 'string' } },
      text: { type: 'string' },
    },
  },
  false,
  'Hold',
)
assert.ok(type !== undefined)
const environment = KUBERNETES_ENVIRONMENT.extend({ variables: { self: type } })

function evaluate(expression: string, self: object) {
  const { program } = compile(environment, expression)
  assert.ok(program !== undefined, expression)
  const start = process.hrtime.bigint()
  const evaluation = program.evaluate({ self })
  return { ...evaluation, milliseconds: Number(process.hrtime.bigint() - start) / 1e6 }
}

test('a call that the limit does not allow is not made', () => {
  const numbers = Array.from({ length: 200_000 }, (_, index) => index)
  const texts = Array.from({ length: 200_000 }, () => 'a'.repeat(100))
  const text = 'a'.repeat(3_000_000)
  const calls = [
    'self.numbers.distinct().size() > 0',
    'self.numbers.sort().size() > 0',
    'sets.contains(self.numbers, self.numbers)',
    'sets.equivalent(self.numbers, self.numbers)',
    'sets.intersects(self.numbers, self.numbers)',
    'self.texts.join(self.text).size() > 0',
    "self.text.matches('(a{0,300}){2}[bc]$')",
  ]
  for (const call of calls) {
    const { isCostExceeded, milliseconds } = evaluate(call, { numbers, texts, text })
    assert.equal(isCostExceeded, true, call)
    assert.ok(milliseconds < 500, `${call}: ${milliseconds} ms`)
  }
})

test('a pattern may take so many steps in an evaluation, counted repetitions expanded', () => {
  const text = 'a'.repeat(20_000)
  const none = evaluate("self.text.findAll('(a{0,300}){2}[bc]$').size() == 0", { text })
  assert.equal(none.value, true)
  assert.ok(none.milliseconds < 500, `${none.milliseconds} ms`)
  const numbers = Array.from({ length: 50 }, (_, index) => index)
  const often = [
    "self.numbers.all(n, self.text.find('(a{0,300}){2}[bc]$') == '')",
    "self.numbers.all(n, self.text.findAll('(a{0,300}){2}[bc]?').size() > 0)",
    "self.numbers.all(n, !self.text.matches('(a{0,300}){2}[bc]$'))",
  ]
  for (const expression of often) {
    const { isCostExceeded, cost } = evaluate(expression, { numbers, text })
    assert.equal(isCostExceeded, true, expression)
    assert.ok(cost < 1_000_000)
  }
})

test('patterns of the usual kind stop at the cost alone', () => {
  const texts = Array.from({ length: 1000 }, (_, index) => `${'ab-'.repeat(20)}${index}`)
  const patterns = ['^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$', '^.{1,253}$', '[a-z]+-[0-9]+']
  for (const pattern of patterns) {
    const { value } = evaluate(`self.texts.all(t, t.matches('${pattern}'))`, { texts })
    assert.equal(value, true, pattern)
    const { value: found } = evaluate(`self.texts.all(t, t.find('${pattern}') != '')`, { texts })
    assert.equal(found, true, pattern)
  }
})

test('what is charged before is what was charged after, also with an error among the arguments', () => {
  const self = { numbers: [3, 1, 3], texts: ['ab', 'c', 'é'], text: 'abc' }
  const costs: Readonly<Record<string, number>> = {
    "self.texts.join('--')": 4,
    'self.texts.join()': 3,
    'self.numbers.distinct()': 31,
    'self.numbers.slice(1, 3)': 15,
    'sets.contains(self.numbers, self.numbers)': 14,
  }
  for (const [call, cost] of Object.entries(costs)) assert.equal(evaluate(call, self).cost, cost)
  const { cost, error } = evaluate('[[1]].flatten(1 / self.numbers[9])', self)
  assert.ok(error !== undefined && Number.isFinite(cost))
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile, PER_CALL_COST_LIMIT, type Program } from './compile.ts'
import { KUBERNETES_ENVIRONMENT } from './kubernetes-environment.ts'
import { DYN, INT } from './types.ts'

const environment = KUBERNETES_ENVIRONMENT.extend({ variables: { object: DYN, count: INT } })

function programOf(expression: string): Program {
  const { program, errors } = compile(environment, expression)
  assert.ok(program !== undefined, errors)
  return program
}

test('an evaluation ends when it costs more than it may', () => {
  const program = programOf('[1, 2, 3, 4].all(a, [1, 2, 3, 4].all(b, a * b < 100))')
  const { cost, value } = program.evaluate({})
  assert.equal(value, true)
  assert.equal(program.evaluate({}, cost).value, true)
  const cut = program.evaluate({}, cost - 1)
  assert.equal(cut.isCostExceeded, true)
  assert.equal(cut.error?.message, 'operation cancelled: actual cost limit exceeded')
})

test('a hostile expression is bounded by its cost', () => {
  const program = programOf(
    'lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, a + b + c >= 0)))',
  )
  const { isCostExceeded, cost } = program.evaluate({})
  assert.equal(isCostExceeded, true)
  assert.ok(cost > PER_CALL_COST_LIMIT && cost < 2 * PER_CALL_COST_LIMIT)
  assert.equal(programOf("'a'.matches('(a+)+$')").evaluate({}).value, true)
  assert.equal(programOf('lists.range(9007199254740991).size()').evaluate({}).isCostExceeded, true)
})

test('what an expression refers to is told', () => {
  const { references } = programOf('object.spec.count == count && size([1]) > 0')
  assert.ok(references.has('object') && references.has('count') && references.has('size'))
  assert.ok(!references.has('spec'))
})

test('an int of JSON keeps its digits, whatever its size', () => {
  const program = programOf('object.big + 1 == 9007199254740994 && object.small == 5')
  assert.equal(program.evaluate({ object: { big: 9007199254740993n, small: 5 } }).value, true)
  const isDouble = programOf('type(object.x) == double')
  assert.equal(isDouble.evaluate({ object: { x: 1.5 } }).value, true)
  assert.equal(isDouble.evaluate({ object: { x: 1e300 } }).value, true)
})

test('keys that every JavaScript object has are ordinary keys', () => {
  const has = programOf("'constructor' in object || has(object.toString) || '__proto__' in object")
  assert.equal(has.evaluate({ object: {} }).value, false)
  const held = JSON.parse('{"__proto__": 1, "constructor": 2}')
  assert.equal(has.evaluate({ object: held }).value, true)
  const sum = programOf("object['__proto__'] + object.constructor == 3")
  assert.equal(sum.evaluate({ object: held }).value, true)
})

test('a variable that is not given is an error, not an exception', () => {
  assert.equal(programOf('count > 1').evaluate({}).error?.message, 'no such attribute(s): count')
  assert.equal(programOf('true || count > 1').evaluate({}).value, true)
})

test('a program can be evaluated from within itself', () => {
  const outer = programOf('[1, 2].map(x, x + count)')
  const first = outer.evaluate({ count: 1 })
  outer.evaluate({ count: 10 })
  assert.equal(JSON.stringify((first.value as { toJson(): unknown }).toJson()), '[2,3]')
})

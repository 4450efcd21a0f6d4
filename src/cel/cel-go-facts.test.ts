import assert from 'node:assert/strict'
import { test } from 'node:test'
import { quoteGo } from '../base/go-quote.ts'
import { FACTS, FACTS_OF_OBJECTS, type Fact, OLD_SELF, SCHEMA, SELF } from './cel-go-facts.data.ts'
import { formatCheckedType } from './check/format-checked-type.ts'
import { type Activation, compile } from './compile.ts'
import { declareSchema } from './declare-schema.ts'
import type { Environment } from './environment.ts'
import { KUBERNETES_ENVIRONMENT } from './kubernetes-environment.ts'
import { CelError } from './values/cel-error.ts'
import { Double } from './values/double.ts'
import { Duration } from './values/duration.ts'
import { formatPlainFloat } from './values/format-number.ts'
import { Optional } from './values/optional.ts'
import { Timestamp } from './values/timestamp.ts'
import { TypeValue } from './values/type-value.ts'
import { Uint } from './values/uint.ts'
import { CelList, CelMap, type Outcome } from './values/value.ts'

/** A value as cel-go prints it. */
function show(value: Outcome): string {
  if (value instanceof CelError) return value.message
  if (value === null) return 'null'
  if (typeof value === 'string') return quoteGo(value)
  if (typeof value !== 'object') return String(value)
  if (value instanceof Double) return showDouble(value.value)
  if (value instanceof Uint) return `${value.value}u`
  if (value instanceof Timestamp) {
    return `timestamp("${new Timestamp(value.seconds, value.nanoseconds)}")`
  }
  if (value instanceof Duration) return `duration("${value}")`
  if (value instanceof Optional) {
    return value.content === undefined ? 'optional.none()' : `optional.of(${show(value.content)})`
  }
  if (value instanceof TypeValue) return value.named.name
  if (value instanceof CelList) {
    const items = Array.from({ length: value.size }, (_, index) => show(value.at(index)))
    return `[${items.join(', ')}]`
  }
  if (value instanceof CelMap) {
    const entries = Array.from(value.keys(), (key) => {
      return `${show(key)}: ${show(value.find(key) ?? null)}`
    })
    return `{${entries.toSorted().join(', ')}}`
  }
  return String(value)
}

function showDouble(value: number): string {
  if (Number.isNaN(value)) return 'double("NaN")'
  if (!Number.isFinite(value)) return value < 0 ? 'double("-Infinity")' : 'double("Infinity")'
  const text = formatPlainFloat(value)
  return text.includes('.') ? text : `${text}.0`
}

/** What we make of an expression, in the form of a fact. */
function learn(environment: Environment, expr: string, variables: Activation): Fact {
  const result = compile(environment, expr)
  const { program } = result
  if (program === undefined) {
    return result.stage === 'compile'
      ? { expr, compile: result.errors }
      : { expr, program: result.errors }
  }
  const type = formatCheckedType(program.resultType)
  const { min, max } = program.estimateCost()
  const { value, error, cost } = program.evaluate(variables)
  const outcome = value === undefined ? { error: error?.message ?? '' } : { value: show(value) }
  return { expr, type, min, max, cost, ...outcome }
}

test('types, costs, results and messages are those of cel-go', () => {
  for (const fact of FACTS) {
    assert.deepEqual(learn(KUBERNETES_ENVIRONMENT, fact.expr, {}), fact)
  }
})

test('objects are read by their schema as upstream reads them', () => {
  const self = declareSchema(SCHEMA, true, 'selfType.self')
  const oldSelf = declareSchema(SCHEMA, true, 'selfType.oldSelf')
  assert.ok(self !== undefined && oldSelf !== undefined)
  const environment = KUBERNETES_ENVIRONMENT.extend({ variables: { self, oldSelf } })
  const variables = { self: SELF, oldSelf: OLD_SELF }
  for (const fact of FACTS_OF_OBJECTS) {
    assert.deepEqual(learn(environment, fact.expr, variables), fact)
  }
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { Correlation } from '../schema/correlation.ts'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { rootRuleNode } from './rule-node.ts'
import { validateDefinitionRules } from './validate-definition-rules.ts'
import { validateByRules } from './validate-rules.ts'

const RULES = 'x-kubernetes-validations'
const spec = FieldPath.root.child('spec')

function found(schema: object, value: unknown, old?: unknown) {
  const node = rootRuleNode(schema as JSONSchemaProps, false)
  assert.ok(node !== undefined)
  const correlation =
    old === undefined ? undefined : new Correlation(value, old, schema as JSONSchemaProps)
  return validateByRules(node, value, old, correlation, spec)
}
const errorsOf = (schema: object, value: unknown, old?: unknown) =>
  found(schema, value, old).errors.map(formatFieldError)
const problemsOf = (schema: object) =>
  [...validateDefinitionRules(schema as JSONSchemaProps, false, spec)].map(formatFieldError)

const crew = { type: 'integer' }

test('a rule that fails says so in its words, or is shown itself', () => {
  const rule = 'self.crew > 1'
  const boat = (extra: object) => ({
    type: 'object',
    properties: { crew },
    [RULES]: [{ rule, ...extra }],
  })
  assert.deepEqual(errorsOf(boat({}), { crew: 2 }), [])
  const shown = 'spec: Invalid value'
  assert.deepEqual(errorsOf(boat({}), { crew: 1 }), [`${shown}: failed rule: ${rule}`])
  assert.deepEqual(errorsOf(boat({ message: 'too few' }), { crew: 1 }), [`${shown}: too few`])
  const messageExpression = "'only ' + (self.crew == 1 ? 'one' : 'none')"
  assert.deepEqual(errorsOf(boat({ messageExpression }), { crew: 1 }), [`${shown}: only one`])
  const placed = { reason: 'FieldValueForbidden', fieldPath: '.crew', message: 'too few' }
  assert.deepEqual(errorsOf(boat(placed), { crew: 1 }), ['spec.crew: Forbidden: too few'])
})

test('rules of changes hold where there was something before', () => {
  const keel = { type: 'string', [RULES]: [{ rule: 'self == oldSelf', message: 'is laid once' }] }
  const schema = { type: 'object', properties: { keel } }
  assert.deepEqual(errorsOf(schema, { keel: 'elm' }), [])
  assert.deepEqual(errorsOf(schema, { keel: 'elm' }, {}), [])
  assert.deepEqual(errorsOf(schema, { keel: 'elm' }, { keel: 'oak' }), [
    'spec.keel: Invalid value: "elm": is laid once',
  ])
  const optional = {
    type: 'integer',
    [RULES]: [
      { rule: 'oldSelf.hasValue() ? self > oldSelf.value() : self == 1', optionalOldSelf: true },
    ],
  }
  const counted = { type: 'object', properties: { n: optional } }
  assert.deepEqual(errorsOf(counted, { n: 1 }), [])
  assert.equal(errorsOf(counted, { n: 2 }).length, 1)
  assert.deepEqual(errorsOf(counted, { n: 2 }, { n: 1 }), [])
})

test('what was wrong before and has not changed is only told', () => {
  const schema = {
    type: 'object',
    properties: { crew: { ...crew, [RULES]: [{ rule: 'self > 1' }] } },
  }
  const { errors, ratcheted } = found(schema, { crew: 1 }, { crew: 1 })
  assert.deepEqual(errors, [])
  assert.equal(ratcheted.length, 1)
})

test('only properties with rules have a node, whatever names a value comes with', () => {
  const mast = { type: 'string', [RULES]: [{ rule: 'self != ""' }] }
  const schema = { type: 'object', properties: { mast, crew }, [RULES]: [{ rule: 'true' }] }
  const node = rootRuleNode(schema as JSONSchemaProps, false)
  assert.ok(node?.property('mast') !== undefined)
  assert.equal(node.property('mast'), node.property('mast'))
  for (const name of ['crew', 'unknown', 'constructor', '__proto__', 'toString']) {
    assert.equal(node.property(name), undefined, name)
  }
})

test('names that a value comes with are not kept', () => {
  const mast = { type: 'string', [RULES]: [{ rule: 'self != ""' }] }
  const boat = { type: 'object', properties: { mast } }
  const node = rootRuleNode(boat as JSONSchemaProps, false)
  const kept = new Set<unknown>()
  const set = Map.prototype.set
  Map.prototype.set = function (key, value) {
    kept.add(key)
    return set.call(this, key, value)
  }
  try {
    for (const name of ['mast', 'client-1', 'client-2']) node?.property(name)
  } finally {
    Map.prototype.set = set
  }
  assert.ok(kept.has('mast'))
  assert.ok(!kept.has('client-1') && !kept.has('client-2'))
})

test('a definition with rules that make no sense is refused', () => {
  const of = (rule: string, extra: object = {}) =>
    problemsOf({ type: 'object', properties: { crew: { ...crew, [RULES]: [{ rule, ...extra }] } } })
  assert.deepEqual(of('self > 1'), [])
  assert.match(of('self +').join(), /compilation failed: ERROR: <input>:1:7: Syntax error/)
  assert.match(of('mast > 1').join(), /undeclared reference to 'mast'/)
  assert.match(of('self == "a"').join(), /no matching overload for '_==_'/)
  assert.match(of('self + 1').join(), /cel expression must evaluate to a bool/)
  assert.match(of('self > 1', { messageExpression: 'self' }).join(), /must evaluate to a string/)
  assert.match(of('self > 1', { optionalOldSelf: true }).join(), /may not be set if oldSelf is not/)
})

test('rules that could cost too much are refused, and bounds make them cheap', () => {
  const list = (bounds: object, length: object) => ({
    type: 'object',
    properties: {
      names: {
        type: 'array',
        ...bounds,
        items: { type: 'string', ...length },
        [RULES]: [{ rule: 'self.all(a, self.all(b, self.all(c, a == b || b == c)))' }],
      },
    },
  })
  assert.match(problemsOf(list({}, {})).join(), /estimated rule cost exceeds budget by factor of/)
  assert.deepEqual(problemsOf(list({ maxItems: 5 }, { maxLength: 10 })), [])
})

test('items that cannot be found again have no past', () => {
  const item = { type: 'string', [RULES]: [{ rule: 'self == oldSelf' }] }
  const schema = { type: 'object', properties: { names: { type: 'array', items: item } } }
  assert.match(problemsOf(schema).join(), /oldSelf cannot be used on the uncorrelatable portion/)
})

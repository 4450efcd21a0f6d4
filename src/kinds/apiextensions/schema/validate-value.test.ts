import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { Correlation } from './correlation.ts'
import { validateValue } from './validate-value.ts'
import { toFieldError } from './value-errors.ts'

/** As upstream's texts are, for the field `v` of an object. */
function errorsOf(schema: object, value: unknown, old?: unknown): readonly string[] {
  const root = { type: 'object', properties: { v: schema } } as JSONSchemaProps
  const object = { v: value }
  const correlation = old === undefined ? undefined : new Correlation(object, { v: old }, root)
  const { errors } = validateValue(root, { value: object, at: '', correlation })
  return errors.map((error) => formatFieldError(toFieldError(error, FieldPath.root)))
}

const invalid = (shown: string, what: string) => [`v: Invalid value: ${shown}: v in body ${what}`]

test('types', () => {
  assert.deepEqual(errorsOf({ type: 'string' }, 'a'), [])
  assert.deepEqual(
    errorsOf({ type: 'integer' }, 'a'),
    invalid('"string"', 'must be of type integer: "string"'),
  )
  assert.deepEqual(errorsOf({ type: 'integer' }, 1), [])
  assert.deepEqual(errorsOf({ type: 'number' }, 1), [])
  assert.deepEqual(
    errorsOf({ type: 'integer' }, true),
    invalid('"boolean"', 'must be of type integer: "boolean"'),
  )
  assert.deepEqual(
    errorsOf({ type: 'object' }, []),
    invalid('"array"', 'must be of type object: "array"'),
  )
  assert.deepEqual(
    errorsOf({ type: 'string' }, null),
    invalid('"null"', 'must be of type string: "null"'),
  )
  assert.deepEqual(errorsOf({ type: 'string', nullable: true }, null), [])
  const either = { 'x-kubernetes-int-or-string': true }
  assert.deepEqual([errorsOf(either, 1), errorsOf(either, '1')], [[], []])
  assert.deepEqual(
    errorsOf(either, true),
    invalid('"boolean"', 'must be of type integer,string: "boolean"'),
  )
})

test('texts', () => {
  const short = { type: 'string', maxLength: 2, minLength: 1 }
  assert.deepEqual(errorsOf(short, 'äö'), [])
  assert.deepEqual(errorsOf(short, 'abc'), ['v: Too long: may not be more than 2 bytes'])
  assert.deepEqual(errorsOf(short, ''), invalid('""', 'should be at least 1 chars long'))
  const pattern = { type: 'string', pattern: '^a+$' }
  assert.deepEqual(errorsOf(pattern, 'b'), invalid('"b"', "should match '^a+$'"))
  const date = { type: 'string', format: 'date-time' }
  assert.deepEqual(errorsOf(date, '2020-01-01T00:00:00Z'), [])
  assert.deepEqual(errorsOf(date, 'x'), invalid('"x"', 'must be of type date-time: "x"'))
  assert.deepEqual(errorsOf({ type: 'string', format: 'sailor' }, 'x'), [])
  assert.deepEqual(errorsOf({ type: 'string', enum: ['a', 'b'] }, 'c'), [
    'v: Unsupported value: "c": supported values: "a", "b"',
  ])
})

test('numbers', () => {
  const range = { type: 'integer', minimum: 1, maximum: 5 }
  assert.deepEqual(errorsOf(range, 0), invalid('0', 'should be greater than or equal to 1'))
  assert.deepEqual(errorsOf(range, 6), invalid('6', 'should be less than or equal to 5'))
  const open = { ...range, exclusiveMinimum: true, exclusiveMaximum: true }
  assert.deepEqual(errorsOf(open, 1), invalid('1', 'should be greater than 1'))
  assert.deepEqual(errorsOf(open, 5), invalid('5', 'should be less than 5'))
  const even = { type: 'integer', multipleOf: 2 }
  assert.deepEqual(errorsOf(even, 3), invalid('3', 'should be a multiple of 2'))
})

test('lists and objects', () => {
  const list = { type: 'array', minItems: 1, maxItems: 2, items: { type: 'string' } }
  assert.deepEqual(errorsOf(list, []), invalid('0', 'should have at least 1 items'))
  assert.deepEqual(errorsOf(list, ['a', 'b', 'c']), ['v: Too many: 3: must have at most 2 items'])
  assert.deepEqual(errorsOf(list, [1]), [
    'v[0]: Invalid value: "integer": v[0] in body must be of type string: "integer"',
  ])
  const object = { type: 'object', required: ['a'], properties: { a: { type: 'string' } } }
  assert.deepEqual(errorsOf(object, {}), ['v.a: Required value'])
  const map = { type: 'object', additionalProperties: { type: 'string' } }
  assert.deepEqual(errorsOf(map, { k: 1 }), [
    'v.k: Invalid value: "integer": v.k in body must be of type string: "integer"',
  ])
})

test('schemas together', () => {
  const long = { minLength: 3 }
  const withA = { pattern: 'a' }
  const text = { type: 'string' }
  assert.deepEqual(errorsOf({ ...text, anyOf: [long, withA] }, 'a'), [])
  assert.match(
    errorsOf({ ...text, anyOf: [long, withA] }, 'b').join('\n'),
    /must validate at least one schema \(anyOf\)/,
  )
  assert.match(
    errorsOf({ ...text, oneOf: [long, withA] }, 'aaa').join('\n'),
    /must validate one and only one schema \(oneOf\)/,
  )
  assert.match(
    errorsOf({ ...text, allOf: [long, withA] }, 'b').join('\n'),
    /must validate all the schemas \(allOf\)/,
  )
  assert.match(
    errorsOf({ ...text, not: withA }, 'a').join('\n'),
    /must not validate the schema \(not\)/,
  )
})

test('what was wrong and has not changed is let be', () => {
  const list = {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['k'],
    items: {
      type: 'object',
      properties: { k: { type: 'string' }, n: { type: 'integer', maximum: 5 } },
    },
  }
  const was = [
    { k: 'a', n: 9 },
    { k: 'b', n: 8 },
  ]
  const moved = [was[1], { k: 'c', n: 1 }, was[0]]
  assert.deepEqual(errorsOf(list, moved, was), [])
  assert.deepEqual(errorsOf(list, [{ k: 'a', n: 10 }], was), [
    'v[0].n: Invalid value: 10: v[0].n in body should be less than or equal to 5',
  ])
  assert.deepEqual(errorsOf({ type: 'string', maxLength: 1 }, 'abc', 'abc'), [])
})

test('the patterns of one object may take so many steps together, wherever they stand', () => {
  const pattern = '^([a-z]{1,300}[0-9]*)+$'
  const texts = (length: number) => Array.from({ length }, (_, n) => `${'a'.repeat(2000)}${n}`)
  const list = (items: object) => ({ type: 'array', items: { type: 'string', ...items } })
  assert.deepEqual(errorsOf(list({ pattern }), texts(100)), [])
  const tooLong = 'its texts take too long to match against the patterns of the schema'
  const refused = [`<nil>: Invalid value: "": ${tooLong}`]
  assert.deepEqual(errorsOf(list({ pattern }), texts(5000)), refused)
  // Nor does what could not be looked at pass as what does not match.
  assert.deepEqual(
    errorsOf(list({ not: { pattern: `${pattern}x` } }), texts(5000)).at(-1),
    refused[0],
  )
  assert.deepEqual(errorsOf(list({ pattern }), texts(5000), texts(5000)), refused)
  const dns = '^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*$'
  const names = Array.from({ length: 10_000 }, (_, n) => `some-pod-of-a-name-${n}`)
  assert.deepEqual(errorsOf(list({ pattern: dns }), names), [])
})

test('an error is said once, of any number', () => {
  const many = Array.from({ length: 5000 }, (_, n) => n)
  const schema = { type: 'array', items: { anyOf: [{ type: 'string' }], type: 'string' } }
  const errors = errorsOf(schema, many)
  assert.equal(new Set(errors).size, errors.length)
  assert.equal(errors.length, 10_000)
})

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeValue } from '../../../machinery/decode.ts'
import { JSONSchemaProps } from './json-schema-props.ts'
import { someSchema } from './schema-walk.ts'

const read = (schema: object) => decodeValue(JSONSchemaProps.node, schema)
const text = { type: 'string' }

test('schemas within schemas are read as such, and what is unknown in them goes unsaid', () => {
  const loose = { ...text, bogus: 1, description: null, nullable: false, enum: [] }
  const given = {
    items: { type: 'array', items: loose },
    additionalProperties: { type: 'object', properties: { a: loose } },
    additionalItems: true,
    dependencies: { a: ['b'], c: loose },
  }
  assert.deepEqual(read(given), {
    value: {
      items: { type: 'array', items: text },
      additionalProperties: { type: 'object', properties: { a: text } },
      additionalItems: true,
      dependencies: { a: ['b'], c: text },
    },
    problems: [],
  })
  assert.deepEqual(read({ items: [loose, text] }).value, { items: [text, text] })
  const clean = { items: { ...text, minLength: 0 }, additionalProperties: false }
  assert.deepEqual(read(clean).value, clean)
})

test('what is no schema is refused, wherever it stands', () => {
  const refused: [object, string][] = [
    [
      { items: { type: 5 } },
      'json: cannot unmarshal number into Go struct field JSONSchemaProps.items.type of type string',
    ],
    [
      { additionalProperties: { items: { maxLength: 'x' } } },
      'json: cannot unmarshal string into Go struct field ' +
        'JSONSchemaProps.additionalProperties.items.maxLength of type int64',
    ],
    [{ additionalProperties: 1 }, 'boolean or JSON schema expected'],
    [{ additionalItems: [] }, 'boolean or JSON schema expected'],
    [
      { dependencies: { a: [{}] } },
      'json: cannot unmarshal object into Go struct field JSONSchemaProps.dependencies of type string',
    ],
  ]
  for (const [schema, message] of refused) assert.throws(() => read(schema), { message })
  assert.deepEqual(read({ items: 1 }).value, { items: {} }, 'as upstream: for validation to find')
})

test('a dependency of nothing is passed over', () => {
  const { value } = read({ dependencies: { a: null } })
  assert.equal(
    someSchema(value as JSONSchemaProps, ({ type }) => type === 'none'),
    false,
  )
})

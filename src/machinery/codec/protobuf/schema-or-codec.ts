import { listField, singleField } from './field-codec.ts'
import { codecOver, Message } from './message.ts'
import { booleanCodec, stringCodec } from './plain-codecs.ts'
import type { ValueCodec } from './value-codec.ts'

/**
 * A schema of apiextensions, or something else in its place: JSONSchemaPropsOrArray,
 * JSONSchemaPropsOrBool and JSONSchemaPropsOrStringArray. Undefined for any other name.
 */
export function schemaOrCodec(name: string, schema: ValueCodec): ValueCodec | undefined {
  if (name.endsWith('PropsOrBool')) return schemaOrBool(schema)
  if (name.endsWith('PropsOrStringArray')) return schemaOrList(schema, stringCodec)
  if (name.endsWith('PropsOrArray')) return schemaOrList(schema, schema)
  return undefined
}

/** Whether `schemaOrCodec` knows the name. */
export function isSchemaOr(name: string): boolean {
  return /PropsOr(Bool|Array|StringArray)$/.test(name)
}

function schemaOrBool(schema: ValueCodec): ValueCodec {
  const message = new Message('JSONSchemaPropsOrBool', [
    singleField('allows', 1, booleanCodec, false),
    singleField('schema', 2, schema, false),
  ])
  return codecOver(message, {
    from: ({ allows = false, schema: given }) => given ?? allows,
    to: (value) =>
      typeof value === 'boolean' ? { allows: value } : { allows: true, schema: value },
    zero: () => false,
  })
}

function schemaOrList(schema: ValueCodec, items: ValueCodec): ValueCodec {
  const message = new Message('JSONSchemaPropsOrArray', [
    singleField('schema', 1, schema, false),
    listField('items', 2, items),
  ])
  return codecOver(message, {
    from: ({ schema: one, items: many }) => many ?? one ?? null,
    to: (value) => (Array.isArray(value) ? { items: value } : { schema: value }),
    zero: () => null,
  })
}

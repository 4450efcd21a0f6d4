import { listField, mapField, singleField } from './field-codec.ts'
import { any, mapIn, message, securityRequirement, struct, wrapped } from './gnostic-message.ts'
import { Message } from './message.ts'
import { booleanCodec, doubleCodec, int64Codec, stringCodec } from './plain-codecs.ts'
import type { ValueCodec } from './value-codec.ts'

/**
 * Messages of Swagger 2.0 in protobuf as gnostic defines them, which clients of `/openapi/v2` use.
 */
const schema: ValueCodec = struct(() => schemaMessage)
const schemaOrBoolean = wrapped(
  'AdditionalPropertiesItem',
  [singleField('schema', 1, schema, false), singleField('boolean', 2, booleanCodec, false)],
  (value) => (typeof value === 'boolean' ? { boolean: value } : { schema: value }),
)
const types = wrapped('TypeItem', [listField('value', 1, stringCodec)], (value) => ({
  value: Array.isArray(value) ? value : [value],
}))
const items = wrapped('ItemsItem', [listField('schema', 1, schema)], (value) => ({
  schema: [value],
}))

const schemaMessage = message(
  'Schema',
  {
    1: ['$ref', stringCodec],
    2: ['format', stringCodec],
    3: ['title', stringCodec],
    4: ['description', stringCodec],
    5: ['default', any],
    6: ['multipleOf', doubleCodec],
    7: ['maximum', doubleCodec],
    8: ['exclusiveMaximum', booleanCodec],
    9: ['minimum', doubleCodec],
    10: ['exclusiveMinimum', booleanCodec],
    11: ['maxLength', int64Codec],
    12: ['minLength', int64Codec],
    13: ['pattern', stringCodec],
    14: ['maxItems', int64Codec],
    15: ['minItems', int64Codec],
    16: ['uniqueItems', booleanCodec],
    17: ['maxProperties', int64Codec],
    18: ['minProperties', int64Codec],
    19: ['required', [stringCodec]],
    20: ['enum', [any]],
    21: ['additionalProperties', schemaOrBoolean],
    22: ['type', types],
    23: ['items', items],
    24: ['allOf', [schema]],
    25: ['properties', mapIn('Properties', 1, schema)],
    30: ['example', any],
  },
  31,
)

const bodyParameter = message(
  'BodyParameter',
  {
    1: ['description', stringCodec],
    2: ['name', stringCodec],
    3: ['in', stringCodec],
    4: ['required', booleanCodec],
    5: ['schema', schema],
  },
  6,
)
const queryParameter = message(
  'QueryParameterSubSchema',
  {
    1: ['required', booleanCodec],
    2: ['in', stringCodec],
    3: ['description', stringCodec],
    4: ['name', stringCodec],
    6: ['type', stringCodec],
    7: ['format', stringCodec],
    20: ['uniqueItems', booleanCodec],
  },
  23,
)
const pathParameter = message(
  'PathParameterSubSchema',
  {
    1: ['required', booleanCodec],
    2: ['in', stringCodec],
    3: ['description', stringCodec],
    4: ['name', stringCodec],
    5: ['type', stringCodec],
    6: ['format', stringCodec],
    19: ['uniqueItems', booleanCodec],
  },
  22,
)
const nonBodyParameter = new Message('NonBodyParameter', [
  singleField(
    'query',
    3,
    struct(() => queryParameter),
    false,
  ),
  singleField(
    'path',
    4,
    struct(() => pathParameter),
    false,
  ),
])
const parameter = new Message('Parameter', [
  singleField(
    'body',
    1,
    struct(() => bodyParameter),
    false,
  ),
  singleField(
    'other',
    2,
    struct(() => nonBodyParameter),
    false,
  ),
])
const parameterOrReference = wrapped(
  'ParametersItem',
  [
    singleField(
      'parameter',
      1,
      struct(() => parameter),
      false,
    ),
    singleField(
      'reference',
      2,
      struct(() => message('JsonReference', { 1: ['$ref', stringCodec] })),
      false,
    ),
  ],
  (value) => {
    const given = value as { readonly in?: string }
    if (given.in === undefined) return { reference: value }
    const isBody = given.in === 'body'
    return { parameter: isBody ? { body: value } : { other: { [given.in]: value } } }
  },
)

const schemaItem = wrapped('SchemaItem', [singleField('schema', 1, schema, false)], (value) => ({
  schema: value,
}))
const response = message(
  'Response',
  { 1: ['description', stringCodec], 2: ['schema', schemaItem] },
  5,
)
const responseValue = wrapped(
  'ResponseValue',
  [
    singleField(
      'response',
      1,
      struct(() => response),
      false,
    ),
  ],
  (value) => ({ response: value }),
)

const operation = struct(() =>
  message(
    'Operation',
    {
      1: ['tags', [stringCodec]],
      2: ['summary', stringCodec],
      3: ['description', stringCodec],
      5: ['operationId', stringCodec],
      6: ['produces', [stringCodec]],
      7: ['consumes', [stringCodec]],
      8: ['parameters', [parameterOrReference]],
      9: ['responses', mapIn('Responses', 1, responseValue)],
      10: ['schemes', [stringCodec]],
      11: ['deprecated', booleanCodec],
      12: ['security', [securityRequirement]],
    },
    13,
  ),
)
const pathItem = struct(() =>
  message(
    'PathItem',
    {
      1: ['$ref', stringCodec],
      2: ['get', operation],
      3: ['put', operation],
      4: ['post', operation],
      5: ['delete', operation],
      6: ['options', operation],
      7: ['head', operation],
      8: ['patch', operation],
      9: ['parameters', [parameterOrReference]],
    },
    10,
  ),
)

const info = struct(() =>
  message('Info', {
    1: ['title', stringCodec],
    2: ['version', stringCodec],
    3: ['description', stringCodec],
  }),
)
const apiKey = message('ApiKeySecurity', {
  1: ['type', stringCodec],
  2: ['name', stringCodec],
  3: ['in', stringCodec],
  4: ['description', stringCodec],
})
const securityDefinition = wrapped(
  'SecurityDefinitionsItem',
  [
    singleField(
      'apiKey',
      2,
      struct(() => apiKey),
      false,
    ),
  ],
  (value) => ({ apiKey: value }),
)

/** A document without its paths and definitions, which are most of it and written in parts. */
export const documentMessage: Message = message('Document', {
  1: ['swagger', stringCodec],
  2: ['info', info],
  12: ['security', [securityRequirement]],
  13: ['securityDefinitions', mapIn('SecurityDefinitions', 1, securityDefinition)],
})
/** The numbers of paths and definitions in a document. */
export const PATHS_FIELD = 8
export const DEFINITIONS_FIELD = 9
/** Some of the paths, as a part of the message of all: `{ entries: { '/api/': ... } }`. */
export const pathsMessage: Message = new Message('Paths', [mapField('entries', 2, pathItem)])
/** Some of the definitions, as a part of the message of all. */
export const definitionsMessage: Message = new Message('Definitions', [
  mapField('entries', 1, schema),
])

import { listField, mapField, singleField } from './field-codec.ts'
import { any, mapIn, message, securityRequirement, struct, wrapped } from './gnostic-message.ts'
import { Message } from './message.ts'
import { booleanCodec, doubleCodec, int64Codec, stringCodec } from './plain-codecs.ts'
import type { ValueCodec } from './value-codec.ts'

/**
 * Messages of OpenAPI 3.0 in protobuf as gnostic defines them, as far as documents of a server have
 * them: no callbacks, links, examples by name, encodings and servers.
 */
const reference = struct(() => message('Reference', { 1: ['$ref', stringCodec] }))

/** Either what is meant, or a reference to it. */
const orReference = (name: string, value: ValueCodec): ValueCodec =>
  wrapped(
    name,
    [singleField('value', 1, value, false), singleField('reference', 2, reference, false)],
    (given) =>
      (given as { $ref?: unknown }).$ref === undefined ? { value: given } : { reference: given },
  )

const schema: ValueCodec = struct(() => schemaMessage)
const schemaOrReference = orReference('SchemaOrReference', schema)
const items = wrapped('ItemsItem', [listField('schema', 1, schemaOrReference)], (value) => ({
  schema: [value],
}))
const schemaOrBoolean = wrapped(
  'AdditionalPropertiesItem',
  [
    singleField('schema', 1, schemaOrReference, false),
    singleField('boolean', 2, booleanCodec, false),
  ],
  (value) => (typeof value === 'boolean' ? { boolean: value } : { schema: value }),
)
/** A default that is a list or an object is one that nobody knows. */
const defaultType = wrapped(
  'DefaultType',
  [
    singleField('number', 1, doubleCodec, false),
    singleField('boolean', 2, booleanCodec, false),
    singleField('string', 3, stringCodec, false),
  ],
  (value) => ({ [typeof value]: value }),
)

const schemaMessage = message(
  'Schema',
  {
    1: ['nullable', booleanCodec],
    3: ['readOnly', booleanCodec],
    4: ['writeOnly', booleanCodec],
    6: ['externalDocs', struct(() => externalDocs)],
    7: ['example', any],
    8: ['deprecated', booleanCodec],
    9: ['title', stringCodec],
    10: ['multipleOf', doubleCodec],
    11: ['maximum', doubleCodec],
    12: ['exclusiveMaximum', booleanCodec],
    13: ['minimum', doubleCodec],
    14: ['exclusiveMinimum', booleanCodec],
    15: ['maxLength', int64Codec],
    16: ['minLength', int64Codec],
    17: ['pattern', stringCodec],
    18: ['maxItems', int64Codec],
    19: ['minItems', int64Codec],
    20: ['uniqueItems', booleanCodec],
    21: ['maxProperties', int64Codec],
    22: ['minProperties', int64Codec],
    23: ['required', [stringCodec]],
    24: ['enum', [any]],
    25: ['type', stringCodec],
    26: ['allOf', [schemaOrReference]],
    27: ['oneOf', [schemaOrReference]],
    28: ['anyOf', [schemaOrReference]],
    29: ['not', schema],
    30: ['items', items],
    31: ['properties', mapIn('Properties', 1, schemaOrReference)],
    32: ['additionalProperties', schemaOrBoolean],
    33: ['default', defaultType],
    34: ['description', stringCodec],
    35: ['format', stringCodec],
  },
  36,
)
const externalDocs = message(
  'ExternalDocs',
  { 1: ['description', stringCodec], 2: ['url', stringCodec] },
  3,
)

const mediaTypes = mapIn(
  'MediaTypes',
  1,
  struct(() => message('MediaType', { 1: ['schema', schemaOrReference], 2: ['example', any] }, 5)),
)
const parameter = orReference(
  'ParameterOrReference',
  struct(() =>
    message(
      'Parameter',
      {
        1: ['name', stringCodec],
        2: ['in', stringCodec],
        3: ['description', stringCodec],
        4: ['required', booleanCodec],
        5: ['deprecated', booleanCodec],
        6: ['allowEmptyValue', booleanCodec],
        7: ['style', stringCodec],
        8: ['explode', booleanCodec],
        9: ['allowReserved', booleanCodec],
        10: ['schema', schemaOrReference],
        13: ['content', mediaTypes],
      },
      14,
    ),
  ),
)
const requestBody = orReference(
  'RequestBodyOrReference',
  struct(() =>
    message(
      'RequestBody',
      {
        1: ['description', stringCodec],
        2: ['content', mediaTypes],
        3: ['required', booleanCodec],
      },
      4,
    ),
  ),
)
const response = orReference(
  'ResponseOrReference',
  struct(() =>
    message('Response', { 1: ['description', stringCodec], 3: ['content', mediaTypes] }, 5),
  ),
)
const operation = struct(() =>
  message(
    'Operation',
    {
      1: ['tags', [stringCodec]],
      2: ['summary', stringCodec],
      3: ['description', stringCodec],
      5: ['operationId', stringCodec],
      6: ['parameters', [parameter]],
      7: ['requestBody', requestBody],
      8: ['responses', mapIn('Responses', 2, response)],
      10: ['deprecated', booleanCodec],
      11: ['security', [securityRequirement]],
    },
    13,
  ),
)
const pathItem = struct(() =>
  message(
    'PathItem',
    {
      1: ['$ref', stringCodec],
      2: ['summary', stringCodec],
      3: ['description', stringCodec],
      4: ['get', operation],
      5: ['put', operation],
      6: ['post', operation],
      7: ['delete', operation],
      8: ['options', operation],
      9: ['head', operation],
      10: ['patch', operation],
      11: ['trace', operation],
      13: ['parameters', [parameter]],
    },
    14,
  ),
)
const securityScheme = orReference(
  'SecuritySchemeOrReference',
  struct(() =>
    message(
      'SecurityScheme',
      {
        1: ['type', stringCodec],
        2: ['description', stringCodec],
        3: ['name', stringCodec],
        4: ['in', stringCodec],
        5: ['scheme', stringCodec],
        6: ['bearerFormat', stringCodec],
        8: ['openIdConnectUrl', stringCodec],
      },
      9,
    ),
  ),
)
const info = struct(() =>
  message(
    'Info',
    { 1: ['title', stringCodec], 2: ['description', stringCodec], 6: ['version', stringCodec] },
    7,
  ),
)

/** A document without its paths and components, which are most of it and written in parts. */
export const documentMessage: Message = message(
  'Document',
  { 1: ['openapi', stringCodec], 2: ['info', info], 6: ['security', [securityRequirement]] },
  9,
)
/** The numbers of paths and components in a document, and of schemas in components. */
export const PATHS_FIELD = 4
export const COMPONENTS_FIELD = 5
export const SCHEMAS_FIELD = 1
/** Some of the paths, as a part of the message of all: `{ entries: { '/api/': ... } }`. */
export const pathsMessage: Message = new Message('Paths', [mapField('entries', 1, pathItem)])
/** Some of the schemas, as a part of the message of all. */
export const schemasMessage: Message = new Message('SchemasOrReferences', [
  mapField('entries', 1, schemaOrReference),
])
/** Components without their schemas. */
export const componentsMessage: Message = message(
  'Components',
  {
    2: ['responses', mapIn('ResponsesOrReferences', 1, response)],
    3: ['parameters', mapIn('ParametersOrReferences', 1, parameter)],
    5: ['requestBodies', mapIn('RequestBodiesOrReferences', 1, requestBody)],
    7: ['securitySchemes', mapIn('SecuritySchemesOrReferences', 1, securityScheme)],
  },
  10,
)

import assert from 'node:assert/strict'
import { test } from 'node:test'
import protobuf from 'protobufjs'
import { encodeOpenApi, type OpenApiDocument } from './openapi.ts'

const { root } = protobuf.parse(`syntax = "proto3";
  message Any { string yaml = 2; }
  message NamedAny { string name = 1; Any value = 2; }
  message Info { string title = 1; string version = 6; }
  message Reference { string ref = 1; }
  message SchemaOrReference { oneof is { Schema schema = 1; Reference reference = 2; } }
  message Items { repeated SchemaOrReference schema = 1; }
  message More { oneof is { SchemaOrReference schema = 1; bool boolean = 2; } }
  message Default { oneof is { double number = 1; bool boolean = 2; string text = 3; } }
  message Schema { double minimum = 13; int64 maxLength = 15; repeated string required = 23;
    repeated Any enum = 24; string type = 25; repeated SchemaOrReference allOf = 26;
    Items items = 30; Named properties = 31; More more = 32; Default default = 33;
    string description = 34; string format = 35; repeated NamedAny extension = 36; }
  message NamedSchema { string name = 1; SchemaOrReference value = 2; }
  message Named { repeated NamedSchema entry = 1; }
  message MediaType { SchemaOrReference schema = 1; }
  message NamedMediaType { string name = 1; MediaType value = 2; }
  message MediaTypes { repeated NamedMediaType entry = 1; }
  message Parameter { string name = 1; string in = 2; bool required = 4;
    SchemaOrReference schema = 10; }
  message ParameterOrReference { Parameter parameter = 1; Reference reference = 2; }
  message Body { MediaTypes content = 2; bool required = 3; }
  message BodyOrReference { Body body = 1; }
  message Response { string description = 1; MediaTypes content = 3; }
  message ResponseOrReference { Response response = 1; }
  message NamedResponse { string name = 1; ResponseOrReference value = 2; }
  message Responses { repeated NamedResponse code = 2; }
  message Operation { repeated string tags = 1; string id = 5;
    repeated ParameterOrReference parameters = 6; BodyOrReference body = 7;
    Responses responses = 8; repeated NamedAny extension = 13; }
  message Path { Operation get = 4; Operation put = 5; Operation patch = 10;
    repeated ParameterOrReference parameters = 13; }
  message NamedPath { string name = 1; Path value = 2; }
  message Paths { repeated NamedPath path = 1; }
  message Scheme { string type = 1; string name = 3; string in = 4; }
  message SchemeOrReference { Scheme scheme = 1; }
  message NamedScheme { string name = 1; SchemeOrReference value = 2; }
  message Schemes { repeated NamedScheme entry = 1; }
  message Components { Named schemas = 1; Schemes schemes = 7; }
  message Document { string openapi = 1; Info info = 2; Paths paths = 4;
    Components components = 5; }`)
const type = root.lookupType('Document')

async function written(document: OpenApiDocument): Promise<Record<string, unknown>> {
  const bytes = await encodeOpenApi(document, async () => {})
  return type.toObject(type.decode(bytes), { longs: Number })
}

test('paths are read by those who know the protobuf form of OpenAPI 3.0', async () => {
  const schema = { $ref: '#/components/schemas/A' }
  const content = { 'application/json': { schema } }
  const put = {
    tags: ['a_v1'],
    operationId: 'putA',
    parameters: [{ name: 'dryRun', in: 'query', schema: { type: 'string' } }],
    requestBody: { content, required: true },
    responses: { '200': { description: 'OK', content }, '401': { description: 'Unauthorized' } },
    'x-kubernetes-action': 'put',
  }
  const parameters = [{ name: 'name', in: 'path', required: true, schema: { type: 'string' } }]
  const info = { title: 'Kubernetes', version: '1.36' }
  const document = { openapi: '3.0.0', info, paths: { '/a/{name}': { put, parameters } } }
  const reference = { reference: { ref: '#/components/schemas/A' } }
  const entry = [{ name: 'application/json', value: { schema: reference } }]
  const text = { schema: { type: 'string' } }
  assert.deepEqual(await written(document), {
    openapi: '3.0.0',
    info,
    paths: {
      path: [
        {
          name: '/a/{name}',
          value: {
            put: {
              tags: ['a_v1'],
              id: 'putA',
              parameters: [{ parameter: { name: 'dryRun', in: 'query', schema: text } }],
              body: { body: { content: { entry }, required: true } },
              responses: {
                code: [
                  { name: '200', value: { response: { description: 'OK', content: { entry } } } },
                  { name: '401', value: { response: { description: 'Unauthorized' } } },
                ],
              },
              extension: [{ name: 'x-kubernetes-action', value: { yaml: 'put\n' } }],
            },
            parameters: [{ parameter: { name: 'name', in: 'path', required: true, schema: text } }],
          },
        },
      ],
    },
  })
})

test('schemas keep defaults that are zero, and lose what the form has no place for', async () => {
  const properties = {
    text: { type: 'string', default: '', maxLength: 63, enum: ['', 'a'], minimum: 0 },
    number: { type: 'integer', format: 'int32', default: 0 },
    object: { default: {}, allOf: [{ $ref: '#/components/schemas/B' }] },
    list: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-map-keys': ['name'] },
    map: { type: 'object', additionalProperties: false },
  }
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`B${at}`, {}]))
  const BearerToken = { type: 'apiKey', name: 'authorization', in: 'header' }
  const read = await written({
    components: { schemas: { ...many, A: { properties } }, securitySchemes: { BearerToken } },
  })
  const { schemas, schemes } = read['components'] as {
    schemas: { entry: { name: string; value: { schema: { properties: { entry: unknown } } } }[] }
    schemes: unknown
  }
  assert.deepEqual(schemes, { entry: [{ name: 'BearerToken', value: { scheme: BearerToken } }] })
  assert.deepEqual([schemas.entry.length, schemas.entry[0]?.name], [51, 'A'])
  const keys = { name: 'x-kubernetes-list-map-keys', value: { yaml: '- name\n' } }
  assert.deepEqual(schemas.entry[0]?.value.schema.properties.entry, [
    {
      name: 'list',
      value: {
        schema: {
          type: 'array',
          items: { schema: [{ schema: { type: 'string' } }] },
          extension: [keys],
        },
      },
    },
    { name: 'map', value: { schema: { type: 'object', more: { boolean: false } } } },
    {
      name: 'number',
      value: { schema: { type: 'integer', format: 'int32', default: { number: 0 } } },
    },
    {
      name: 'object',
      value: {
        schema: { default: {}, allOf: [{ reference: { ref: '#/components/schemas/B' } }] },
      },
    },
    {
      name: 'text',
      value: {
        schema: {
          type: 'string',
          default: { text: '' },
          maxLength: 63,
          enum: [{ yaml: '""\n' }, { yaml: 'a\n' }],
        },
      },
    },
  ])
})

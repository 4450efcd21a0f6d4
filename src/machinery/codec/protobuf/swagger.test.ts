import assert from 'node:assert/strict'
import { test } from 'node:test'
import protobuf from 'protobufjs'
import { encodeSwagger } from './swagger.ts'

const { root } = protobuf.parse(`syntax = "proto3";
  message Any { string yaml = 2; }
  message NamedAny { string name = 1; Any value = 2; }
  message Info { string title = 1; string version = 2; }
  message Type { repeated string value = 1; }
  message Items { repeated Schema schema = 1; }
  message More { Schema schema = 1; bool boolean = 2; }
  message Schema { string ref = 1; string format = 2; string description = 4; Any default = 5;
    repeated string required = 19; repeated Any enum = 20; More more = 21; Type type = 22;
    Items items = 23; Named properties = 25; repeated NamedAny extension = 31; }
  message NamedSchema { string name = 1; Schema value = 2; }
  message Named { repeated NamedSchema entry = 1; }
  message Sub { bool required = 1; string in = 2; string name = 4; }
  message Other { Sub query = 3; Sub path = 4; }
  message Body { string name = 2; string in = 3; bool required = 4; Schema schema = 5; }
  message Parameter { Body body = 1; Other other = 2; }
  message Item { Parameter parameter = 1; }
  message SchemaItem { Schema schema = 1; }
  message Response { string description = 1; SchemaItem schema = 2; }
  message Value { Response response = 1; }
  message NamedValue { string name = 1; Value value = 2; }
  message Responses { repeated NamedValue code = 1; }
  message Operation { string id = 5; repeated Item parameters = 8; Responses responses = 9;
    repeated NamedAny extension = 13; }
  message Path { Operation get = 2; Operation patch = 8; repeated Item parameters = 9; }
  message NamedPath { string name = 1; Path value = 2; }
  message Paths { repeated NamedPath path = 2; }
  message Document { string swagger = 1; Info info = 2; Paths paths = 8; Named definitions = 9; }`)
const type = root.lookupType('Document')

test('a Swagger document is read by those who know its protobuf form', async () => {
  const paths = {
    '/a/{name}': {
      get: {
        operationId: 'readA',
        parameters: [{ name: 'watch', in: 'query' }],
        responses: { '200': { description: 'OK', schema: { $ref: '#/definitions/A' } } },
        'x-kubernetes-action': 'get',
      },
      patch: { operationId: 'patchA', parameters: [{ name: 'body', in: 'body', required: true }] },
      parameters: [{ name: 'name', in: 'path', required: true }],
    },
  }
  const a = {
    description: 'An A.',
    type: 'object',
    required: ['list'],
    properties: {
      list: { type: 'array', items: { type: 'string', enum: ['x', 'y'] }, default: ['x'] },
      map: { type: 'object', additionalProperties: { type: 'integer', format: 'int32' } },
    },
    'x-kubernetes-group-version-kind': [{ group: '', version: 'v1', kind: 'A' }],
  }
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`B${index}`, {}]))
  let pauses = 0
  const info = { title: 'Kubernetes', version: 'v1' }
  const document = { swagger: '2.0', info, paths, definitions: { A: a, ...many } }
  const bytes = await encodeSwagger(document, async () => pauses++)
  assert.equal(pauses, 4)
  const read = type.toObject(type.decode(bytes))
  assert.deepEqual([read['swagger'], read['info']], ['2.0', info])
  const [{ value: path }] = read['paths'].path
  assert.equal(path.get.id, 'readA')
  assert.deepEqual(path.get.parameters, [
    { parameter: { other: { query: { in: 'query', name: 'watch' } } } },
  ])
  assert.deepEqual(path.get.responses.code, [
    {
      name: '200',
      value: { response: { description: 'OK', schema: { schema: { ref: '#/definitions/A' } } } },
    },
  ])
  assert.deepEqual(path.get.extension, [{ name: 'x-kubernetes-action', value: { yaml: 'get\n' } }])
  assert.deepEqual(path.patch.parameters, [
    { parameter: { body: { name: 'body', in: 'body', required: true } } },
  ])
  assert.deepEqual(path.parameters[0].parameter.other.path.name, 'name')
  assert.equal(read['definitions'].entry.length, 51)
  assert.deepEqual(
    read['definitions'].entry.find(({ name }: { name: string }) => name === 'A').value,
    {
      description: 'An A.',
      type: { value: ['object'] },
      required: ['list'],
      properties: {
        entry: [
          {
            name: 'list',
            value: {
              type: { value: ['array'] },
              items: {
                schema: [
                  { type: { value: ['string'] }, enum: [{ yaml: 'x\n' }, { yaml: '"y"\n' }] },
                ],
              },
              default: { yaml: '- x\n' },
            },
          },
          {
            name: 'map',
            value: {
              type: { value: ['object'] },
              more: { schema: { type: { value: ['integer'] }, format: 'int32' } },
            },
          },
        ],
      },
      extension: [
        {
          name: 'x-kubernetes-group-version-kind',
          value: { yaml: '- group: ""\n  kind: A\n  version: v1\n' },
        },
      ],
    },
  )
})

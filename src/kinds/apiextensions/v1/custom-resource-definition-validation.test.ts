import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeObject } from '../../../machinery/decode.ts'
import { FieldPath, formatFieldError } from '../../../machinery/field-error.ts'
import { CustomResourceDefinition } from './custom-resource-definition.ts'
import { keepStoredVersions } from './custom-resource-definition-strategy.ts'
import {
  validateDefinition,
  validateDefinitionUpdate,
} from './custom-resource-definition-validation.ts'

const SCHEMA = 'spec.validation.openAPIV3Schema'
const plain = { type: 'object', properties: { spec: { type: 'object' } } }

const v1 = (schema: object = plain, others: object = {}) => ({
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: schema },
  ...others,
})

function read(spec: object = {}, others: object = {}): CustomResourceDefinition {
  const names = { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'BoatList' }
  const definition = {
    metadata: { name: 'boats.wherry.example' },
    spec: { group: 'wherry.example', scope: 'Namespaced', names, versions: [v1()], ...spec },
    ...others,
  }
  const { value } = decodeObject(CustomResourceDefinition, definition)
  return keepStoredVersions(CustomResourceDefinition.setDefaults?.(value) ?? value)
}

const create = (spec: object = {}, others: object = {}) =>
  [...validateDefinition(read(spec, others), FieldPath.root)].map(formatFieldError)
const update = (spec: object, old: object, status: object = {}) =>
  [...validateDefinitionUpdate(read(spec), read(old, { status }), FieldPath.root)].map(
    formatFieldError,
  )
const ofSchema = (schema: object) => create({ versions: [v1(schema)] })
const ofSpec = (spec: object) => ofSchema({ type: 'object', properties: { spec } })

test('a sound definition is accepted', () => {
  assert.deepEqual(create(), [])
  assert.deepEqual(create({ versions: [v1(), { ...v1(), name: 'v2', storage: false }] }), [])
  const spec = { type: 'object', properties: { port: { 'x-kubernetes-int-or-string': true } } }
  assert.deepEqual(ofSpec(spec), [])
  const anyOf = [{ type: 'integer' }, { type: 'string' }]
  assert.deepEqual(ofSpec({ 'x-kubernetes-int-or-string': true, anyOf }), [])
})

test('names', () => {
  assert.deepEqual(create({}, { metadata: { name: 'boatsxyzab', generateName: 'boats' } }), [
    'metadata.generateName: Invalid value: "boats": must be spec.names.plural+"."+spec.group',
    'metadata.name: Invalid value: "boatsxyzab": must be spec.names.plural+"."+spec.group',
  ])
  assert.deepEqual(create({}, { metadata: { name: 'ships.wherry.example' } }), [
    'metadata.name: Invalid value: "ships.wherry.example": must be spec.names.plural+"."+spec.group',
  ])
  assert.deepEqual(create({ group: 'wherry' }, { metadata: { name: 'boats.wherry' } }), [
    'spec.group: Invalid value: "wherry": should be a domain with at least one dot',
  ])
  assert.deepEqual(create({ scope: 'Global' }), [
    'spec.scope: Unsupported value: "Global": supported values: "Cluster", "Namespaced"',
  ])
  const names = { plural: 'boats', singular: 'boat', kind: 'Boat', listKind: 'Boat' }
  assert.deepEqual(create({ names }), [
    'spec.names.listKind: Invalid value: "Boat": kind and listKind may not be the same',
  ])
  const k8s = { group: 'wherry.k8s.io' }
  assert.match(
    create(k8s, { metadata: { name: 'boats.wherry.k8s.io' } }).join(),
    /annotations\[api-approved\.kubernetes\.io\]: Required value: protected groups must/,
  )
})

test('versions', () => {
  assert.match(create({ versions: [] }).join(), /must have exactly one version marked as storage/)
  const twice = create({ versions: [v1(), v1()] }).map((text) => text.replace(/\[\{.*\}\]/s, '…'))
  assert.deepEqual(twice, [
    'spec.versions: Invalid value: …: must contain unique version names',
    'spec.versions: Invalid value: …: must have exactly one version marked as storage version',
    'status.storedVersions: Invalid value: ["v1"]: must have the storage version v1',
  ])
  const nameless = create({ versions: [{ ...v1(), name: '' }] })
  assert.deepEqual(
    nameless.map((text) => text.split(':')[0]),
    ['spec.versions[0].name'],
  )
  assert.deepEqual(create({ versions: [{ name: 'v1', served: true, storage: true }] }), [
    'spec.versions[0].schema.openAPIV3Schema: Required value',
  ])
  assert.deepEqual(create({ versions: [v1(plain, { deprecationWarning: 'old' })] }), [
    'spec.versions[0].deprecationWarning: Invalid value: "old": can only be set for deprecated versions',
  ])
})

test('structural schemas', () => {
  const cases: [object, string[]][] = [
    [{ properties: {} }, [`${SCHEMA}.type: Required value: must not be empty at the root`]],
    [
      { type: 'object', properties: { a: {}, b: { type: 'array', items: {} } } },
      [
        `${SCHEMA}.properties[a].type: Required value: must not be empty for specified object fields`,
        `${SCHEMA}.properties[b].items.type: Required value: must not be empty for specified array items`,
      ],
    ],
    [
      { type: 'object', additionalProperties: { type: 'string' } },
      [`${SCHEMA}.additionalProperties: Forbidden: must not be used at the root`],
    ],
    [
      { type: 'object', properties: { metadata: { type: 'object', description: 'x' } } },
      [
        `${SCHEMA}.properties[metadata]: Forbidden: must not specify anything other than name and generateName, but metadata is implicitly specified`,
      ],
    ],
    [
      { type: 'object', anyOf: [{ properties: { a: { minimum: 1 } } }] },
      [
        `${SCHEMA}.properties[a]: Required value: because it is defined in ${SCHEMA}.anyOf[0].properties[a]`,
      ],
    ],
    [
      { type: 'object', not: { type: 'string' } },
      [`${SCHEMA}.not.type: Forbidden: must be empty to be structural`],
    ],
  ]
  for (const [schema, errors] of cases) assert.deepEqual(ofSchema(schema), errors)
})

test('fields of a schema', () => {
  const at = `${SCHEMA}.properties[spec]`
  assert.deepEqual(ofSpec({ type: 'text' }), [
    `${at}.type: Unsupported value: "text": supported values: "array", "boolean", "integer", "number", "object", "string"`,
  ])
  assert.deepEqual(ofSpec({ type: 'array', items: { type: 'string' }, uniqueItems: true }), [
    `${at}.uniqueItems: Forbidden: uniqueItems cannot be set to true since the runtime complexity becomes quadratic`,
  ])
  assert.deepEqual(
    ofSpec({
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name', 'port'],
      items: { type: 'object', properties: { name: { type: 'string' } } },
    }),
    [
      `${at}.x-kubernetes-list-map-keys: Invalid value: ["name","port"]: entries must all be names of item properties`,
      `${at}.items.properties[name].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    ],
  )
  const rules = [{ rule: ' ' }, { rule: 'true', fieldPath: '.nowhere' }]
  assert.deepEqual(ofSpec({ type: 'object', 'x-kubernetes-validations': rules }), [
    `${at}.x-kubernetes-validations[0].rule: Required value: rule is not specified`,
    `${at}.x-kubernetes-validations[1].fieldPath: Invalid value: ".nowhere": must be a valid path`,
  ])
  assert.deepEqual(ofSchema({ ...plain, $ref: '#/x' }), [
    `${SCHEMA}.$ref: Forbidden: $ref is not supported`,
  ])
})

test('subresources, columns and selectable fields', () => {
  const version = v1(plain, {
    subresources: { scale: { specReplicasPath: 'spec.n', statusReplicasPath: '.spec.n' } },
    additionalPrinterColumns: [{ name: 'N', type: 'text', jsonPath: '.spec.n' }],
    selectableFields: [{ jsonPath: '.spec.color' }, { jsonPath: '.spec' }],
  })
  assert.deepEqual(create({ versions: [version] }), [
    'spec.subresources.scale.specReplicasPath: Invalid value: "spec.n": must be a simple json path starting with .',
    'spec.subresources.scale.statusReplicasPath: Invalid value: ".spec.n": should be a json path under .status',
    'spec.additionalPrinterColumns[0].type: Invalid value: "text": must be one of boolean,date,integer,number,string',
    'spec.selectableFields[0].jsonPath: Invalid value: ".spec.color": is an invalid path: does not refer to a valid field',
    'spec.selectableFields[1].jsonPath: Invalid value: ".spec": must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.',
  ])
  const withStatus = v1({ ...plain, minProperties: 1 }, { subresources: { status: {} } })
  assert.match(
    create({ versions: [withStatus] }).join(),
    /only \[Description Type .*XValidations\] fields are allowed at the root/,
  )
})

test('conversion', () => {
  const webhook = (clientConfig: object, conversionReviewVersions: string[] = ['v1']) =>
    create({
      conversion: { strategy: 'Webhook', webhook: { clientConfig, conversionReviewVersions } },
    })
  assert.deepEqual(webhook({ url: 'https://a/b' }), [])
  assert.deepEqual(webhook({}), [
    'spec.conversion.webhookClientConfig: Required value: exactly one of url or service is required',
  ])
  assert.deepEqual(webhook({ url: 'http://u@a?q' }, ['v9']), [
    'spec.conversion.webhookClientConfig.url: Invalid value: "http": \'https\' is the only allowed URL scheme; desired format: https://host[/path]',
    'spec.conversion.webhookClientConfig.url: Invalid value: "u": user information is not permitted in the URL',
    'spec.conversion.webhookClientConfig.url: Invalid value: "q": query parameters are not permitted in the URL',
    'spec.conversion.conversionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
  ])
  assert.deepEqual(webhook({ service: { name: 'a', namespace: 'b', path: '/x//', port: 0 } }), [
    'spec.conversion.webhookClientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive',
    'spec.conversion.webhookClientConfig.service.path: Invalid value: "/x//": segment[1] may not be empty',
  ])
})

test('updates', () => {
  const established = {
    conditions: [{ type: 'Established', status: 'True' }],
    storedVersions: ['v1'],
  }
  assert.deepEqual(update({ scope: 'Cluster' }, {}), [])
  assert.deepEqual(update({ scope: 'Cluster' }, {}, established), [
    'spec.scope: Invalid value: "Cluster": field is immutable',
  ])
  const old = v1({ type: 'object', properties: { spec: { type: 'text' } } })
  assert.deepEqual(update({ versions: [old] }, { versions: [old] }), [], 'what was there may stay')
  const stored = { storedVersions: ['v1alpha1', 'v1'] }
  assert.match(
    create({}, { status: stored }).join(),
    /^status\.storedVersions\[0\]: Invalid value: "v1alpha1": missing from spec\.versions; /,
  )
})

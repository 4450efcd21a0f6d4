import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  type FieldError,
  type FieldErrors,
  type FieldPath,
  forbidden,
  formatFieldError,
  invalid,
  required,
} from '../../../machinery/field-error.ts'
import { patternProblem } from '../schema/patterns.ts'
import type { JSONSchemaProps } from './json-schema-props.ts'
import { itemSchemaOf, itemSchemasOf, valueSchemaOf } from './schema-walk.ts'
import { validateCompleteness } from './structural-completeness.ts'

type Schema = JSONSchemaProps
type Level = 'root' | 'item' | 'field'

/** How a value that is a number or a text may be said; its branches may have types. */
const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }]
const WHERE = {
  root: 'at the root',
  item: 'for specified array items',
  field: 'for specified object fields',
} as const

/**
 * Why a schema is not structural: each value has its type outside of `allOf`, `anyOf`, `oneOf` and
 * `not`, and what those speak of is specified outside of them too. In the order of the texts.
 */
export function validateStructural(schema: Schema, path: FieldPath): readonly FieldError[] {
  const errors = [
    ...validateInvariants(schema, 'root', path),
    ...validateCompleteness(schema, path),
  ]
  return errors
    .map((error) => ({ error, text: formatFieldError(error) }))
    .toSorted((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .map(({ error }) => error)
}

/** What a schema has that no structural schema can have, in words; undefined for none. */
export function unsupportedBy(schema: Schema): string | undefined {
  const { properties = {}, allOf = [], anyOf = [], oneOf = [], not } = schema
  const own = unsupportedFieldOf(schema)
  if (own !== undefined) return `OpenAPIV3Schema '${own}' is not supported`
  const branches = [not, ...allOf, ...anyOf, ...oneOf]
  const inBranch = firstOf(branches)
  if (inBranch !== undefined) return inBranch
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
  }
  if (itemSchemasOf(schema).length > 0) {
    return "OpenAPIV3Schema 'items' must be a schema, but is an array"
  }
  return firstOf([itemSchemaOf(schema), ...Object.values(properties), valueSchemaOf(schema)])
}

function firstOf(schemas: readonly (Schema | undefined)[]): string | undefined {
  for (const schema of schemas) {
    const reason = schema === undefined ? undefined : unsupportedBy(schema)
    if (reason !== undefined) return reason
  }
  return undefined
}

function unsupportedFieldOf(schema: Schema): string | undefined {
  if (schema.id) return 'id'
  if (schema.$schema) return 'schema'
  if (schema.$ref) return '$ref'
  if (isFilled(schema.patternProperties)) return 'patternProperties'
  if (isFilled(schema.dependencies)) return 'dependencies'
  if (schema.additionalItems !== undefined) return 'additionalItems'
  return isFilled(schema.definitions) ? 'definitions' : undefined
}

function isFilled(map: object | undefined): boolean {
  return Object.keys(map ?? {}).length > 0
}

function* validateInvariants(schema: Schema, level: Level, path: FieldPath): FieldErrors {
  const { type = '', properties = {}, additionalProperties } = schema
  const items = itemSchemaOf(schema)
  if (type === 'array' && items === undefined) {
    yield required(path.child('items'), 'must be specified')
  }
  if (items !== undefined) yield* validateInvariants(items, 'item', path.child('items'))
  for (const [name, property] of Object.entries(properties)) {
    yield* validateInvariants(property, 'field', path.child('properties').key(name))
  }
  if (additionalProperties !== undefined) {
    const at = path.child('additionalProperties')
    if (level === 'root') yield forbidden(at, 'must not be used at the root')
    const values = valueSchemaOf(schema)
    if (values !== undefined) yield* validateInvariants(values, 'field', at)
  }
  yield* validateIntOrString(schema, path)
  const skipsAnyOf = deepEqual(schema.anyOf, INT_OR_STRING)
  const skipsFirst = deepEqual(schema.allOf?.[0]?.anyOf, INT_OR_STRING)
  yield* validateBranches(schema, { skipsAnyOf, skipsFirst }, path)
  yield* validateType(schema, level, path)
  yield* validateMetadata(schema, level, path.child('properties'))
}

function* validateIntOrString(schema: Schema, path: FieldPath): FieldErrors {
  if (!schema['x-kubernetes-int-or-string']) return
  const why = 'must be false if x-kubernetes-int-or-string is true'
  for (const other of [
    'x-kubernetes-preserve-unknown-fields',
    'x-kubernetes-embedded-resource',
  ] as const) {
    if (schema[other]) yield invalid(path.child(other), true, why)
  }
}

function* validateType(schema: Schema, level: Level, path: FieldPath): FieldErrors {
  const { type = '', properties = {} } = schema
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true
  const typePath = path.child('type')
  if (isEmbedded && type !== 'object') {
    const why = 'must be object if x-kubernetes-embedded-resource is true'
    yield type === '' ? required(typePath, why) : invalid(typePath, type, why)
  } else if (type === '' && !isOpen && !schema['x-kubernetes-int-or-string']) {
    yield required(typePath, `must not be empty ${WHERE[level]}`)
  }
  if (isEmbedded && schema.additionalProperties !== undefined) {
    const why = 'must not be used if x-kubernetes-embedded-resource is set'
    yield forbidden(path.child('additionalProperties'), why)
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    yield invalid(typePath, type, 'must be object at the root')
  }
  if (isEmbedded && !isOpen && Object.keys(properties).length === 0) {
    const why =
      'must not be empty if x-kubernetes-embedded-resource is true without ' +
      'x-kubernetes-preserve-unknown-fields'
    yield required(path.child('properties'), why)
  }
}

/** A resource's own fields are known: a schema may say hardly anything of them. */
function* validateMetadata(schema: Schema, level: Level, path: FieldPath): FieldErrors {
  const { properties = {} } = schema
  const isResource = level === 'root' || schema['x-kubernetes-embedded-resource'] === true
  for (const name of ['kind', 'apiVersion']) {
    const { [name]: property } = properties
    if (isResource && property !== undefined && property.type !== 'string') {
      yield invalid(path.key(name).child('type'), property.type ?? '', 'must be string')
    }
  }
  const { metadata } = properties
  if (metadata === undefined) return
  const at = path.key('metadata')
  if (isResource && metadata.type !== 'object') {
    yield invalid(at.child('type'), metadata.type ?? '', 'must be object')
  }
  if (level !== 'root') return
  const { type: _type, default: _default, properties: fields = {}, ...others } = metadata
  const areNames = Object.keys(fields).every((name) => ['name', 'generateName'].includes(name))
  if (areNames && !Object.values(others).some(isSaid)) return
  const why =
    'must not specify anything other than name and generateName, but metadata is implicitly specified'
  yield forbidden(at, why)
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== '' && value !== false
}

interface Skipped {
  readonly skipsAnyOf: boolean
  readonly skipsFirst: boolean
}

function* validateBranches(schema: Schema, skipped: Skipped, path: FieldPath): FieldErrors {
  const { anyOf = [], allOf = [], oneOf = [], not } = schema
  if (!skipped.skipsAnyOf) {
    for (const [index, branch] of anyOf.entries()) {
      yield* validateBranch(branch, false, path.child('anyOf').index(index))
    }
  }
  for (const [index, branch] of allOf.entries()) {
    const skips = skipped.skipsFirst && index === 0
    yield* validateBranch(branch, skips, path.child('allOf').index(index))
  }
  for (const [index, branch] of oneOf.entries()) {
    yield* validateBranch(branch, false, path.child('oneOf').index(index))
  }
  if (not !== undefined) yield* validateBranch(not, false, path.child('not'))
  yield* validatePattern(schema, path)
}

function* validatePattern({ pattern = '' }: Schema, path: FieldPath): FieldErrors {
  if (pattern === '') return
  const problem = patternProblem(pattern)
  if (problem === undefined) return
  const why = `must be a valid regular expression, but isn't: ${problem}`
  yield invalid(path.child('pattern'), pattern, why)
}

function* validateBranch(branch: Schema, skipsAnyOf: boolean, path: FieldPath): FieldErrors {
  yield* validateBranches(branch, { skipsAnyOf, skipsFirst: false }, path)
  const items = itemSchemaOf(branch)
  if (items !== undefined) yield* validateBranch(items, false, path.child('items'))
  for (const [name, property] of Object.entries(branch.properties ?? {})) {
    yield* validateBranch(property, false, path.child('properties').key(name))
  }
  if (branch.additionalProperties) {
    yield forbidden(path.child('additionalProperties'), 'must be undefined to be structural')
  }
  for (const [field, must] of FORBIDDEN_IN_BRANCHES) {
    const { [field]: value } = branch
    if (isSaid(value) && !(Array.isArray(value) && value.length === 0)) {
      yield forbidden(path.child(field), `must be ${must} to be structural`)
    }
  }
  if (branch.properties?.['metadata'] !== undefined) {
    const why = 'must not be specified in a nested context'
    yield forbidden(path.child('properties').key('metadata'), why)
  }
}

const FORBIDDEN_IN_BRANCHES = [
  ['type', 'empty'],
  ['default', 'undefined'],
  ['title', 'empty'],
  ['description', 'empty'],
  ['nullable', 'false'],
  ['x-kubernetes-preserve-unknown-fields', 'false'],
  ['x-kubernetes-embedded-resource', 'false'],
  ['x-kubernetes-int-or-string', 'false'],
  ['x-kubernetes-list-map-keys', 'empty'],
  ['x-kubernetes-list-type', 'undefined'],
  ['x-kubernetes-map-type', 'undefined'],
  ['x-kubernetes-validations', 'empty'],
] as const

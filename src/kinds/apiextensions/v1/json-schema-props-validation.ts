import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import type { JSONSchemaProps } from './json-schema-props.ts'
import { validateListType, validateMapKeys } from './schema-list-type-validation.ts'
import { validateRules } from './schema-rules-validation.ts'
import { isSchema, itemSchemaOf, itemSchemasOf, valueSchemaOf } from './schema-walk.ts'

type Schema = JSONSchemaProps

/** What older definitions may keep, since they were accepted with it. */
export interface SchemaOptions {
  readonly requiresKnownTypes: boolean
  readonly requiresAtomicSets: boolean
  readonly requiresSoundMapKeys: boolean
  readonly requiresPrunedDefaults: boolean
  /** The schema is the one that was accepted before, whatever its rules cost. */
  readonly ignoresRuleCost?: boolean
}

interface Place {
  readonly options: SchemaOptions
  readonly isRoot: boolean
  readonly isInMetadata: boolean
  /** Why no default may stand here. */
  readonly noDefaults: string | undefined
}

export const KNOWN_TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const RESOURCE_FIELDS = ['metadata', 'kind', 'apiVersion']
const UNSUPPORTED_MAPS = ['patternProperties', 'definitions'] as const

/** Rules of each schema inside the schema of a definition, CEL apart. */
export function validateSchema(
  schema: Schema,
  options: SchemaOptions,
  path: FieldPath,
): FieldErrors {
  const place = { options, isRoot: true, isInMetadata: false, noDefaults: undefined }
  return validateAt(schema, place, path)
}

function* validateAt(schema: Schema, place: Place, path: FieldPath): FieldErrors {
  yield* validateSupported(schema, place, path)
  if (schema.uniqueItems) {
    const why = 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'
    yield forbidden(path.child('uniqueItems'), why)
  }
  const inner = { ...place, isRoot: false }
  yield* validateMap(schema, inner, path)
  yield* validateProperties(schema, place, path)
  yield* validateBranches(schema, inner, path)
  const items = itemSchemaOf(schema)
  if (items !== undefined) yield* validateAt(items, inner, path.child('items'))
  for (const [index, item] of itemSchemasOf(schema).entries()) {
    yield* validateAt(item, inner, path.child('items').index(index))
  }
  for (const [name, dependency] of Object.entries(schema.dependencies ?? {})) {
    if (!isSchema(dependency)) continue
    yield* validateAt(dependency, inner, path.child('dependencies').key(name))
  }
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) {
    const why = 'must be true or undefined'
    yield invalid(path.child('x-kubernetes-preserve-unknown-fields'), false, why)
  }
  yield* validateMapType(schema, path)
  yield* validateListType(schema, place.options.requiresAtomicSets, path)
  if (place.options.requiresSoundMapKeys) yield* validateMapKeys(schema, path)
  yield* validateRules(schema, path)
}

/** What OpenAPI v3 schemas of Kubernetes leave out. */
function* validateSupported(schema: Schema, place: Place, path: FieldPath): FieldErrors {
  const { type = '' } = schema
  if (place.options.requiresKnownTypes && type !== '' && !KNOWN_TYPES.includes(type)) {
    yield notSupported(path.child('type'), type, KNOWN_TYPES)
  }
  if (schema.default !== undefined && place.noDefaults !== undefined) {
    yield forbidden(path.child('default'), `must not be set ${place.noDefaults}`)
  }
  if (schema.id) yield forbidden(path.child('id'), 'id is not supported')
  if (schema.additionalItems !== undefined) {
    yield forbidden(path.child('additionalItems'), 'additionalItems is not supported')
  }
  for (const field of UNSUPPORTED_MAPS) {
    if (Object.keys(schema[field] ?? {}).length > 0) {
      yield forbidden(path.child(field), `${field} is not supported`)
    }
  }
  for (const field of ['dependencies', '$ref'] as const) {
    if (schema[field] !== undefined) {
      yield forbidden(path.child(field), `${field} is not supported`)
    }
  }
  if (type === 'null') {
    const why = 'type cannot be set to null, use nullable as an alternative'
    yield forbidden(path.child('type'), why)
  }
  if (itemSchemasOf(schema).length > 0) {
    yield forbidden(path.child('items'), 'items must be a schema object and not an array')
  }
  if (place.isInMetadata && schema['x-kubernetes-embedded-resource']) {
    const why = 'must not be used inside of resource meta'
    yield forbidden(path.child('x-kubernetes-embedded-resource'), why)
  }
}

/** A value is a struct or a map, not both: unknown fields of a struct are dropped. */
function* validateMap(schema: Schema, place: Place, path: FieldPath): FieldErrors {
  const { additionalProperties, properties = {} } = schema
  if (additionalProperties === undefined) return
  const at = path.child('additionalProperties')
  if (Object.keys(properties).length > 0 && additionalProperties !== true) {
    yield forbidden(at, 'additionalProperties and properties are mutual exclusive')
  }
  const values = valueSchemaOf(schema)
  if (values === undefined) return
  const noDefaults = place.isInMetadata
    ? 'inside additionalProperties applying to object metadata'
    : place.noDefaults
  yield* validateAt(values, { ...place, noDefaults }, at)
}

function* validateProperties(schema: Schema, place: Place, path: FieldPath): FieldErrors {
  const isResource = place.isRoot || schema['x-kubernetes-embedded-resource'] === true
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isOfResource = isResource && RESOURCE_FIELDS.includes(name)
    const noDefaults = isOfResource && place.isRoot ? `in top-level ${name}` : place.noDefaults
    const isInMetadata = isOfResource || place.isInMetadata
    const inner = { ...place, isRoot: false, isInMetadata, noDefaults }
    yield* validateAt(property, inner, path.child('properties').key(name))
  }
}

function* validateBranches(schema: Schema, place: Place, path: FieldPath): FieldErrors {
  if (schema.not !== undefined) yield* validateAt(schema.not, place, path.child('not'))
  for (const field of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [index, branch] of (schema[field] ?? []).entries()) {
      yield* validateAt(branch, place, path.child(field).index(index))
    }
  }
  for (const [name, definition] of Object.entries(schema.definitions ?? {})) {
    yield* validateAt(definition, place, path.child('definitions').key(name))
  }
}

function* validateMapType(schema: Schema, path: FieldPath): FieldErrors {
  const { type = '', 'x-kubernetes-map-type': mapType } = schema
  if (mapType === undefined) return
  if (type !== 'object') {
    const why = 'must be object if x-kubernetes-map-type is specified'
    const at = path.child('type')
    yield type === '' ? required(at, why) : invalid(at, type, why)
  }
  const known = ['atomic', 'granular']
  if (!known.includes(mapType)) {
    yield notSupported(path.child('x-kubernetes-map-type'), mapType, known)
  }
}

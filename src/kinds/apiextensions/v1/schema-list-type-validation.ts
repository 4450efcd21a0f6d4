import {
  type FieldErrors,
  type FieldPath,
  forbidden,
  invalid,
  notSupported,
  required,
} from '../../../machinery/field-error.ts'
import { repeatedPlaces } from '../../../machinery/repeated-places.ts'
import type { JSONSchemaProps } from './json-schema-props.ts'
import { itemSchemaOf, itemSchemasOf } from './schema-walk.ts'

const LIST_TYPES = ['atomic', 'set', 'map']
const LIST_TYPE = 'x-kubernetes-list-type'
const MAP_KEYS = 'x-kubernetes-list-map-keys'

/** What a list's type demands of the list and its items. */
export function* validateListType(
  schema: JSONSchemaProps,
  requiresAtomicSets: boolean,
  path: FieldPath,
): FieldErrors {
  const { type = '', [LIST_TYPE]: listType, [MAP_KEYS]: keys = [] } = schema
  if (listType !== undefined && type !== 'array') {
    const why = 'must be array if x-kubernetes-list-type is specified'
    const at = path.child('type')
    yield type === '' ? required(at, why) : invalid(at, type, why)
  } else if (requiresAtomicSets && listType === 'set') {
    yield* validateSetItems(schema, path.child('items'))
  }
  if (listType !== undefined && !LIST_TYPES.includes(listType)) {
    yield notSupported(path.child(LIST_TYPE), listType, LIST_TYPES)
  }
  if (keys.length > 0 && listType !== 'map') {
    const why = 'must be map if x-kubernetes-list-map-keys is non-empty'
    const at = path.child(LIST_TYPE)
    yield listType === undefined ? required(at, why) : invalid(at, listType, why)
  }
  if (listType === 'map') yield* validateMapList(schema, keys, path)
}

/** Whether the items of a set can be compared as a whole. */
export function hasNonAtomicSet(schema: JSONSchemaProps): boolean {
  const items = itemSchemaOf(schema)
  if (schema[LIST_TYPE] !== 'set' || items === undefined) return false
  if (items.type === 'object') return items['x-kubernetes-map-type'] !== 'atomic'
  return items.type === 'array' && (items[LIST_TYPE] ?? 'atomic') !== 'atomic'
}

function* validateSetItems(schema: JSONSchemaProps, path: FieldPath): FieldErrors {
  if (!hasNonAtomicSet(schema)) return
  const items = itemSchemaOf(schema)
  const field = items?.type === 'array' ? LIST_TYPE : 'x-kubernetes-map-type'
  const why = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  // Upstream shows the item's list type in both cases.
  yield invalid(path.child(field), items?.[LIST_TYPE], why)
}

function* validateMapList(
  schema: JSONSchemaProps,
  keys: readonly string[],
  path: FieldPath,
): FieldErrors {
  const keysPath = path.child(MAP_KEYS)
  const itemsPath = path.child('items')
  if (keys.length === 0) {
    yield required(keysPath, 'must not be empty if x-kubernetes-list-type is map')
  }
  const items = itemSchemaOf(schema)
  if (items === undefined) {
    if (itemSchemasOf(schema).length === 0) {
      yield required(itemsPath, 'must have a schema if x-kubernetes-list-type is map')
    } else {
      const why = 'must only have a single schema if x-kubernetes-list-type is map'
      yield invalid(itemsPath, schema.items, why)
    }
    return
  }
  if (items.type !== 'object') {
    const why = "must be object if parent array's x-kubernetes-list-type is map"
    yield invalid(itemsPath.child('type'), items.type ?? '', why)
    return
  }
  const repeated = repeatedPlaces(keys)
  for (const [index, key] of keys.entries()) {
    const property = propertyOf(items, key)
    if (property === undefined) {
      yield invalid(keysPath, keys, 'entries must all be names of item properties')
    } else if (property.type === 'array' || property.type === 'object') {
      const why = "must be a scalar type if parent array's x-kubernetes-list-type is map"
      yield invalid(itemsPath.child('properties').key(key).child('type'), items.type, why)
    }
    if (repeated.has(index)) {
      yield invalid(keysPath, keys, 'must not contain duplicate entries')
    }
  }
}

/** Items of a set or map are there, and the keys of a map's items always have a value. */
export function* validateMapKeys(schema: JSONSchemaProps, path: FieldPath): FieldErrors {
  const { [LIST_TYPE]: listType, [MAP_KEYS]: keys = [] } = schema
  const items = itemSchemaOf(schema)
  if (items === undefined || (listType !== 'set' && listType !== 'map')) return
  const itemsPath = path.child('items')
  if (items.nullable) {
    const why = `cannot be nullable when x-kubernetes-list-type is ${listType}`
    yield forbidden(itemsPath.child('nullable'), why)
  }
  if (listType !== 'map') return
  for (const key of keys) {
    const property = propertyOf(items, key)
    if (property === undefined) continue
    const at = itemsPath.child('properties').key(key)
    const what = 'this property is in x-kubernetes-list-map-keys, so it'
    if (!items.required?.includes(key) && property.default === undefined) {
      yield required(at.child('default'), `${what} must have a default or be a required property`)
    }
    if (property.nullable) yield forbidden(at.child('nullable'), `${what} cannot be nullable`)
  }
}

function propertyOf({ properties = {} }: JSONSchemaProps, name: string) {
  return Object.hasOwn(properties, name) ? properties[name] : undefined
}

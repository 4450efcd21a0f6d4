import { ObjectMeta } from '../../../machinery/object-meta.ts'
import type { FieldNode, SchemaNode, StructNode } from '../../../machinery/schema.ts'
import type { JSONSchemaProps } from '../v1/json-schema-props.ts'
import { itemSchemaOf, valueSchemaOf } from '../v1/schema-walk.ts'

const TEXT: SchemaNode = { type: 'scalar', format: 'string' }
/** Whatever JSON can hold. */
const ANY: SchemaNode = { type: 'scalar', format: 'json' }
/** One value of whatever type. */
const UNTYPED: SchemaNode = { type: 'scalar', format: 'quantity' }

const SCALARS: Readonly<Record<string, SchemaNode>> = {
  string: TEXT,
  boolean: { type: 'scalar', format: 'boolean' },
  integer: { type: 'scalar', format: 'int64' },
  number: { type: 'scalar', format: 'double' },
}

/** What an object has beside the fields of its schema. */
const RESOURCE: Readonly<Record<string, FieldNode>> = {
  apiVersion: { node: TEXT, required: false },
  kind: { node: TEXT, required: false },
  metadata: { node: ObjectMeta.node, required: false },
}

/**
 * The schema of a whole object in the form of built-in kinds, from which server-side apply and the
 * managed fields follow. `schema` is undefined where nothing is known of the object; `keepsUnknown`:
 * what it does not name is kept everywhere (`spec.preserveUnknownFields` of old definitions).
 */
export function applyNodeOf(
  name: string,
  schema: JSONSchemaProps | undefined,
  keepsUnknown = false,
): StructNode {
  const isOpen = keepsUnknown || schema === undefined || preservesUnknown(schema)
  const fields = { ...fieldsOf(schema ?? {}, isOpen), ...RESOURCE }
  return { type: 'struct', name, fields, ...(isOpen && { isOpen }) }
}

function preservesUnknown(schema: JSONSchemaProps): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true
}

/** `isOpen`: something around it keeps what it does not know, and so does all below it. */
function fieldsOf(
  { properties = {} }: JSONSchemaProps,
  isOpen: boolean,
): Record<string, FieldNode> {
  const fields: Record<string, FieldNode> = Object.create(null) as Record<string, FieldNode>
  for (const name of Object.keys(properties)) {
    const property = properties[name] as JSONSchemaProps
    fields[name] = { node: later(property, isOpen), required: false }
  }
  return fields
}

/** Made when it is first met: few writers touch all of a large schema. */
function later(schema: JSONSchemaProps, isOpen: boolean): SchemaNode {
  let made: SchemaNode | undefined
  const resolve = () => {
    made ??= nodeOf(schema, isOpen)
    return made
  }
  return { type: 'lazy', name: '', resolve }
}

function nodeOf(schema: JSONSchemaProps, isInOpen: boolean): SchemaNode {
  if (schema['x-kubernetes-int-or-string'] === true) return UNTYPED
  const { type = '' } = schema
  const isOpen = isInOpen || preservesUnknown(schema)
  if (type === 'array') return listOf(schema, isOpen)
  if (type === 'object') return objectOf(schema, isOpen)
  return SCALARS[type] ?? ANY
}

function objectOf(schema: JSONSchemaProps, isOpen: boolean): SchemaNode {
  const isAtomic = schema['x-kubernetes-map-type'] === 'atomic'
  const mapType = isAtomic ? ({ mapType: 'atomic' } as const) : {}
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true
  const own = fieldsOf(schema, isOpen)
  const fields = isEmbedded ? { ...own, ...RESOURCE } : own
  if (Object.keys(fields).length > 0) {
    return { type: 'struct', name: '', fields, ...mapType, ...(isOpen && { isOpen }) }
  }
  const values = valueSchemaOf(schema)
  if (values !== undefined) return { type: 'map', values: later(values, isOpen), ...mapType }
  return { type: 'map', values: ANY, ...mapType }
}

function listOf(schema: JSONSchemaProps, isOpen: boolean): SchemaNode {
  const items = itemSchemaOf(schema)
  if (items === undefined) return ANY
  const {
    'x-kubernetes-list-type': listType = 'atomic',
    'x-kubernetes-list-map-keys': listMapKeys = [],
  } = schema
  if (listType === 'map') {
    const item = nodeOf(items, isOpen)
    const node = item.type === 'struct' ? withKeyDefaults(item, items, listMapKeys) : item
    return { type: 'list', items: node, listType, listMapKeys }
  }
  return {
    type: 'list',
    items: later(items, isOpen),
    listType: listType === 'set' ? 'set' : 'atomic',
  }
}

/** An item that lacks a key has the key's default: apply must know it to find the item. */
function withKeyDefaults(
  item: StructNode,
  { properties = {} }: JSONSchemaProps,
  keys: readonly string[],
): StructNode {
  const fields: Record<string, FieldNode> = { ...item.fields }
  for (const key of keys) {
    const given = Object.hasOwn(properties, key) ? properties[key]?.default : undefined
    const field = fields[key]
    if (given === undefined || given === null || field === undefined) continue
    fields[key] = { ...field, default: given, publishesDefault: true }
  }
  return { ...item, fields }
}

import type { DeclaredField, DeclaredType, JsonShape } from './declared-type.ts'
import {
  listType,
  mapType,
  objectType,
  SCALAR_TYPES,
  type SizedTypeName,
  sizedType,
} from './declared-types.ts'
import { escapeName } from './escaping.ts'

/** A schema of OpenAPI v3 as CustomResourceDefinitions hold it: what of it matters here. */
export interface JsonSchema {
  readonly type?: string | undefined
  readonly format?: string | undefined
  readonly nullable?: boolean | undefined
  readonly properties?: { readonly [name: string]: JsonSchema } | undefined
  readonly additionalProperties?: JsonSchema | boolean | undefined
  readonly items?: JsonSchema | readonly JsonSchema[] | undefined
  readonly required?: readonly string[] | undefined
  readonly default?: unknown
  readonly enum?: readonly unknown[] | undefined
  readonly maxLength?: number | undefined
  readonly maxItems?: number | undefined
  readonly maxProperties?: number | undefined
  readonly 'x-kubernetes-int-or-string'?: boolean | undefined
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean | undefined
  readonly 'x-kubernetes-embedded-resource'?: boolean | undefined
  readonly 'x-kubernetes-list-type'?: string | undefined
  readonly 'x-kubernetes-list-map-keys'?: readonly string[] | undefined
}

/** The largest request, in bytes: nothing in it can be longer. */
const MAX_REQUEST_SIZE = 3 * 1024 * 1024
const MAX_TEXT_SIZE = MAX_REQUEST_SIZE - 2
const MAX_BYTES_OF_CODE_POINT = 4

/**
 * What expressions see of a value of a schema; `undefined` where they see nothing of it (unknown
 * fields, lists of those). The root of a resource always has `apiVersion`, `kind` and the name in
 * its metadata. `name` is that of the root's type: types within get theirs from it.
 */
export function declareSchema(
  schema: JsonSchema,
  isResourceRoot: boolean,
  name: string,
): DeclaredType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) {
    const max = schema.maxLength === undefined ? MAX_TEXT_SIZE : bytesOf(schema.maxLength)
    return { ...sizedType('int-or-string', max), shape: shapeOf(schema) }
  }
  const whole = isResourceRoot ? withTypeAndMetadata(schema) : schema
  switch (whole.type) {
    case 'array':
      return declareList(whole, name)
    case 'object':
      return declareObject(whole, name)
    case 'string':
      return { ...declareString(whole), shape: shapeOf(whole) }
    case 'boolean':
    case 'number':
    case 'integer':
      return { ...SCALAR_TYPES[whole.type], shape: shapeOf(whole) }
    default:
      return undefined
  }
}

const isEmbedded = (schema: JsonSchema) => schema['x-kubernetes-embedded-resource'] === true

const itemsOf = ({ items }: JsonSchema): JsonSchema | undefined =>
  items === undefined || 'length' in items ? undefined : (items as JsonSchema)

const valuesOf = ({ additionalProperties }: JsonSchema): JsonSchema | undefined =>
  typeof additionalProperties === 'object' ? additionalProperties : undefined

function declareList(schema: JsonSchema, name: string): DeclaredType | undefined {
  const items = itemsOf(schema)
  const elements = items && declareSchema(items, isEmbedded(items), `${name}.@idx`)
  if (elements === undefined) return undefined
  const fitting = Math.floor(MAX_TEXT_SIZE / (elements.minSerializedSize + 1))
  const max = schema.maxItems === undefined ? fitting : Math.max(schema.maxItems, 0)
  return { ...listType(elements, max), shape: shapeOf(schema) }
}

function declareObject(schema: JsonSchema, name: string): DeclaredType | undefined {
  const values = valuesOf(schema)
  if (values !== undefined) {
    const elements = declareSchema(values, isEmbedded(values), `${name}.@elem`)
    if (elements === undefined) return undefined
    // An entry is at least a key with quotes, a colon, a comma and its value.
    const fitting = Math.floor(MAX_TEXT_SIZE / (elements.minSerializedSize + 6))
    const max = schema.maxProperties === undefined ? fitting : Math.max(schema.maxProperties, 0)
    return { ...mapType(elements, max), shape: shapeOf(schema) }
  }
  const required = new Set(schema.required)
  const fields = new Map<string, DeclaredField>()
  let minSize = 2
  for (const [property, propertySchema] of Object.entries(schema.properties ?? {})) {
    const field = escapeName(property)
    const fieldName = `${name}.${field ?? property}`
    const type = declareSchema(propertySchema, isEmbedded(propertySchema), fieldName)
    if (type === undefined) continue
    if (field !== undefined) fields.set(field, { type, isRequired: required.has(property) })
    if (required.has(property) && propertySchema.default === undefined) {
      minSize += Buffer.byteLength(property) + type.minSerializedSize + 4
    }
  }
  return { ...objectType(name, fields), minSerializedSize: minSize, shape: shapeOf(schema) }
}

const FORMATS: Readonly<Record<string, SizedTypeName>> = {
  byte: 'bytes',
  duration: 'duration',
  date: 'date',
  'date-time': 'date-time',
}
const LONGEST: Readonly<Record<string, number>> = { duration: 32, date: 12, 'date-time': 32 }

function declareString({ format = '', maxLength, enum: values = [] }: JsonSchema): DeclaredType {
  const type = FORMATS[format] ?? 'string'
  const longest = LONGEST[format]
  if (longest !== undefined) return sizedType(type, longest)
  if (maxLength !== undefined) {
    return sizedType(type, format === 'byte' ? Math.max(maxLength, 0) : bytesOf(maxLength))
  }
  if (type === 'string' && values.length > 0) {
    const lengths = values.map((value) =>
      typeof value === 'string' ? Buffer.byteLength(value) : 0,
    )
    return sizedType(type, Math.max(...lengths))
  }
  return sizedType(type, MAX_TEXT_SIZE)
}

/** The schema counts code points, costs count bytes. */
const bytesOf = (maxLength: number) => Math.max(maxLength, 0) * MAX_BYTES_OF_CODE_POINT

const TEXT: JsonSchema = { type: 'string' }

/** The schema of a resource with the properties that every resource has. */
function withTypeAndMetadata(schema: JsonSchema): JsonSchema {
  const { kind, apiVersion, metadata } = schema.properties ?? {}
  const { name, generateName } = metadata?.properties ?? {}
  const isWhole = [kind, apiVersion, name, generateName].every((part) => part?.type === 'string')
  if (isWhole && metadata?.type === 'object') return schema
  const properties = {
    ...schema.properties,
    kind: TEXT,
    apiVersion: TEXT,
    metadata: { type: 'object', properties: { name: TEXT, generateName: TEXT } },
  }
  return { ...schema, properties }
}

const TEXT_SHAPES = { duration: true, date: true, 'date-time': true, byte: true } as const

/** Those within types are parts of those around them: each is made once. */
const shapes = new WeakMap<JsonSchema, JsonShape>()

/** How JSON of a schema is read. */
export function shapeOf(schema: JsonSchema): JsonShape {
  const known = shapes.get(schema)
  if (known !== undefined) return known
  const shape = newShape(schema)
  shapes.set(schema, shape)
  return shape
}

function newShape(schema: JsonSchema): JsonShape {
  const isNullable = schema.nullable === true
  if (schema['x-kubernetes-int-or-string'] === true) return { kind: 'int-or-string', isNullable }
  switch (schema.type) {
    case 'object':
      return objectShape(schema, isNullable)
    case 'array': {
      const items = itemsOf(schema)
      const style = schema['x-kubernetes-list-type']
      return {
        kind: 'list',
        isNullable,
        items: items === undefined ? { kind: 'preserved', isNullable: true } : shapeOf(items),
        style: style === 'set' || style === 'map' ? style : 'atomic',
        keys: schema['x-kubernetes-list-map-keys'] ?? [],
      }
    }
    case 'string': {
      const format = schema.format ?? ''
      const isKnown = Object.hasOwn(TEXT_SHAPES, format)
      return { kind: isKnown ? (format as keyof typeof TEXT_SHAPES) : 'string', isNullable }
    }
    case 'boolean':
    case 'integer':
    case 'number':
      return { kind: schema.type, isNullable }
    default:
      return { kind: 'preserved', isNullable }
  }
}

function objectShape(schema: JsonSchema, isNullable: boolean): JsonShape {
  const whole = isEmbedded(schema) ? withTypeAndMetadata(schema) : schema
  if (whole.properties !== undefined) {
    const entries = Object.entries(whole.properties)
    const properties = new Map(
      entries.map(([name, property]) => [name, shapeOf(property)] as const),
    )
    return { kind: 'object', isNullable, properties }
  }
  const values = valuesOf(schema)
  return { kind: 'map', isNullable, ...(values !== undefined && { values: shapeOf(values) }) }
}

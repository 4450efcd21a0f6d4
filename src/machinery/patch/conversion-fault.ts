import { isJsonObject } from '../json-value.ts'
import {
  type FieldNode,
  resolveNode,
  type ScalarFormat,
  type SchemaNode,
  type StructNode,
} from '../schema.ts'

/** The Go types of scalars that are converted, rather than read from JSON. */
const CONVERTED: Readonly<Partial<Record<ScalarFormat, string>>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
}

/**
 * Why the result of a strategic merge patch does not fit its schema, in the words of upstream's
 * converter, which reads no JSON here: `cannot restore map from string`. Undefined where nothing is
 * wrong that the converter would see before anybody else. What is the same as `before`, the object
 * that was patched, is right.
 */
export function conversionFault(
  given: SchemaNode,
  value: unknown,
  before?: unknown,
): string | undefined {
  if (value === null || value === undefined || value === before) return undefined
  const node = resolveNode(given)
  switch (node.type) {
    case 'scalar':
      return scalarFault(node.format, value)
    case 'list':
      if (!Array.isArray(value)) return `cannot restore slice from ${kindOf(value)}`
      return listFault(node.items, value, Array.isArray(before) ? before : [])
    case 'map':
      if (!isJsonObject(value)) return `cannot restore map from ${kindOf(value)}`
      return firstFault(Object.values(value), (item) => conversionFault(node.values, item))
    case 'struct':
      if (!isJsonObject(value)) return `cannot restore struct from: ${kindOf(value)}`
      return structFault(node, value, isJsonObject(before) ? before : {})
  }
}

function listFault(
  items: SchemaNode,
  value: readonly unknown[],
  before: readonly unknown[],
): string | undefined {
  for (let index = 0; index < value.length; index++) {
    const fault = conversionFault(items, value[index], before[index])
    if (fault !== undefined) return fault
  }
  return undefined
}

/** In the order of the schema's fields. */
function structFault(
  { fields }: StructNode,
  value: Readonly<Record<string, unknown>>,
  before: Readonly<Record<string, unknown>>,
): string | undefined {
  for (const name in fields) {
    if (!Object.hasOwn(value, name) || value[name] === before[name]) continue
    const fault = conversionFault((fields[name] as FieldNode).node, value[name], before[name])
    if (fault !== undefined) return fault
  }
  return undefined
}

function firstFault<T>(items: Iterable<T>, faultOf: (item: T) => string | undefined) {
  for (const item of items) {
    const fault = faultOf(item)
    if (fault !== undefined) return fault
  }
  return undefined
}

function scalarFault(format: ScalarFormat, value: unknown): string | undefined {
  if (format === 'byte') {
    if (typeof value === 'string' || Array.isArray(value)) return undefined
    return `cannot restore slice from ${kindOf(value)}`
  }
  const type = CONVERTED[format]
  if (type === undefined) return undefined
  const kind = kindOf(value)
  const isNumber = kind === 'int64' || kind === 'float64'
  if (kind === type || (isNumber && type === 'float64')) return undefined
  // Go turns an integer into a character, but no text into a number.
  if (isNumber && type === 'string') {
    return kind === 'int64' ? 'cannot convert int64 to string' : 'unrecognized type: string'
  }
  if (isNumber && type !== 'bool') {
    return kind === 'int64' ? undefined : `cannot convert float64 to ${type}`
  }
  return `unrecognized type: ${type}`
}

/** What Go holds an untyped JSON value in. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int64'
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64'
    default:
      return 'map'
  }
}

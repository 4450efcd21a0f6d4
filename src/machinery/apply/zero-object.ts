import { isJsonObject } from '../json-value.ts'
import type { Kind } from '../kind.ts'
import type { JsonObject, SchemaNode, StructNode } from '../schema.ts'
import { type FieldNode, resolveNode } from '../schema.ts'

const zeros = new WeakMap<Kind, JsonObject>()

/**
 * An object of a kind before anything was set, as Go has it: the structs that it holds by value
 * are there, empty, and so are fields without `omitempty`. What a new object adds to this is what
 * its creator owns; so nobody owns `spec` by itself.
 */
export function zeroObject(kind: Kind): JsonObject {
  let zero = zeros.get(kind)
  if (zero === undefined) {
    const { apiVersion, kind: name } = kind
    zero = { apiVersion, kind: name, metadata: {}, ...zeroStruct(kind.schema) }
    zeros.set(kind, zero)
  }
  return zero
}

function zeroStruct(struct: StructNode): JsonObject {
  const zero: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(struct.fields)) {
    const value = zeroField(field)
    if (value !== undefined) zero[name] = value
  }
  return zero
}

/** Undefined for what Go leaves out. */
function zeroField(field: FieldNode): unknown {
  const { node: given, required, isPointer = false, writesNull = false, default: usual } = field
  if (writesNull) return null
  const node = resolveNode(given)
  if (node.type === 'struct') {
    const isAtomic = (field.mapType ?? node.mapType) === 'atomic'
    if (isPointer) return required && isAtomic ? null : undefined
    const isByValue = required || isEmptyObject(usual) || node.name === 'meta.v1.ObjectMeta'
    return isByValue ? zeroStruct(node) : undefined
  }
  const isScalar = node.type === 'scalar'
  // A default that is the zero value is never left out, so that nobody owns it either.
  if (!required) return isScalar && !isPointer && usual === ZERO[node.format] ? usual : undefined
  // A set is left out where it is empty, though it is required.
  if (node.type === 'list' && node.listType === 'set') return undefined
  if (!isScalar) return null
  if (isPointer) return undefined
  return ZERO[node.format] ?? null
}

const ZERO: Readonly<Record<string, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
  'int-or-string': 0,
  quantity: '0',
}

/**
 * An object with the fields that Go always has, as conversions between versions expect them: of an
 * object of which a part was taken away, more may be missing than of any that was decoded.
 */
export function withZeros(given: SchemaNode, value: unknown): unknown {
  const node = resolveNode(given)
  if (node.type === 'list') {
    return Array.isArray(value) ? value.map((item) => withZeros(node.items, item)) : value
  }
  if (!isJsonObject(value)) return value
  if (node.type === 'map') {
    const entries = Object.entries(value).map(([key, item]) => [key, withZeros(node.values, item)])
    return Object.fromEntries(entries) as unknown
  }
  if (node.type !== 'struct') return value
  const complete: Record<string, unknown> = { ...value }
  for (const [name, field] of Object.entries(node.fields)) {
    const part = complete[name] ?? zeroPart(field)
    if (part !== undefined) complete[name] = withZeros(field.node, part)
  }
  return complete
}

function zeroPart(field: FieldNode): unknown {
  const zero = zeroField(field)
  if (zero !== null) return zero
  const { type } = resolveNode(field.node)
  return type === 'list' ? [] : type === 'map' ? {} : undefined
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

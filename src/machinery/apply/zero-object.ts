import type { Kind } from '../kind.ts'
import type { JsonObject, StructNode } from '../schema.ts'
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
function zeroField({ node: given, required, isPointer, default: usual }: FieldNode): unknown {
  const node = resolveNode(given)
  if (node.type === 'struct') {
    if (isPointer) return required ? null : undefined
    const isByValue = required || isEmptyObject(usual) || node.name === 'meta.v1.ObjectMeta'
    return isByValue ? zeroStruct(node) : undefined
  }
  if (!required) return undefined
  if (isPointer || node.type === 'list' || node.type === 'map') return null
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

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

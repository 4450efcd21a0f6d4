import { type FieldNode, type ListNode, resolveNode, type SchemaNode } from '../schema.ts'
import { fieldElement, type PathElement } from './path-element.ts'

/** How server-side apply sees a value: as a whole, or as parts that have owners of their own. */
export type Shape = ScalarShape | AnyShape | MapShape | StructShape | ListShape

/** One value without parts. */
export interface ScalarShape {
  readonly type: 'scalar'
  readonly accepts: 'numeric' | 'string' | 'boolean' | 'untyped'
}

/**
 * Whatever JSON can hold. `atomic` has one owner as a whole (RawExtension); of `deduced`, objects
 * are owned key by key and lists as a whole (apiextensions JSON, fields that no schema names).
 */
export interface AnyShape {
  readonly type: 'atomic' | 'deduced'
}

export interface MapShape {
  readonly type: 'map'
  readonly isAtomic: boolean
  values: Shape
}

export interface StructShape {
  readonly type: 'struct'
  readonly isAtomic: boolean
  /** It may have fields that are not named. */
  readonly isOpen?: boolean
  /** By name. */
  fields: ReadonlyMap<string, FieldShape>
}

export interface FieldShape {
  readonly element: PathElement
  readonly shape: Shape
}

export interface ListShape {
  readonly type: 'list'
  /** How its items are told apart: by their place alone, by value, or by some of their fields. */
  readonly by: 'place' | 'value' | 'key'
  readonly keys: readonly ListKey[]
  items: Shape
}

export interface ListKey {
  readonly name: string
  /** What an absent field means; undefined where an item without it has a key without it. */
  readonly default: unknown
  /** The path elements of items by this field, where it is the only key and a text: a cache. */
  readonly elements: Map<string, PathElement>
}

export const UNTYPED: ScalarShape = { type: 'scalar', accepts: 'untyped' }
export const ATOMIC: AnyShape = { type: 'atomic' }
export const DEDUCED: AnyShape = { type: 'deduced' }
/** An object of which nothing is known. */
export const DEDUCED_MAP: MapShape = { type: 'map', isAtomic: false, values: DEDUCED }

type MapType = 'atomic' | 'granular' | undefined

/** By node, since types are shared and may contain themselves; and by what the field says. */
const shapes = {
  own: new WeakMap<SchemaNode, Shape>(),
  atomic: new WeakMap<SchemaNode, Shape>(),
  granular: new WeakMap<SchemaNode, Shape>(),
}

/** The shape of a node; `mapType` is what the field that holds it says, which goes first. */
export function shapeOf(given: SchemaNode, mapType?: MapType): Shape {
  const node = resolveNode(given)
  const known = shapes[mapType ?? 'own']
  const shape = known.get(node)
  if (shape !== undefined) return shape
  switch (node.type) {
    case 'scalar': {
      const scalar = SCALARS[node.format] ?? UNTYPED
      known.set(node, scalar)
      return scalar
    }
    case 'list': {
      const list = emptyListShape(node)
      // Known before it is complete: a type may contain itself.
      known.set(node, list)
      list.items = shapeOf(node.items)
      return list
    }
    case 'map': {
      const isAtomic = (mapType ?? node.mapType) === 'atomic'
      const map: MapShape = { type: 'map', isAtomic, values: UNTYPED }
      known.set(node, map)
      map.values = shapeOf(node.values)
      return map
    }
    case 'struct': {
      const isAtomic = (mapType ?? node.mapType) === 'atomic'
      const fields = new Map<string, FieldShape>()
      const struct: StructShape = {
        ...{ type: 'struct', isAtomic, fields },
        ...(node.isOpen && { isOpen: true }),
      }
      known.set(node, struct)
      for (const [name, field] of Object.entries(node.fields)) {
        fields.set(name, { element: fieldElement(name), shape: shapeOf(field.node, field.mapType) })
      }
      return struct
    }
  }
}

const SCALARS: Readonly<Record<string, Shape>> = {
  string: { type: 'scalar', accepts: 'string' },
  boolean: { type: 'scalar', accepts: 'boolean' },
  int32: { type: 'scalar', accepts: 'numeric' },
  int64: { type: 'scalar', accepts: 'numeric' },
  double: { type: 'scalar', accepts: 'numeric' },
  byte: { type: 'scalar', accepts: 'string' },
  // OpenAPI gives it no type, so that any value passes, until it is read.
  'int-or-string': DEDUCED,
  raw: ATOMIC,
  'fields-v1': DEDUCED_MAP,
  json: DEDUCED,
}

/** A list says how it is merged, or its strategic merge patch does, or it is one whole. */
function emptyListShape(node: ListNode): ListShape {
  const { listType, listMapKeys, patchStrategy = '', patchMergeKey } = node
  if (listType === 'map') return keyedList(node, listMapKeys ?? [])
  if (listType === 'set') return { type: 'list', by: 'value', keys: [], items: UNTYPED }
  const isMerged = listType === undefined && /^merge(,retainKeys)?$/.test(patchStrategy)
  if (!isMerged) return { type: 'list', by: 'place', keys: [], items: UNTYPED }
  if (patchMergeKey !== undefined) return keyedList(node, [patchMergeKey])
  return { type: 'list', by: 'value', keys: [], items: UNTYPED }
}

function keyedList({ items }: ListNode, names: readonly string[]): ListShape {
  const item = resolveNode(items)
  const fields = item.type === 'struct' ? item.fields : {}
  const keys = names.map((name) => ({
    name,
    default: publishedDefault(fields[name]),
    elements: new Map<string, PathElement>(),
  }))
  return { type: 'list', by: 'key', keys, items: UNTYPED }
}

const ZERO: Readonly<Record<string, unknown>> = {
  string: '',
  boolean: false,
  int32: 0,
  int64: 0,
  double: 0,
}

/** The default that OpenAPI shows for a scalar: upstream's apply reads no other. */
function publishedDefault(field: FieldNode | undefined): unknown {
  if (field === undefined) return undefined
  if (field.publishesDefault) return field.default
  if (field.publishedZero !== undefined) return field.publishedZero
  const node = resolveNode(field.node)
  if (field.isPointer || !field.required || node.type !== 'scalar') return undefined
  return ZERO[node.format]
}

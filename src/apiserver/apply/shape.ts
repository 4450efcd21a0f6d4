import { resolveNode, type SchemaNode, type StructNode } from '../../machinery/schema.ts'

/** How server-side apply sees a value: as a whole, or as parts that have owners of their own. */
export type Shape =
  /** Scalars, and what has one owner as a whole. */
  | { readonly type: 'leaf' }
  | { readonly type: 'struct'; readonly fields: StructNode['fields'] }
  | { readonly type: 'map'; readonly values: SchemaNode }
  | { readonly type: 'set' }
  | {
      readonly type: 'list'
      readonly items: SchemaNode
      /** The fields that tell items apart, with what an absent one means. */
      readonly keys: readonly ListKey[]
    }

export interface ListKey {
  readonly name: string
  readonly default: unknown
}

const LEAF: Shape = { type: 'leaf' }
const shapes = new WeakMap<SchemaNode, Shape>()

/** The shape of a node; `mapType` is what the field that holds it says. */
export function shapeOf(given: SchemaNode, mapType?: 'atomic' | 'granular'): Shape {
  if (mapType === 'atomic') return LEAF
  const node = resolveNode(given)
  let shape = shapes.get(node)
  if (shape === undefined) {
    shape = compile(node)
    shapes.set(node, shape)
  }
  return shape
}

function compile(node: ReturnType<typeof resolveNode>): Shape {
  if (node.type === 'scalar') return LEAF
  if (node.type === 'list') {
    if (node.listType === 'set') return { type: 'set' }
    if (node.listType !== 'map') return LEAF
    return { type: 'list', items: node.items, keys: keysOf(node.items, node.listMapKeys ?? []) }
  }
  if (node.mapType === 'atomic') return LEAF
  if (node.type === 'map') return { type: 'map', values: node.values }
  return { type: 'struct', fields: node.fields }
}

/** In the order of their names, as they stand in a path. */
function keysOf(items: SchemaNode, names: readonly string[]): readonly ListKey[] {
  const node = resolveNode(items)
  const fields = node.type === 'struct' ? node.fields : {}
  return names.toSorted().map((name) => ({ name, default: fields[name]?.default }))
}

/** The parts of a value by their path elements, in order; undefined for a leaf or nothing in it. */
export function partsOf(shape: Shape, value: unknown): Map<string, Part> | undefined {
  switch (shape.type) {
    case 'leaf':
      return undefined
    case 'struct':
    case 'map':
      return fieldsOf(shape, value)
    default:
      return itemsOf(shape, value)
  }
}

export interface Part {
  readonly value: unknown
  readonly shape: Shape
  /** A key of a map or an item of a list: owned beside what is in it. */
  readonly isMember: boolean
}

function fieldsOf(shape: Shape & { type: 'struct' | 'map' }, value: unknown) {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const parts = new Map<string, Part>()
  for (const [name, field] of Object.entries(value)) {
    if (field === undefined) continue
    const declared = shape.type === 'struct' ? shape.fields[name] : undefined
    const node = declared?.node ?? (shape.type === 'map' ? shape.values : undefined)
    const part = node === undefined ? LEAF : shapeOf(node, declared?.mapType)
    parts.set(`f:${name}`, { value: field, shape: part, isMember: declared === undefined })
  }
  return parts.size === 0 ? undefined : parts
}

/** Of items with the same key only the first counts. */
function itemsOf(shape: Shape & { type: 'set' | 'list' }, value: unknown) {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const parts = new Map<string, Part>()
  for (const item of value as unknown[]) {
    const element = elementOf(shape, item)
    const part = shape.type === 'set' ? LEAF : shapeOf(shape.items)
    if (!parts.has(element)) parts.set(element, { value: item, shape: part, isMember: true })
  }
  return parts
}

/** The path element of an item: `v:"x"` in a set, `k:{"name":"x"}` in a list with keys. */
export function elementOf(shape: Shape & { type: 'set' | 'list' }, item: unknown): string {
  if (shape.type === 'set') return `v:${JSON.stringify(item)}`
  const fields = (item ?? {}) as Readonly<Record<string, unknown>>
  const keys = shape.keys.flatMap(({ name, default: usual }) => {
    const value = fields[name] ?? usual
    return value === undefined ? [] : [`${JSON.stringify(name)}:${JSON.stringify(value)}`]
  })
  return `k:{${keys.join(',')}}`
}

/** The value that parts make: what `partsOf` took apart. */
export function wholeOf(shape: Shape, parts: ReadonlyMap<string, unknown>): unknown {
  if (shape.type === 'set' || shape.type === 'list') return [...parts.values()]
  const entries = [...parts].map(([element, value]) => [element.slice('f:'.length), value])
  return Object.fromEntries(entries)
}

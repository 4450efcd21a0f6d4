import { type FieldSet, type FieldSetNode, fieldSetOf, LEAF, nodeOf } from './field-set.ts'
import { groupItems } from './list-items.ts'
import type { PathElement } from './path-element.ts'
import type { ListShape, MapShape, Shape, StructShape } from './shape.ts'
import {
  elementOfField,
  fieldsOf,
  isEmptyValue,
  isWhole,
  shapeBelow,
  shapeFor,
  shapeOfField,
} from './typed-parts.ts'

/**
 * The fields that a configuration sets: its leaves, the keys of its maps and the items of its
 * lists. Fields of structs that only lead to others are not among them.
 */
export function fieldSetOfValue(shape: Shape, value: unknown): FieldSet {
  return partsOf(shapeFor(shape, value), value)
}

function partsOf(shape: Shape, value: unknown): FieldSet {
  switch (shape.type) {
    case 'struct':
    case 'map':
      return partsOfFields(shape, value)
    case 'list':
      return partsOfItems(shape, value)
    default:
      return fieldSetOf(new Map())
  }
}

function partsOfFields(shape: StructShape | MapShape, value: unknown): FieldSet {
  const nodes = new Map<PathElement, FieldSetNode>()
  const fields = fieldsOf(value)
  for (const name of Object.keys(fields)) {
    const field = fields[name]
    if (field === undefined) continue
    const isDeclared = shape.type === 'struct' && shape.fields.has(name)
    const node = nodeFor(shapeOfField(shape, name), field, !isDeclared)
    if (node !== undefined) nodes.set(elementOfField(shape, name), node)
  }
  return fieldSetOf(nodes)
}

function nodeFor(given: Shape, value: unknown, isMember: boolean): FieldSetNode | undefined {
  const shape = shapeFor(given, value)
  if (isWhole(shape) || value === null) return LEAF
  // An empty list sets nothing, but an empty map is there all the same.
  if (isEmptyValue(value)) return shape.type !== 'list' || isMember ? LEAF : undefined
  const below = partsOf(shape, value)
  return below.isEmpty && !isMember ? undefined : nodeOf(isMember, below)
}

/** Of items that stand more than once, only the place is owned. */
function partsOfItems(shape: ListShape, value: unknown): FieldSet {
  const nodes = new Map<PathElement, FieldSetNode>()
  for (const [element, items] of groupItems(shape, value)) {
    const node = items.length > 1 ? LEAF : nodeFor(shape.items, items[0], true)
    if (node !== undefined) nodes.set(element, node)
  }
  return fieldSetOf(nodes)
}

/**
 * The set with the declared fields on the way to each path, which are not members by themselves:
 * what is compared before something is removed.
 */
export function withNamedFields(set: FieldSet, shape: Shape | undefined): FieldSet {
  const nodes = new Map<PathElement, FieldSetNode>()
  for (const [element, node] of set.nodes) {
    const { isMember, below } = node
    if (below.isEmpty) {
      nodes.set(element, node)
      continue
    }
    const inner = shape === undefined ? undefined : shapeBelow(shape, element)
    const isNamed = shape?.type === 'struct' && inner !== undefined
    nodes.set(element, nodeOf(isMember || isNamed, withNamedFields(below, inner)))
  }
  return fieldSetOf(nodes)
}

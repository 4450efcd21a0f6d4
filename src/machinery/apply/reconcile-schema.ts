import { type FieldSet, type FieldSetNode, fieldSetOf, LEAF, nodeOf } from './field-set.ts'
import type { PathElement } from './path-element.ts'
import type { Shape } from './shape.ts'
import { isWhole, shapeBelow } from './typed-parts.ts'

/** By shape: the sets of managers are the same objects from one write to the next. */
const reconciled = new WeakMap<Shape, WeakMap<FieldSet, FieldSet>>()

/**
 * A manager's fields by today's schema: where a list or map has become atomic since they were
 * written, who owned a part of it owns the whole. What a schema does not know stays.
 */
export function reconcileWithSchema(shape: Shape, fields: FieldSet): FieldSet {
  let known = reconciled.get(shape)
  if (known === undefined) {
    known = new WeakMap()
    reconciled.set(shape, known)
  }
  let result = known.get(fields)
  if (result === undefined) {
    result = reconcile(shape, fields)
    known.set(fields, result)
  }
  return result
}

function reconcile(shape: Shape, fields: FieldSet): FieldSet {
  let nodes: Map<PathElement, FieldSetNode> | undefined
  for (const [element, node] of fields.nodes) {
    if (node.below.isEmpty) continue
    const inner = shapeBelow(shape, element)
    if (inner === undefined) continue
    const changed = isAtomicContainer(inner) ? LEAF : withBelow(node, reconcile(inner, node.below))
    if (changed === node) continue
    nodes ??= new Map(fields.nodes)
    nodes.set(element, changed)
  }
  return nodes === undefined ? fields : fieldSetOf(nodes)
}

function isAtomicContainer(shape: Shape): boolean {
  const isContainer = shape.type === 'list' || shape.type === 'map' || shape.type === 'struct'
  return shape.type === 'atomic' || (isContainer && isWhole(shape))
}

function withBelow(node: FieldSetNode, below: FieldSet): FieldSetNode {
  return below === node.below ? node : nodeOf(node.isMember, below)
}

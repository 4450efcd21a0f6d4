import { deepEqual } from '../deep-equal.ts'
import {
  beginSearch,
  FieldSet,
  type FieldSetNode,
  fieldSetOf,
  LEAF,
  MOST_SHARED,
  nodeOf,
} from './field-set.ts'
import { groupItems } from './list-items.ts'
import { fieldElement, type PathElement } from './path-element.ts'
import type { ListShape, MapShape, Shape, StructShape } from './shape.ts'
import { fieldShapeOf, fieldsOf, isEmptyValue, isWhole, shapeFor } from './typed-parts.ts'

/** What differs between two states of an object. No field is in two of the sets. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

/** Differences under construction; most objects differ in few places. */
interface Found {
  added?: Map<PathElement, FieldSetNode>
  modified?: Map<PathElement, FieldSetNode>
  removed?: Map<PathElement, FieldSetNode>
}

/**
 * Compares two states of one object. What they share is not looked into, so that a change of one
 * field costs the way to that field. Throws TypedValueError for a list item without a key.
 */
export function compare(shape: Shape, before: unknown, after: unknown): Comparison {
  const found: Found = {}
  if (before !== after) compareParts(shapeFor(shape, after), before, after, found)
  return {
    added: setOf(found.added),
    modified: setOf(found.modified),
    removed: setOf(found.removed),
  }
}

function setOf(nodes: Map<PathElement, FieldSetNode> | undefined): FieldSet {
  return nodes === undefined ? FieldSet.empty : fieldSetOf(nodes)
}

function compareAt(
  given: Shape,
  before: unknown,
  after: unknown,
  element: PathElement,
  into: Found,
): void {
  if (before === after) return
  if (before === undefined) {
    put(into, 'added', element, wholeNode(given, after))
    return
  }
  if (after === undefined) {
    put(into, 'removed', element, wholeNode(given, before))
    return
  }
  const shape = shapeFor(given, after)
  if (isWhole(shape) || (isEmptyValue(before) && isEmptyValue(after))) {
    if (given.type === 'deduced') removeParts(given, before, element, into)
    if (!deepEqual(before, after)) put(into, 'modified', element, LEAF)
    return
  }
  const below: Found = {}
  compareParts(shape, before, after, below)
  // Without a schema, what was no object is replaced as a whole by what is one.
  if (given.type === 'deduced' && isNoObject(before)) put(into, 'modified', element, LEAF)
  if (below.added !== undefined) put(into, 'added', element, nodeOf(false, setOf(below.added)))
  if (below.modified !== undefined) {
    put(into, 'modified', element, nodeOf(false, setOf(below.modified)))
  }
  if (below.removed !== undefined) {
    put(into, 'removed', element, nodeOf(false, setOf(below.removed)))
  }
}

function put(into: Found, set: keyof Found, element: PathElement, node: FieldSetNode): void {
  const nodes = into[set]
  if (nodes === undefined) into[set] = new Map([[element, node]])
  else nodes.set(element, node)
}

function isNoObject(value: unknown): boolean {
  return value !== null && (typeof value !== 'object' || Array.isArray(value))
}

/** Where a value without a schema was an object and is none any more, its parts have gone. */
function removeParts(shape: Shape, before: unknown, element: PathElement, into: Found): void {
  const { below } = wholeNode(shape, before)
  if (below.isEmpty) return
  put(into, 'removed', element, nodeOf(false, below))
}

function compareParts(shape: Shape, before: unknown, after: unknown, into: Found): void {
  if (shape.type === 'struct' || shape.type === 'map') compareFields(shape, before, after, into)
  else if (shape.type === 'list') compareItems(shape, before, after, into)
}

function compareFields(
  shape: StructShape | MapShape,
  before: unknown,
  after: unknown,
  into: Found,
): void {
  const old = fieldsOf(before)
  const now = fieldsOf(after)
  for (const name of Object.keys(now)) {
    const value = now[name]
    const was = Object.hasOwn(old, name) ? old[name] : undefined
    if (value !== was) compareField(shape, name, was, value, into)
  }
  for (const name of Object.keys(old)) {
    if (!Object.hasOwn(now, name)) compareField(shape, name, old[name], undefined, into)
  }
}

function compareField(
  shape: StructShape | MapShape,
  name: string,
  before: unknown,
  after: unknown,
  into: Found,
): void {
  const field = fieldShapeOf(shape, name)
  compareAt(field.shape, before, after, field.element, into)
}

function compareItems(shape: ListShape, before: unknown, after: unknown, into: Found): void {
  const old = groupItems(shape, before)
  const now = groupItems(shape, after)
  for (const [element, items] of old) compareGroups(shape, items, now.get(element), element, into)
  for (const [element, items] of now) {
    if (!old.has(element)) compareGroups(shape, undefined, items, element, into)
  }
}

const NO_ITEMS: readonly unknown[] = []

/** Items that stand more than once are compared as a whole. */
function compareGroups(
  shape: ListShape,
  before: readonly unknown[] = NO_ITEMS,
  after: readonly unknown[] = NO_ITEMS,
  element: PathElement,
  into: Found,
): void {
  const isDoubled = before.length > 1
  const willBeDoubled = after.length > 1
  if (!isDoubled && !willBeDoubled) {
    compareAt(shape.items, before[0], after[0], element, into)
  } else if (isDoubled && willBeDoubled) {
    if (!deepEqual(before, after)) put(into, 'modified', element, LEAF)
  } else if (isDoubled) {
    compareAt(shape.items, undefined, after[0], element, into)
    put(into, 'removed', element, LEAF)
  } else {
    compareAt(shape.items, before[0], undefined, element, into)
    put(into, 'added', element, LEAF)
  }
}

/** All that is in a value that came or went: itself, and each part of it. */
function wholeNode(given: Shape, value: unknown): FieldSetNode {
  const shape = shapeFor(given, value)
  if (isWhole(shape) || typeof value !== 'object' || value === null) return LEAF
  if (shape.type === 'list') return fieldSetOf(wholeItems(shape, value)).asMember
  if (shape.type !== 'struct' && shape.type !== 'map') return LEAF
  const fields = fieldsOf(value)
  const names = Object.keys(fields)
  if (names.length > MOST_SHARED) return fieldSetOf(wholeFields(shape, fields)).asMember
  const begin = beginSearch()
  let step = begin
  for (const name of names) {
    const field = fields[name]
    if (field === undefined) continue
    const { element, shape: inner } = fieldShapeOf(shape, name)
    step = step.next(element, wholeNode(inner, field))
  }
  if (step === begin) return LEAF
  step.set ??= fieldSetOf(wholeFields(shape, fields))
  return step.set.asMember
}

function wholeFields(
  shape: StructShape | MapShape,
  fields: Readonly<Record<string, unknown>>,
): ReadonlyMap<PathElement, FieldSetNode> {
  const nodes = new Map<PathElement, FieldSetNode>()
  const areLeaves = shape.type === 'map' && shape.values.type === 'scalar'
  for (const name of Object.keys(fields)) {
    const field = fields[name]
    if (field === undefined) continue
    if (areLeaves) {
      nodes.set(fieldElement(name), LEAF)
      continue
    }
    const { element, shape: inner } = fieldShapeOf(shape, name)
    nodes.set(element, wholeNode(inner, field))
  }
  return nodes
}

function wholeItems(shape: ListShape, value: unknown): ReadonlyMap<PathElement, FieldSetNode> {
  const nodes = new Map<PathElement, FieldSetNode>()
  for (const [element, items] of groupItems(shape, value)) {
    nodes.set(element, items.length > 1 ? LEAF : wholeNode(shape.items, items[0]))
  }
  return nodes
}

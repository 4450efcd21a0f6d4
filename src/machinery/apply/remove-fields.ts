import { setOwn } from '../../base/json.ts'
import { isJsonObject } from '../json-value.ts'
import { FieldSet, type FieldSetNode, fieldSetOf, LEAF, nodeOf } from './field-set.ts'
import { elementOfItem } from './list-items.ts'
import { fieldSetOfValue } from './owned-fields.ts'
import { fieldElement, type PathElement } from './path-element.ts'
import type { Shape } from './shape.ts'
import { elementOfField, isWhole, shapeFor, shapeOfField } from './typed-parts.ts'

/**
 * The value without these fields and all that is below them. A list or map stays when its last
 * part goes. What loses nothing is shared with the given value.
 */
export function removeFields(given: Shape, value: unknown, fields: FieldSet): unknown {
  const shape = shapeFor(given, value)
  if (fields.isEmpty || value === null || value === undefined) return value
  if (Array.isArray(value)) {
    if (isWhole(shape) || shape.type !== 'list') return shape.type === 'scalar' ? value : []
    return removeItems(shape.items, value, fields, (item) => elementOfItem(shape, item))
  }
  if (!isJsonObject(value) || shape.type === 'scalar') return value
  if (isWhole(shape) || (shape.type !== 'struct' && shape.type !== 'map')) return {}
  let result: Record<string, unknown> | undefined
  for (const name of Object.keys(value)) {
    const node = fields.nodes.get(elementOfField(shape, name))
    if (node === undefined) continue
    result ??= { ...value }
    if (node.isMember) delete result[name]
    else setOwn(result, name, removeFields(shapeOfField(shape, name), value[name], node.below))
  }
  return result ?? value
}

function removeItems(
  shape: Shape,
  list: readonly unknown[],
  fields: FieldSet,
  elementOf: (item: unknown) => PathElement,
): readonly unknown[] {
  let isSame = true
  const kept: unknown[] = []
  for (const item of list) {
    const node = fields.nodes.get(elementOf(item))
    if (node === undefined) {
      kept.push(item)
      continue
    }
    isSame = false
    if (!node.isMember) kept.push(removeFields(shape, item, node.below))
  }
  return isSame ? list : kept
}

/**
 * Only these fields of the value, as clients extract what a manager applied. With `withKeys` the
 * fields that make the keys of list items are among them. Undefined where nothing is left.
 */
export function extractFields(
  given: Shape,
  value: unknown,
  fields: FieldSet,
  withKeys = false,
): unknown {
  const wanted = withKeys ? fields.union(keyFields(given, value, fields)) : fields
  return extract(given, value, wanted)
}

function extract(given: Shape, value: unknown, fields: FieldSet): unknown {
  const shape = shapeFor(given, value)
  if (isWhole(shape) || value === null || value === undefined) return value
  if (Array.isArray(value)) {
    if (value.length === 0 || shape.type !== 'list') return value
    const items = value.flatMap((item) => {
      const node = fields.nodes.get(elementOfItem(shape, item))
      if (node === undefined) return []
      return [node.below.isEmpty ? item : (extract(shape.items, item, node.below) ?? null)]
    })
    return items.length === 0 ? undefined : items
  }
  if (!isJsonObject(value) || (shape.type !== 'struct' && shape.type !== 'map')) return value
  const names = Object.keys(value)
  if (names.length === 0) return value
  const result: Record<string, unknown> = {}
  for (const name of names) {
    const node = fields.nodes.get(elementOfField(shape, name))
    if (node === undefined) continue
    const below = node.below.isEmpty ? fields : node.below
    const part = extract(shapeOfField(shape, name), value[name], below)
    if (part !== undefined) setOwn(result, name, part)
  }
  return Object.keys(result).length === 0 ? undefined : result
}

/** The key fields of each list item in which the value has one of these fields. */
function keyFields(shape: Shape, value: unknown, fields: FieldSet): FieldSet {
  return keysBelow(fields.intersection(fieldSetOfValue(shape, value)))
}

function keysBelow(fields: FieldSet): FieldSet {
  const nodes = new Map<PathElement, FieldSetNode>()
  for (const [element, { below }] of fields.nodes) {
    const inner = keysBelow(below)
    const own = element.startsWith('k:') ? namesIn(element) : FieldSet.empty
    const all = inner.union(own)
    if (!all.isEmpty) nodes.set(element, nodeOf(false, all))
  }
  return fieldSetOf(nodes)
}

function namesIn(element: PathElement): FieldSet {
  const names = Object.keys(JSON.parse(element.slice(2)) as object)
  return fieldSetOf(new Map(names.map((name) => [fieldElement(name), LEAF])))
}

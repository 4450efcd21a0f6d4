import { setOwn } from '../../base/json.ts'
import { isJsonObject } from '../json-value.ts'
import type { FieldSet } from './field-set.ts'
import { elementOfItem } from './list-items.ts'
import type { PathElement } from './path-element.ts'
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

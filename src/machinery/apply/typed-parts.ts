import { isJsonObject } from '../json-value.ts'
import { fieldElement, type PathElement } from './path-element.ts'
import {
  ATOMIC,
  DEDUCED,
  DEDUCED_MAP,
  type FieldShape,
  type MapShape,
  type Shape,
  type StructShape,
} from './shape.ts'

/** The shape that a value has where its schema leaves that open. */
export function shapeFor(shape: Shape, value: unknown): Shape {
  if (shape.type !== 'deduced') return shape
  return isJsonObject(value) ? DEDUCED_MAP : ATOMIC
}

/** Whether values of a shape have one owner as a whole. */
export function isWhole(shape: Shape): boolean {
  switch (shape.type) {
    case 'list':
      return shape.by === 'place'
    case 'struct':
    case 'map':
      return shape.isAtomic
    default:
      return true
  }
}

/** Nothing, null, or a list or object with nothing in it. */
export function isEmptyValue(value: unknown): boolean {
  if (value === undefined || value === null) return true
  if (Array.isArray(value)) return value.length === 0
  if (typeof value !== 'object') return false
  for (const name in value) if ((value as Record<string, unknown>)[name] !== undefined) return false
  return true
}

/** The fields of a struct or map; none for null and what is no object. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return isJsonObject(value) ? value : NO_FIELDS
}

const NO_FIELDS: Readonly<Record<string, unknown>> = Object.freeze({})

/** A declared field, or one that no schema names; the key of a map. */
export function fieldShapeOf(shape: StructShape | MapShape, name: string): FieldShape {
  if (shape.type === 'struct') {
    return shape.fields.get(name) ?? { element: fieldElement(name), shape: DEDUCED }
  }
  return { element: fieldElement(name), shape: shape.values }
}

/** The shape of a field; that of unknown ones is deduced from their values. */
export function shapeOfField(shape: StructShape | MapShape, name: string): Shape {
  if (shape.type === 'map') return shape.values
  return shape.fields.get(name)?.shape ?? DEDUCED
}

/** The path element of a field. */
export function elementOfField(shape: StructShape | MapShape, name: string): PathElement {
  if (shape.type === 'map') return fieldElement(name)
  return shape.fields.get(name)?.element ?? fieldElement(name)
}

/** The shape below a path element; undefined where the schema has nothing there. */
export function shapeBelow(shape: Shape, element: PathElement): Shape | undefined {
  switch (shape.type) {
    case 'struct':
      return shape.fields.get(element.slice(2))?.shape ?? (shape.isOpen ? DEDUCED : undefined)
    case 'map':
      return shape.values
    case 'list':
      return shape.items
    case 'deduced':
      return DEDUCED
    default:
      return undefined
  }
}

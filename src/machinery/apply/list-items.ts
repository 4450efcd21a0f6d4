import { isJsonObject } from '../json-value.ts'
import {
  formatPathElement,
  keyElement,
  type PathElement,
  TypedValueError,
  valueElement,
} from './path-element.ts'
import type { ListKey, ListShape } from './shape.ts'

/** The path element of an item. Throws TypedValueError for an item that has none. */
export function elementOfItem(shape: ListShape, item: unknown): PathElement {
  return shape.by === 'value' ? elementOfValue(item) : elementOfKey(shape, item)
}

function elementOfValue(item: unknown): PathElement {
  if (item === null || item === undefined) {
    throw refuse("associative list without keys has an element that's an explicit null")
  }
  if (Array.isArray(item)) throw refuse('not supported: associative list with lists as elements')
  if (typeof item === 'object') {
    throw refuse("associative list without keys has an element that's a map type")
  }
  return valueElement(item)
}

function elementOfKey({ keys }: ListShape, item: unknown): PathElement {
  if (item === null || item === undefined) {
    throw refuse('associative list with keys may not have a null element')
  }
  if (!isJsonObject(item)) {
    throw refuse('associative list with keys may not have non-map elements')
  }
  const [only] = keys
  if (keys.length === 1 && only !== undefined) {
    const value = item[only.name]
    if (typeof value === 'string') return elementOfName(only, value)
  }
  const parts: [string, unknown][] = []
  for (const { name, default: usual } of keys) {
    const value = item[name] === undefined ? usual : item[name]
    if (value !== undefined) parts.push([name, value])
  }
  if (parts.length === 0) {
    const names = keys.map(({ name }) => JSON.stringify(name)).join(' ')
    throw refuse(
      `associative list with keys has an element that omits all key fields [${names}] ` +
        "(and doesn't have default values for any key fields)",
    )
  }
  return keyElement(parts)
}

/** So many names are known before all are forgotten; long ones are not kept. */
const MOST_KNOWN_NAMES = 1000
const LONGEST_KNOWN_NAME = 253

/** Most keys are one text, and the same ones again and again. */
function elementOfName({ name, elements }: ListKey, value: string): PathElement {
  let element = elements.get(value)
  if (element === undefined) {
    element = keyElement([[name, value]])
    if (value.length > LONGEST_KNOWN_NAME) return element
    if (elements.size >= MOST_KNOWN_NAMES) elements.clear()
    elements.set(value, element)
  }
  return element
}

function refuse(why: string): TypedValueError {
  return new TypedValueError(why)
}

/** The items of a list by their elements, in order; those that stand more than once together. */
export function groupItems(
  shape: ListShape,
  list: unknown,
): ReadonlyMap<PathElement, readonly unknown[]> {
  const groups = new Map<PathElement, unknown[]>()
  // A custom resource is looked at before anybody has judged it.
  const items: unknown = list ?? []
  if (!Array.isArray(items)) throw refuse('expected list')
  for (const [index, item] of items.entries()) {
    const element = elementAt(shape, item, index)
    const group = groups.get(element)
    if (group === undefined) groups.set(element, [item])
    else group.push(item)
  }
  return groups
}

function elementAt(shape: ListShape, item: unknown, index: number): PathElement {
  try {
    return elementOfItem(shape, item)
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error
    throw new TypedValueError(`element ${index}: ${error.message}`)
  }
}

/** The message for an item that a configuration holds twice. */
export function duplicateEntries(element: PathElement): string {
  return `duplicate entries for key ${formatPathElement(element)}`
}

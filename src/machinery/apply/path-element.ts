import type { JsonObject } from '../schema.ts'

/**
 * One step from an object to a field, in the form in which FieldsV1 writes it:
 *
 *     f:spec                     a field of a struct or a key of a map
 *     k:{"name":"c"}             the item of a list with this key, whose parts are sorted by name
 *     v:"example.com/protect"    this item of a set
 *     i:0                        an item by its place; written by nobody, read from anybody
 *
 * Two elements are the same when their texts are: every text here is the canonical one.
 */
export type PathElement = string

/** From an object to a field in it. The empty path is the object, which nobody owns. */
export type FieldPathElements = readonly PathElement[]

/** The parts of a list item's key, in any order. */
export type KeyParts = readonly (readonly [name: string, value: unknown])[]

/** Raised for managed fields and configurations that cannot be understood. */
export class TypedValueError extends Error {
  override readonly name = 'TypedValueError'
}

/** The element of a field or of a key of a map: `f:NAME`. */
export function fieldElement(name: string): PathElement {
  return `f:${name}`
}

/** The element of an item of a set: `v:VALUE`. */
export function valueElement(value: unknown): PathElement {
  return `v:${formatScalar(value)}`
}

/** The element of an item of an associative list, by its key fields in order: `k:{...}`. */
export function keyElement(parts: KeyParts): PathElement {
  const sorted = parts.length < 2 ? parts : parts.toSorted(([a], [b]) => compareText(a, b))
  let text = 'k:{'
  for (const [name, value] of sorted) {
    if (text.length > 3) text += ','
    text += `${formatScalar(name)}:${formatScalar(value)}`
  }
  return `${text}}`
}

/**
 * The canonical form of an element that somebody has sent; undefined for a sort of element that is
 * not known, which upstream ignores. Throws TypedValueError.
 */
export function parsePathElement(text: string): PathElement | undefined {
  if (text.length < 2) throw new TypedValueError('key must be 2 characters long:')
  if (text[1] !== ':') throw new TypedValueError(`missing colon: ${text}`)
  const content = text.slice(2)
  switch (text[0]) {
    case 'f':
      return text
    case 'v':
      return valueElement(parseContent(content))
    case 'k': {
      const fields = parseContent(content)
      if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
        throw new TypedValueError(`expected an object as key: ${text}`)
      }
      return keyElement(Object.entries(fields))
    }
    case 'i':
      if (!/^[+-]?[0-9]+$/.test(content)) throw new TypedValueError(`invalid index: ${text}`)
      return `i:${Number(content)}`
    default:
      return undefined
  }
}

/** As messages show an element: `.spec`, `[name="c"]`, `[="x"]`, `[0]`. */
export function formatPathElement(element: PathElement): string {
  const content = element.slice(2)
  switch (element[0]) {
    case 'f':
      return `.${content}`
    case 'v':
      return `[=${showValue(parseContent(content))}]`
    case 'k': {
      const parts = Object.entries(parseContent(content) as JsonObject)
      return `[${parts.map(([name, value]) => `${name}=${showValue(value)}`).join(',')}]`
    }
    default:
      return `[${content}]`
  }
}

/** As messages show a path: `.spec.containers[name="c"].image`. */
export function formatFieldPath(path: FieldPathElements): string {
  return path.map(formatPathElement).join('')
}

/** Upstream's order: fields by name, keys, values, then places. */
export function comparePathElements(a: PathElement, b: PathElement): number {
  if (a === b) return 0
  const sort = SORTS.indexOf(a[0] as string) - SORTS.indexOf(b[0] as string)
  if (sort !== 0) return sort
  if (a.startsWith('f')) return compareText(a, b)
  const left = parseContent(a.slice(2))
  const right = parseContent(b.slice(2))
  return a[0] === 'k'
    ? compareKeys(Object.entries(left as JsonObject), Object.entries(right as JsonObject))
    : compareScalars(left, right)
}

const SORTS = 'fkvi'

/** Fields whose names have no characters beyond the basic plane. */
const PLAIN_FIELD = /^f[\0-\ud7ff]*$/
const MANY = 100

/** In upstream's order. Thousands of keys of a map are left to the engine, which is faster. */
export function sortedPathElements(elements: readonly PathElement[]): readonly PathElement[] {
  const isPlain = elements.length > MANY && elements.every((one) => PLAIN_FIELD.test(one))
  return isPlain ? elements.toSorted() : elements.toSorted(comparePathElements)
}

function compareKeys(a: KeyParts, b: KeyParts): number {
  for (const [index, [name, value]] of a.entries()) {
    const other = b[index]
    if (other === undefined) return 1
    const order = compareText(name, other[0]) || compareScalars(value, other[1])
    if (order !== 0) return order
  }
  return a.length - b.length
}

/** Numbers stand before texts, and those before booleans. */
function compareScalars(a: unknown, b: unknown): number {
  const left = RANKS.indexOf(typeof a)
  const right = RANKS.indexOf(typeof b)
  if (left !== right) return left - right
  if (typeof a === 'string') return compareText(a, b as string)
  return Number(a) - Number(b)
}

const RANKS = ['number', 'string', 'boolean', 'object']

/** By bytes of UTF-8, as Go compares, which differs from UTF-16 beyond the basic plane. */
export function compareText(a: string, b: string): number {
  const end = Math.min(a.length, b.length)
  for (let at = 0; at < end; at++) {
    const left = a.charCodeAt(at)
    const right = b.charCodeAt(at)
    if (left !== right) return rankOfUnit(left) - rankOfUnit(right)
  }
  return a.length - b.length
}

/** Surrogates stand for what comes after all other characters. */
function rankOfUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** The text of an element keeps what Go's encoder escapes. */
function formatScalar(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  return escapedAsGo(JSON.stringify(value) ?? 'null')
}

/** JSON as Go writes it, so that it may stand in HTML and JavaScript. */
export function escapedAsGo(json: string): string {
  return NEEDS_ESCAPE.test(json) ? json.replace(ESCAPED, toEscape) : json
}

const NEEDS_ESCAPE = /[<>&\u2028\u2029]/
const ESCAPED = /[<>&\u2028\u2029]/g

function toEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function showValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(showValue).join(',')}]`
  if (typeof value === 'string') return JSON.stringify(value)
  // An object can be no key: upstream's messages show nothing in its place.
  return typeof value === 'object' && value !== null ? '' : String(value)
}

function parseContent(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new TypedValueError(`parsing key as path element: ${text}`)
  }
}

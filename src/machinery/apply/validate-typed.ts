import { isJsonObject } from '../json-value.ts'
import { duplicateEntries, elementOfItem } from './list-items.ts'
import { formatPathElement, TypedValueError } from './path-element.ts'
import type { ListShape, ScalarShape, Shape, StructShape } from './shape.ts'
import { shapeFor, shapeOfField } from './typed-parts.ts'

/**
 * Checks a configuration against its schema: every field is declared and of its type, and no item
 * of a list stands twice. Throws TypedValueError with upstream's texts.
 */
export function validateTyped(shape: Shape, value: unknown): void {
  const problems = [...problemsOf(shape, value)]
  const [first] = problems
  if (first === undefined) return
  const text = problems.length === 1 ? first : ['errors:', ...problems].join('\n  ')
  throw new TypedValueError(text)
}

function* problemsOf(given: Shape, value: unknown): Iterable<string> {
  if (value === null || value === undefined) return
  const shape = shapeFor(given, value)
  switch (shape.type) {
    case 'scalar':
      yield* scalarProblems(shape, value)
      break
    case 'list':
      if (Array.isArray(value)) yield* itemProblems(shape, value)
      else yield `expected list, got ${describe(value)}`
      break
    case 'struct':
      if (isJsonObject(value)) yield* fieldProblems(shape, value)
      else yield `expected map, got ${describe(value)}`
      break
    case 'map':
      if (!isJsonObject(value)) {
        yield `expected map, got ${describe(value)}`
        break
      }
      for (const [key, item] of Object.entries(value)) {
        yield* below(`.${key}`, problemsOf(shape.values, item))
      }
      break
    default:
  }
}

function* fieldProblems(shape: StructShape, value: Record<string, unknown>): Iterable<string> {
  for (const [name, field] of Object.entries(value)) {
    if (!shape.isOpen && !shape.fields.has(name)) {
      // Upstream looks no further in this struct.
      yield `.${name}: field not declared in schema`
      return
    }
    yield* below(`.${name}`, problemsOf(shapeOfField(shape, name), field))
  }
}

function* itemProblems(shape: ListShape, list: readonly unknown[]): Iterable<string> {
  const seen = new Set<string>()
  for (const [index, item] of list.entries()) {
    let element = `i:${index}`
    if (shape.by !== 'place') {
      try {
        element = elementOfItem(shape, item)
      } catch (error) {
        if (!(error instanceof TypedValueError)) throw error
        yield `element ${index}: ${error.message}`
        return
      }
      if (seen.has(element)) yield duplicateEntries(element)
      seen.add(element)
    }
    yield* below(formatPathElement(element), problemsOf(shape.items, item))
  }
}

/** A problem that has no path yet gets one that ends here. */
function* below(step: string, problems: Iterable<string>): Iterable<string> {
  for (const problem of problems) {
    const hasPath = problem.startsWith('.') || problem.startsWith('[')
    yield hasPath ? step + problem : `${step}: ${problem}`
  }
}

function* scalarProblems({ accepts }: ScalarShape, value: unknown): Iterable<string> {
  const type = typeof value
  const isNumeric = type === 'number' || type === 'bigint'
  switch (accepts) {
    case 'numeric':
      if (!isNumeric) yield `expected numeric (int or float), got ${goType(value)}`
      break
    case 'string':
      if (type !== 'string')
        yield `expected string, got &value.valueUnstructured{Value:${goValue(value)}}`
      break
    case 'boolean':
      if (type !== 'boolean') yield `expected boolean, got ${describe(value)}`
      break
    default:
      if (!isNumeric && type !== 'string' && type !== 'boolean') {
        yield `expected any scalar, got ${describe(value)}`
      }
  }
}

/** Go's `%T` of an untyped value. */
function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  if (typeof value === 'object') return 'map[string]interface {}'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** Go's `%v` of upstream's wrapper around an untyped value. */
function describe(value: unknown): string {
  return `&{${plainText(value)}}`
}

function plainText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(plainText).join(' ')}]`
  if (!isJsonObject(value)) return String(value)
  const fields = Object.keys(value).sort()
  return `map[${fields.map((name) => `${name}:${plainText(value[name])}`).join(' ')}]`
}

/** Go's `%#v` of an untyped value. */
function goValue(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(goValue).join(', ')}}`
  if (!isJsonObject(value)) return typeof value === 'string' ? JSON.stringify(value) : String(value)
  const fields = Object.keys(value).sort()
  const text = fields.map((name) => `${JSON.stringify(name)}:${goValue(value[name])}`).join(', ')
  return `map[string]interface {}{${text}}`
}

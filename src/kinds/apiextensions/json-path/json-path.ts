import { stringifyJson } from '../../../base/json.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import { isJsonObject, sortedJson } from '../../../machinery/json-value.ts'
import {
  type Bound,
  JsonPathError,
  type PathFilter,
  type PathStep,
  parseJsonPath,
} from './parse-json-path.ts'

/** A path into JSON values as kubectl writes it, such as `.status.conditions[0].type`. */
export class JsonPath {
  readonly #steps: readonly PathStep[]

  /** Throws JsonPathError for what is no path. */
  constructor(text: string) {
    this.#steps = parseJsonPath(text)
  }

  /** All that the path leads to; nothing where a field is missing. Throws JsonPathError. */
  find(value: unknown): readonly unknown[] {
    return walkAll([value], this.#steps)
  }
}

/** A value as client-go prints it: texts bare, objects and lists as JSON with sorted keys. */
export function formatPathValue(value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'object') return stringifyJson(sortedJson(value))
  return typeof value === 'number' ? formatNumber(value) : String(value)
}

/** Go prints floats with an exponent from 21 digits on, integers never. */
function formatNumber(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : String(value)
}

function walkAll(values: readonly unknown[], steps: readonly PathStep[]): readonly unknown[] {
  let found = values
  for (const step of steps) found = walk(found, step)
  return found
}

function walk(values: readonly unknown[], step: PathStep): readonly unknown[] {
  switch (step.type) {
    case 'field':
      return values.flatMap((value) =>
        isJsonObject(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : [],
      )
    case 'wildcard':
      return values.flatMap(childrenOf)
    case 'recursive':
      return values.flatMap(descendantsOf)
    case 'slice':
      return values.flatMap((value) => sliceItems(value, step.from, step.to, step.step))
    case 'union':
      return step.paths.flatMap((path) => walkAll(values, path))
    case 'filter':
      return values.flatMap((value) => filterItems(value, step.filter))
    case 'constant':
      return typeof step.value === 'string' ? [step.value] : values.map(() => step.value)
  }
}

function childrenOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (typeof value === 'string') return Array.from(value)
  return isJsonObject(value) ? Object.values(value) : []
}

/** With the value itself; of what has nothing inside there are none. */
function descendantsOf(value: unknown): readonly unknown[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  const children = childrenOf(value)
  return children.length === 0 ? [] : [value, ...children.flatMap(descendantsOf)]
}

function sliceItems(value: unknown, from: Bound, to: Bound, step: Bound): readonly unknown[] {
  if (value === null || value === undefined) return []
  if (!Array.isArray(value)) throw new JsonPathError('it is not array or slice')
  const { length } = value
  let start = from.value ?? 0
  if (start < 0) start += length
  let end = to.value ?? length
  if (end < 0 || (end === 0 && to.isDerived)) end += length
  if (start === end) return []
  if (start >= length || start < 0) throw outOfBounds(start, length)
  if (end > length || end < 0) throw outOfBounds(end - 1, length)
  if (start > end) {
    throw new JsonPathError(`starting index ${start} is greater than ending index ${end}`)
  }
  const width = step.value ?? 1
  if (width <= 0) throw new JsonPathError('step must be > 0')
  return value.slice(start, end).filter((_, index) => index % width === 0)
}

function outOfBounds(index: number, length: number): JsonPathError {
  return new JsonPathError(`array index out of bounds: index ${index}, length ${length}`)
}

function filterItems(value: unknown, filter: PathFilter): readonly unknown[] {
  if (!Array.isArray(value)) {
    throw new JsonPathError('it is not array or slice and cannot be filtered')
  }
  return value.filter((item) => passes(item, filter))
}

function passes(item: unknown, { operator, left, right }: PathFilter): boolean {
  const lefts = walkAll([item], left)
  if (operator === 'exists') return lefts.length > 0
  const rights = walkAll([item], right)
  if (lefts.length === 0 || rights.length === 0) return false
  if (lefts.length > 1 || rights.length > 1) {
    throw new JsonPathError('can only compare one element at a time')
  }
  return compare(lefts[0], operator, rights[0])
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  switch (operator) {
    case '==':
      return deepEqual(comparable(left), comparable(right))
    case '!=':
      return !deepEqual(comparable(left), comparable(right))
    case '<':
      return order(left, right) < 0
    case '<=':
      return order(left, right) <= 0
    case '>':
      return order(left, right) > 0
    case '>=':
      return order(left, right) >= 0
    default:
      throw new JsonPathError(`unrecognized filter operator ${operator}`)
  }
}

function comparable(value: unknown): unknown {
  return typeof value === 'bigint' ? Number(value) : value
}

function order(left: unknown, right: unknown): number {
  const [a, b] = [comparable(left), comparable(right)]
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0
  throw new JsonPathError('incompatible types for comparison')
}

import { stringifyJson } from '../../../base/json.ts'
import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
} from '../../../machinery/field-error.ts'
import { isJsonObject } from '../../../machinery/json-value.ts'
import type { Structural } from './structural.ts'

/** No item of a set stands twice, and no two items of a map have the same keys. */
export function* validateListTypes(
  value: unknown,
  schema: Structural | undefined,
  path: FieldPath,
): FieldErrors {
  if (schema === undefined || !schema.hasListTypes) return
  if (Array.isArray(value)) {
    yield* validateItems(value, schema, path)
    const { items } = schema
    for (const [index, item] of value.entries()) {
      yield* validateListTypes(item, items, path.index(index))
    }
    return
  }
  if (!isJsonObject(value)) return
  for (const [name, field] of Object.entries(value)) {
    const property = schema.property(name)
    if (property !== undefined) yield* validateListTypes(field, property, path.child(name))
    else yield* validateListTypes(field, schema.values, path.key(name))
  }
}

function* validateItems(
  list: readonly unknown[],
  { schema }: Structural,
  path: FieldPath,
): FieldErrors {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      for (const index of repeatedIn(list)) yield duplicate(path.index(index), list[index])
      break
    case 'map':
      yield* validateMapItems(list, schema['x-kubernetes-list-map-keys'] ?? [], path)
      break
    default:
  }
}

function* validateMapItems(
  list: readonly unknown[],
  names: readonly string[],
  path: FieldPath,
): FieldErrors {
  for (const [index, item] of list.entries()) {
    if (item === null || isJsonObject(item)) continue
    yield invalid(path.index(index), item, 'must be an object for an array of list-type map')
    return
  }
  const keys = list.map((item) => keysOf(item, names))
  for (const index of repeatedIn(keys)) yield duplicate(path.index(index), keys[index])
}

/** An item's key fields; one that is absent is no part of its key. */
function keysOf(item: unknown, names: readonly string[]): Record<string, unknown> {
  const keys: Record<string, unknown> = {}
  if (!isJsonObject(item)) return keys
  for (const name of names) if (Object.hasOwn(item, name)) keys[name] = item[name]
  return keys
}

/** Where a value stands the second time; a third time is not told again. */
function repeatedIn(list: readonly unknown[]): readonly number[] {
  if (list.length <= 1) return []
  const counts = new Map<string, number>()
  const repeated: number[] = []
  for (const [index, item] of list.entries()) {
    const text = canonical(item)
    const count = (counts.get(text) ?? 0) + 1
    counts.set(text, count)
    if (count === 2) repeated.push(index)
  }
  return repeated
}

/** One text for values that are equal, whatever order their keys are in. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (!isJsonObject(value)) return stringifyJson(value)
  const fields = Object.keys(value).sort()
  return `{${fields.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`
}

import { isJsonObject } from './json-value.ts'
import { type JsonObject, resolveNode, type SchemaNode } from './schema.ts'

/** Makes another value of one, or gives it back where there is nothing to change. */
type Change = (value: unknown) => unknown

const changes = new WeakMap<SchemaNode, { readonly change: Change | undefined }>()

/**
 * What makes an object what it is once stored: lists that `nullWhenEmpty` marks are null where
 * they are empty. Undefined for kinds without such lists.
 */
export function emptyListsAsNull(schema: SchemaNode): Change | undefined {
  let known = changes.get(schema)
  if (known === undefined) {
    known = { change: changeOf(schema, []) }
    changes.set(schema, known)
  }
  return known.change
}

/** A type that contains itself is followed once. */
function changeOf(given: SchemaNode, above: readonly SchemaNode[]): Change | undefined {
  const node = resolveNode(given)
  if (above.includes(node)) return undefined
  const inside = [...above, node]
  if (node.type === 'list') {
    const change = changeOf(node.items, inside)
    return change && ((value) => (Array.isArray(value) ? changedItems(value, change) : value))
  }
  if (node.type !== 'struct') return undefined
  const fields: [string, Change][] = []
  for (const [name, field] of Object.entries(node.fields)) {
    const change = changeOf(field.node, inside)
    if (field.emptyIsNull === true) fields.push([name, nullOr(change)])
    else if (change !== undefined) fields.push([name, change])
  }
  return fields.length === 0 ? undefined : (value) => changedFields(value, fields)
}

function nullOr(change: Change | undefined): Change {
  return (value) => {
    if (value === '' || (Array.isArray(value) && value.length === 0)) return null
    return change === undefined ? value : change(value)
  }
}

function changedItems(list: readonly unknown[], change: Change): readonly unknown[] {
  const changed = list.map(change)
  return changed.some((item, index) => item !== list[index]) ? changed : list
}

function changedFields(value: unknown, fields: readonly [string, Change][]): unknown {
  if (!isJsonObject(value)) return value
  let result: JsonObject = value
  for (const [name, change] of fields) {
    const field = value[name]
    if (field === undefined) continue
    const changed = change(field)
    if (changed !== field) result = { ...result, [name]: changed }
  }
  return result
}

/** A value without nulls and empty lists, between which Go's comparisons see no difference. */
export function withoutEmptyLists(value: unknown): unknown {
  if (value === null) return undefined
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(withoutEmptyLists)
  if (!isJsonObject(value)) return value
  const fields = Object.entries(value).map(([name, field]) => [name, withoutEmptyLists(field)])
  return Object.fromEntries(fields)
}

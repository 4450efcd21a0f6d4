import { isJsonObject } from '../json-value.ts'
import type { ManagedFieldsEntry } from '../object-meta.ts'
import type { JsonObject } from '../schema.ts'
import { type FieldSet, type FieldSetNode, fieldSetOf, nodeOf } from './field-set.ts'
import { type PathElement, parsePathElement, TypedValueError } from './path-element.ts'

/** Both are kept, since nearly every write reads what the one before it wrote, or writes it. */
const encoded = new WeakMap<FieldSet, JsonObject>()
const decoded = new WeakMap<JsonObject, FieldSet>()

/**
 * A set in the form in which it stands in `metadata.managedFields`: an object for each element, in
 * upstream's order, `.` for a member that has something below it. Frozen, and shared.
 */
export function toFieldsV1(set: FieldSet): JsonObject {
  let fields = encoded.get(set)
  if (fields === undefined) {
    fields = Object.freeze(encode(set, {}))
    encoded.set(set, fields)
    decoded.set(fields, set)
  }
  return fields
}

const texts = new WeakMap<JsonObject, string>()

/** The JSON of a set as `toFieldsV1` has made it: made once, and undefined for any other object. */
export function fieldsV1Text(fields: JsonObject): string | undefined {
  const text = texts.get(fields)
  if (text !== undefined || decoded.get(fields) === undefined) return text
  const made = JSON.stringify(fields)
  texts.set(fields, made)
  return made
}

/**
 * Managed fields that were parsed, with the shared FieldsV1 in place of their own: there are few
 * of them, and each object would have some hundred small objects otherwise. What cannot be
 * understood stays as it is.
 */
export function shareManagedFields(
  entries: readonly ManagedFieldsEntry[],
): readonly ManagedFieldsEntry[] {
  return entries.map((entry) => {
    if (!isJsonObject(entry) || !isJsonObject(entry.fieldsV1)) return entry
    try {
      return { ...entry, fieldsV1: toFieldsV1(fromFieldsV1(entry.fieldsV1)) }
    } catch (error) {
      if (error instanceof TypedValueError) return entry
      throw error
    }
  })
}

const EMPTY: JsonObject = Object.freeze({})

function encode(set: FieldSet, fields: Record<string, unknown>): JsonObject {
  for (const element of set.sortedElements()) {
    const { isMember, below } = set.nodes.get(element) as FieldSetNode
    fields[element] = below.isEmpty
      ? EMPTY
      : Object.freeze(encode(below, isMember ? { '.': EMPTY } : {}))
  }
  return fields
}

/** The set that stands in `metadata.managedFields`. Throws TypedValueError. */
export function fromFieldsV1(fields: JsonObject): FieldSet {
  if (!isJsonObject(fields)) throw new TypedValueError('expected an object as fieldsV1')
  let set = decoded.get(fields)
  if (set === undefined) {
    set = decode(fields)
    decoded.set(fields, set)
  }
  return set
}

function decode(fields: JsonObject): FieldSet {
  const nodes = new Map<PathElement, FieldSetNode>()
  for (const text of Object.keys(fields)) {
    if (text === '.') continue
    const element = text.startsWith('f:') ? text : parsePathElement(text)
    if (element === undefined) continue
    const inner = fields[text]
    if (!isJsonObject(inner)) throw new TypedValueError(`expected an object at ${text}`)
    const below = decode(inner)
    const isMember = below.isEmpty || Object.hasOwn(inner, '.')
    const before = nodes.get(element)
    const node = nodeOf(isMember || before?.isMember === true, before?.below.union(below) ?? below)
    nodes.set(element, node)
  }
  return fieldSetOf(nodes)
}

import { isJsonObject } from '../../../machinery/json-value.ts'
import { mapSharedFields, mapSharedItems } from './map-shared-values.ts'
import type { Structural } from './structural.ts'

/** What every resource has beside the fields of its schema. */
export const RESOURCE_FIELDS: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

export interface PruneOptions {
  /** Takes where unknown fields were found; absent where nobody asks. */
  readonly unknown?: string[] | undefined
  /** Nulls stay where none may stand, for validation to find. */
  readonly keepsNulls?: boolean
}

/**
 * A value without the fields that no schema names, and without nulls where none may stand and no
 * default takes their place. Parts that need no change are shared with the value. Without a schema
 * nothing of an object remains.
 */
export function prune(
  value: unknown,
  schema: Structural | undefined,
  { unknown, keepsNulls = false }: PruneOptions = {},
): unknown {
  const pruned = pruneAt(value, schema, { unknown, path: '', keepsUnknown: false, keepsNulls })
  if (unknown !== undefined) unknown.sort()
  return pruned
}

interface Place {
  readonly unknown: string[] | undefined
  /** As upstream writes it: `spec.list[0].name`; '' at the root. */
  readonly path: string
  /** The list around this keeps what it does not know, and so do its items. */
  readonly keepsUnknown: boolean
  readonly keepsNulls: boolean
}

function pruneAt(value: unknown, schema: Structural | undefined, place: Place): unknown {
  if (Array.isArray(value)) return pruneItems(value, schema, place)
  return isJsonObject(value) ? pruneFields(value, schema, place) : value
}

function pruneItems(list: readonly unknown[], schema: Structural | undefined, place: Place) {
  const items = schema?.items
  const keepsUnknown = place.keepsUnknown || schema?.preservesUnknown === true
  if (keepsUnknown && items === undefined) return list
  return mapSharedItems(list, (item, index) =>
    pruneAt(item, items, at(place, `[${index}]`, keepsUnknown)),
  )
}

function pruneFields(
  object: Readonly<Record<string, unknown>>,
  schema: Structural | undefined,
  place: Place,
) {
  return mapSharedFields(object, (name, value) => {
    if (schema?.isEmbedded && RESOURCE_FIELDS.has(name)) return value
    const property = schema?.property(name)
    if (property === undefined && !schema?.hasValues) {
      if (schema?.preservesUnknown || place.keepsUnknown) return value
      const isOfResource = RESOURCE_FIELDS.has(name) && place.path === ''
      if (!isOfResource) place.unknown?.push(below(place.path, name))
      return undefined
    }
    const field = property ?? schema?.values
    if (value === null && !place.keepsNulls && isDropped(field)) return undefined
    return pruneAt(value, field, at(place, name))
  })
}

/** A null where none may stand gives way to the default, or goes. */
function isDropped(schema: Structural | undefined): boolean {
  return schema !== undefined && !schema.isNullable && schema.default === undefined
}

function at(place: Place, step: string, keepsUnknown = false): Place {
  const { unknown, path, keepsNulls } = place
  if (unknown !== undefined || keepsNulls) {
    return { unknown, path: below(path, step), keepsUnknown, keepsNulls }
  }
  return keepsUnknown ? KEEPING : PLAIN
}

/** Where nobody asks for paths, a place need not say where it is, only that it is not the root. */
const PLAIN: Place = { unknown: undefined, path: '?', keepsUnknown: false, keepsNulls: false }
const KEEPING: Place = { ...PLAIN, keepsUnknown: true }

function below(path: string, step: string): string {
  return path === '' || step.startsWith('[') ? path + step : `${path}.${step}`
}

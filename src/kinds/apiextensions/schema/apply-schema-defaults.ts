import { setOwn } from '../../../base/json.ts'
import { isJsonObject } from '../../../machinery/json-value.ts'
import { mapSharedFields, mapSharedItems } from './map-shared-values.ts'
import type { Structural } from './structural.ts'

/**
 * A value with the defaults of its schema: for fields that are absent, and for nulls where none may
 * stand. Parts that need none are shared with the value.
 */
export function applySchemaDefaults(value: unknown, schema: Structural | undefined): unknown {
  if (schema === undefined || !schema.hasDefaults) return value
  if (Array.isArray(value)) {
    const { items } = schema
    return mapSharedItems(value, (item) => applySchemaDefaults(defaultIfNull(item, items), items))
  }
  return isJsonObject(value) ? applyToFields(value, schema) : value
}

function applyToFields(object: Record<string, unknown>, schema: Structural): unknown {
  let filled: Readonly<Record<string, unknown>> = mapSharedFields(object, (name, value) => {
    const property = schema.property(name)
    const field = property ?? schema.values
    return applySchemaDefaults(defaultIfNull(value, field), field)
  })
  for (const name of schema.propertyNames) {
    if (Object.hasOwn(filled, name)) continue
    const property = schema.property(name)
    const given = property?.default
    if (given === undefined) continue
    if (filled === object) filled = { ...object }
    setOwn(filled as Record<string, unknown>, name, completeDefault(given, property))
  }
  return filled
}

function defaultIfNull(value: unknown, schema: Structural | undefined): unknown {
  if (value !== null || schema === undefined || schema.isNullable) return value
  return schema.default ?? value
}

/** A default may itself lack what its own schema fills in. */
function completeDefault(given: unknown, schema: Structural | undefined): unknown {
  return applySchemaDefaults(given, schema)
}

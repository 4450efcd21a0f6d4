import type { JSONSchemaProps } from './json-schema-props.ts'

/** The schema of a list's items; undefined where there is none, or a list of schemas. */
export function itemSchemaOf({ items }: JSONSchemaProps): JSONSchemaProps | undefined {
  return isSchemaList(items) ? undefined : items
}

/** The schemas of a list's items by position, which structural schemas do not have. */
export function itemSchemasOf({ items }: JSONSchemaProps): readonly JSONSchemaProps[] {
  return isSchemaList(items) ? items : []
}

/** The schema of a map's values; undefined where there is none, or only a boolean. */
export function valueSchemaOf({
  additionalProperties: values,
}: JSONSchemaProps): JSONSchemaProps | undefined {
  return typeof values === 'object' ? values : undefined
}

/** Whether this is so of the schema or of one inside it. */
export function someSchema(
  schema: JSONSchemaProps | undefined,
  isSo: (schema: JSONSchemaProps) => boolean,
): boolean {
  if (schema === undefined) return false
  return isSo(schema) || childrenOf(schema).some((child) => someSchema(child, isSo))
}

/** The patterns of the schema and of all inside it. */
export function* patternsOf(schema: JSONSchemaProps | undefined): Iterable<string> {
  if (schema === undefined) return
  const { pattern = '' } = schema
  if (pattern !== '') yield pattern
  for (const child of childrenOf(schema)) yield* patternsOf(child)
}

function childrenOf(schema: JSONSchemaProps): readonly (JSONSchemaProps | undefined)[] {
  const { allOf = [], anyOf = [], oneOf = [], not, properties = {}, additionalItems } = schema
  return [
    itemSchemaOf(schema),
    ...itemSchemasOf(schema),
    ...allOf,
    ...anyOf,
    ...oneOf,
    not,
    ...Object.values(properties),
    valueSchemaOf(schema),
    ...Object.values(schema.patternProperties ?? {}),
    typeof additionalItems === 'object' ? additionalItems : undefined,
    ...Object.values(schema.definitions ?? {}),
    ...Object.values(schema.dependencies ?? {}).filter(isSchema),
  ]
}

function isSchemaList(items: JSONSchemaProps['items']): items is readonly JSONSchemaProps[] {
  return Array.isArray(items)
}

/** A property's dependency is a schema, or the names of other properties. */
export function isSchema(
  dependency: JSONSchemaProps | readonly string[] | null,
): dependency is JSONSchemaProps {
  return dependency !== null && !Array.isArray(dependency)
}

import type { JsonSchema } from '../../cel/declare-schema.ts'
import {
  type FieldNode,
  resolveNode,
  type ScalarFormat,
  type SchemaNode,
  type StructNode,
} from '../../machinery/schema.ts'

/**
 * The formats of scalars as OpenAPI publishes them. Quantities are texts or numbers there, and so
 * have no type of which expressions could know.
 */
const SCALARS: Readonly<Record<ScalarFormat, JsonSchema>> = {
  string: { type: 'string' },
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  double: { type: 'number', format: 'double' },
  byte: { type: 'string', format: 'byte' },
  time: { type: 'string', format: 'date-time' },
  'micro-time': { type: 'string', format: 'date-time' },
  quantity: {},
  'int-or-string': { 'x-kubernetes-int-or-string': true },
  raw: { type: 'object' },
  'fields-v1': { type: 'object' },
  json: {},
}

/**
 * The schema of a built-in kind in the form in which CustomResourceDefinitions hold theirs. A type
 * that contains itself ends there, as an object without fields.
 */
export function schemaOfNode(given: SchemaNode, above: readonly StructNode[] = []): JsonSchema {
  const node = resolveNode(given)
  switch (node.type) {
    case 'scalar':
      return SCALARS[node.format]
    case 'list':
      return { type: 'array', items: schemaOfNode(node.items, above) }
    case 'map':
      return { type: 'object', additionalProperties: schemaOfNode(node.values, above) }
    default:
      return above.includes(node) ? { type: 'object' } : schemaOfStruct(node, [...above, node])
  }
}

function schemaOfStruct({ fields }: StructNode, above: readonly StructNode[]): JsonSchema {
  const entries: readonly (readonly [string, FieldNode])[] = Object.entries(fields)
  return {
    type: 'object',
    properties: Object.fromEntries(
      entries.map(([name, { node }]) => [name, schemaOfNode(node, above)]),
    ),
    required: entries.flatMap(([name, { required }]) => (required ? [name] : [])),
  }
}

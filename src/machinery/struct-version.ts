import { type Presence, Schema, type SchemaNode } from './schema.ts'

const renamed = new WeakMap<SchemaNode, Map<string, SchemaNode>>()

/**
 * The same struct under another API version: `inVersion(Device, 'resource.v1', 'resource.v1beta2')`
 * is `resource.v1beta2.Device`, and so are the structs in it that belong to `resource.v1`.
 */
export function inVersion<T, I, P extends Presence>(
  schema: Schema<T, I, P>,
  from: string,
  to: string,
): Schema<T, I, P> {
  return new Schema(renameNode(schema.node, from, to), schema.field)
}

function renameNode(node: SchemaNode, from: string, to: string): SchemaNode {
  const known = renamed.get(node)?.get(`${from} ${to}`)
  if (known !== undefined) return known
  const result = buildRenamed(node, from, to)
  const results = renamed.get(node) ?? new Map<string, SchemaNode>()
  renamed.set(node, results.set(`${from} ${to}`, result))
  return result
}

function buildRenamed(node: SchemaNode, from: string, to: string): SchemaNode {
  if (node.type === 'scalar') return node
  if (node.type === 'list') return { ...node, items: renameNode(node.items, from, to) }
  if (node.type === 'map') return { ...node, values: renameNode(node.values, from, to) }
  if (!node.name.startsWith(`${from}.`)) return node
  const name = `${to}${node.name.slice(from.length)}`
  if (node.type === 'lazy') {
    return { ...node, name, resolve: () => renameNode(node.resolve(), from, to) }
  }
  const fields = Object.entries(node.fields).map(([key, field]) => [
    key,
    { ...field, node: renameNode(field.node, from, to) },
  ])
  return { ...node, name, fields: Object.fromEntries(fields) }
}

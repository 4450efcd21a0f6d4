import { isJsonObject } from '../../src/machinery/json-value.ts'
import { resolveNode, type SchemaNode } from '../../src/machinery/schema.ts'

/** JSON merge patches, and of strategic ones what controllers send. */
export function applySimplePatch(
  schema: SchemaNode,
  object: unknown,
  patch: unknown,
  contentType: string,
): unknown {
  if (contentType === 'application/json-patch+json') return jsonPatch(object, patch)
  const isStrategic = contentType.includes('strategic')
  return merge(isStrategic ? schema : undefined, object, patch)
}

function merge(schema: SchemaNode | undefined, value: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch
  const result: Record<string, unknown> = isJsonObject(value) ? { ...value } : {}
  const node = schema === undefined ? undefined : resolveNode(schema)
  for (const [key, change] of Object.entries(patch)) {
    if (key.startsWith('$deleteFromPrimitiveList/')) {
      const field = key.slice('$deleteFromPrimitiveList/'.length)
      const gone = change as readonly unknown[]
      result[field] = ((result[field] ?? []) as readonly unknown[]).filter(
        (item) => !gone.includes(item),
      )
    } else if (change === null) delete result[key]
    else {
      const below = node?.type === 'struct' ? node.fields[key]?.node : mapValues(node)
      result[key] = mergeField(below, result[key], change)
    }
  }
  return result
}

function mapValues(node: ReturnType<typeof resolveNode> | undefined): SchemaNode | undefined {
  return node?.type === 'map' ? node.values : undefined
}

function mergeField(schema: SchemaNode | undefined, value: unknown, change: unknown): unknown {
  const node = schema === undefined ? undefined : resolveNode(schema)
  if (!Array.isArray(change)) return merge(node, value, change)
  if (node?.type !== 'list' || !node.patchStrategy?.includes('merge')) return change
  const items = [...((value ?? []) as readonly unknown[])]
  const key = node.patchMergeKey
  if (key === undefined) return [...new Set([...items, ...change])]
  for (const one of change as readonly Record<string, unknown>[]) {
    const at = items.findIndex((item) => (item as Record<string, unknown>)[key] === one[key])
    if (one['$patch'] === 'delete') {
      if (at >= 0) items.splice(at, 1)
    } else if (at < 0) items.push(one)
    else items[at] = merge(node.items, items[at], one)
  }
  return items
}

function jsonPatch(object: unknown, patch: unknown): unknown {
  let result = structuredClone(object)
  for (const { op, path, value } of patch as readonly Record<string, string>[]) {
    const parts = (path ?? '').split('/').slice(1)
    const last = parts.pop() ?? ''
    let parent = result as Record<string, unknown>
    for (const part of parts) parent = parent[part] as Record<string, unknown>
    if (op === 'test' && JSON.stringify(parent[last]) !== JSON.stringify(value)) {
      throw new Error(`test of ${path} failed`)
    }
    if (op === 'remove') delete parent[last]
    if (op === 'add' || op === 'replace') parent[last] = value
    result = { ...(result as object) }
  }
  return result
}

import { type FieldNode, resolveNode, type SchemaNode } from '../schema.ts'
import { PatchError } from './patch-error.ts'

/** How a strategic merge patch treats one field. */
export interface PatchMeta {
  /** `merge`, `replace` or empty; `retainKeys` only concerns those who make patches. */
  readonly strategy: string
  /** Empty for lists of scalars. */
  readonly mergeKey: string
  /** The schema of the map, or of the items of the list. */
  readonly node: SchemaNode | undefined
}

/** Looks a field up; throws PatchError where the schema has none of that name. */
export function patchMetaOf(given: SchemaNode | undefined, name: string): PatchMeta {
  const node = given === undefined ? undefined : resolveNode(given)
  if (node?.type === 'map') {
    const what = 'merging an object in json but data type is not struct, instead is: map'
    throw new PatchError('internal', what)
  }
  const field =
    node?.type === 'struct' && Object.hasOwn(node.fields, name) ? node.fields[name] : undefined
  if (field === undefined) {
    const struct = node?.type === 'struct' ? node.name : ''
    const where = `struct ${struct.slice(struct.lastIndexOf('.') + 1)} for the json field`
    const what = `unable to find api field in ${where} ${JSON.stringify(name)}`
    throw new PatchError('internal', what)
  }
  const target = resolveNode(field.node)
  const isList = target.type === 'list'
  return {
    strategy: strategyOf((isList ? target.patchStrategy : undefined) ?? field.patchStrategy ?? ''),
    mergeKey: (isList ? target.patchMergeKey : undefined) ?? '',
    node: itemOf(target),
  }
}

/** As `patchMetaOf`, of a field that the patch takes for a list; throws where it cannot be one. */
export function listMetaOf(given: SchemaNode | undefined, name: string): PatchMeta {
  const meta = patchMetaOf(given, name)
  const parent = given && resolveNode(given)
  const field = parent?.type === 'struct' ? parent.fields[name] : undefined
  if (field === undefined || mayBeList(field)) return meta
  throw new PatchError('internal', 'expected slice or array type, but got: struct')
}

/** As upstream's types are: bytes are a list there, and what is behind a pointer passes for one. */
function mayBeList(field: FieldNode): boolean {
  const { node, isPointer, required } = field
  const target = resolveNode(node)
  if (target.type === 'list' || isPointer) return true
  if (target.type === 'struct') {
    return !required && field.default === undefined && !target.name.endsWith('.ObjectMeta')
  }
  return target.type === 'scalar' && target.format === 'byte'
}

function itemOf(node: SchemaNode): SchemaNode {
  const resolved = resolveNode(node)
  return resolved.type === 'list' ? resolved.items : resolved
}

function strategyOf(strategies: string): string {
  return strategies.split(',').find((one) => one !== 'retainKeys') ?? ''
}

/** The Go type of an untyped JSON value, for error texts. */
export function goType(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'object':
      return 'map[string]interface {}'
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int64'
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64'
    default:
      return 'string'
  }
}

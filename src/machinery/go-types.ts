import { embeddedParts, namedTypes } from './go-names.data.ts'
import { resolveNode, type ScalarFormat, type SchemaNode } from './schema.ts'

/** The Go types that upstream's decoder names in its messages. */
const SCALARS: Readonly<Record<ScalarFormat, string>> = {
  string: 'string',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  double: 'float64',
  byte: '[]uint8',
  time: 'string',
  'micro-time': 'string',
  quantity: 'resource.Quantity',
  'int-or-string': 'intstr.IntOrString',
  raw: 'runtime.RawExtension',
  'fields-v1': 'v1.FieldsV1',
  json: 'v1.JSON',
}

/** How Go prints the type of a node: `int32`, `[]v1.Container`, `map[string]string`. */
export function goTypeOf(given: SchemaNode): string {
  if (given.type === 'lazy') return structType(given.name)
  const node = resolveNode(given)
  switch (node.type) {
    case 'scalar':
      return SCALARS[node.format]
    case 'list':
      return `[]${goTypeOf(node.items)}`
    case 'map': {
      const values = goTypeOf(node.values)
      return values === SCALARS.quantity ? 'v1.ResourceList' : `map[string]${values}`
    }
    case 'struct':
      return structType(node.name)
  }
}

/** `core.v1.Container` is `v1.Container` in Go. */
function structType(name: string): string {
  return name.split('.').slice(-2).join('.')
}

/**
 * The type of what is at a field, given its type but for its name: fields may have types of their
 * own, such as `v1.PullPolicy`, and so may what their lists and maps hold.
 */
export function goTypeOfField(struct: string, field: string, type: string): string {
  const named = namedTypes[struct]?.[field]
  if (named === undefined || /^(\[\]|map\[)/.test(type)) return named ?? type
  return named.replace(/^(\[\]|map\[\w+\])+/, '')
}

/** A field with the names of the structs that Go has embedded around it: `VolumeSource.hostPath`. */
export function goFieldOf(struct: string, field: string): string {
  const around = embeddedParts[struct]?.[field]
  return around === undefined ? field : `${around}.${field}`
}

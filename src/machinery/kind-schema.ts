import type { KubeObject } from './kind.ts'
import { Schema, type StructNode } from './schema.ts'

/**
 * The schema of a whole kind, for the few structs that hold objects of it (a StatefulSet holds
 * claims).
 */
export function schemaOfKind<T extends KubeObject, D>(kind: {
  readonly schema: StructNode
  readonly object: T
  readonly draft: D
}): Schema<T, D, 'required'> {
  return new Schema<T, D, 'required'>(kind.schema, { required: true })
}

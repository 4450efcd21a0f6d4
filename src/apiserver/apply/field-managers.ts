import { FieldManager } from '../../machinery/apply/field-manager.ts'
import { type Shape, shapeOf } from '../../machinery/apply/shape.ts'
import type { FieldVersion } from '../../machinery/apply/updater.ts'
import { validateTyped } from '../../machinery/apply/validate-typed.ts'
import { withZeros } from '../../machinery/apply/zero-object.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { SchemaNode } from '../../machinery/schema.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { resetFilterOf } from './reset-filter.ts'

const managers = new WeakMap<ServedResource, Map<string, FieldManager>>()

/** Who keeps the managed fields of a resource in one version, or of one of its subresources. */
export function fieldManagerOf(resource: ServedResource, subresource: string): FieldManager {
  let bySubresource = managers.get(resource)
  if (bySubresource === undefined) {
    bySubresource = new Map()
    managers.set(resource, bySubresource)
  }
  let manager = bySubresource.get(subresource)
  if (manager === undefined) {
    manager = newManager(resource, subresource)
    bySubresource.set(subresource, manager)
  }
  return manager
}

function newManager(resource: ServedResource, subresource: string): FieldManager {
  const { kind, family } = resource
  const current = versionOf(resource, subresource)
  const others = new WeakMap<ServedResource, FieldVersion>()
  const find = (apiVersion: string): FieldVersion | undefined => {
    if (apiVersion === kind.apiVersion) return current
    const other = family.get(apiVersion)
    if (other === undefined) return undefined
    const version = others.get(other) ?? versionOf(other, subresource)
    others.set(other, version)
    return version
  }
  return new FieldManager({ kind, subresource, versions: { current, find } })
}

function versionOf(resource: ServedResource, subresource: string): FieldVersion {
  const { kind, store } = resource
  const complete = (schema: SchemaNode, object: unknown) => withZeros(schema, object) as KubeObject
  const { storedAs } = kind
  const shape = shapeOf(kind.schema)
  return {
    ...{ apiVersion: kind.apiVersion, shape },
    ...(kind.custom !== undefined && { mayNotFit: true }),
    filter: resetFilterOf(kind, subresource),
    toStored: (object) => storedAs?.toStored(complete(kind.schema, object)) ?? object,
    fromStored: (object) =>
      storedAs?.fromStored(complete(store.kind.schema, object)) ??
      fitting(shape, resource.fromStored(object as KubeObject), object),
  }
}

/** What was converted, checked against the schema of the version: nobody has pruned it. */
function fitting(shape: Shape, converted: KubeObject, object: unknown): KubeObject {
  if (converted !== object) validateTyped(shape, converted)
  return converted
}

import { FieldManager } from '../../machinery/apply/field-manager.ts'
import { shapeOf } from '../../machinery/apply/shape.ts'
import type { FieldVersion } from '../../machinery/apply/updater.ts'
import type { KubeObject } from '../../machinery/kind.ts'
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
  const { kind, store } = resource
  const current = versionOf(resource, subresource)
  const others = new WeakMap<ServedResource, FieldVersion>()
  const find = (apiVersion: string): FieldVersion | undefined => {
    if (apiVersion === kind.apiVersion) return current
    const other = store.served.get(apiVersion)
    if (other === undefined) return undefined
    const version = others.get(other) ?? versionOf(other, subresource)
    others.set(other, version)
    return version
  }
  return new FieldManager({ kind, subresource, versions: { current, find } })
}

function versionOf(resource: ServedResource, subresource: string): FieldVersion {
  const { kind } = resource
  return {
    apiVersion: kind.apiVersion,
    shape: shapeOf(kind.schema),
    filter: resetFilterOf(kind, subresource),
    toStored: (object) => kind.storedAs?.toStored(object as KubeObject) ?? object,
    fromStored: (object) => resource.fromStored(object as KubeObject),
  }
}

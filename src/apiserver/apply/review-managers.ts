import { FieldManager } from '../../machinery/apply/field-manager.ts'
import { shapeOf } from '../../machinery/apply/shape.ts'
import type { FieldVersion } from '../../machinery/apply/updater.ts'
import type { Kind, KubeObject } from '../../machinery/kind.ts'
import type { ServerRequest } from '../request.ts'
import { withManagedFields } from './managed-fields.ts'
import { writerOf } from './writer.ts'

const managers = new WeakMap<Kind, FieldManager>()

/** What is answered without being stored is said to be its author's too, as upstream does. */
export function withReviewTracked(
  request: ServerRequest,
  kind: Kind,
  object: KubeObject,
  now: number,
): KubeObject {
  let manager = managers.get(kind)
  if (manager === undefined) {
    manager = newManager(kind, request.info.subresource)
    managers.set(kind, manager)
  }
  return withManagedFields(object, manager.afterUpdate(undefined, object, writerOf(request, now)))
}

function newManager(kind: Kind, subresource: string): FieldManager {
  const { apiVersion } = kind
  const current: FieldVersion = {
    apiVersion,
    shape: shapeOf(kind.schema),
    toStored: (object) => object,
    fromStored: (object) => object,
  }
  const find = (version: string) => (version === apiVersion ? current : undefined)
  return new FieldManager({ kind, subresource, versions: { current, find } })
}

import type { InformerEvent } from '../../client/lister.ts'
import type { KindRef, KubeObject } from '../../machinery/kind.ts'
import type { OwnerReference } from '../../machinery/object-meta.ts'

/** The owner that manages an object; there is at most one. */
export function controllerReferenceOf({ metadata }: KubeObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true)
}

export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  return controllerReferenceOf(object)?.uid === owner.metadata.uid
}

/** The reference that makes `owner` the controller of another object. */
export function newControllerReference(
  kind: KindRef,
  { metadata: { name, uid } }: KubeObject,
): OwnerReference {
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** Whether a change touches who controls an object. */
export function hasNewController({ object, old }: InformerEvent<KubeObject>): boolean {
  if (old === undefined) return false
  const now = controllerReferenceOf(object)
  const before = controllerReferenceOf(old)
  return now?.uid !== before?.uid || now?.name !== before?.name || now?.kind !== before?.kind
}

/** Equal maps of strings, such as labels; an absent one is empty. */
export function areSameStrings(
  a: Readonly<Record<string, string>> = {},
  b: Readonly<Record<string, string>> = {},
): boolean {
  if (a === b) return true
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key])
}

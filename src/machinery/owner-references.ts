import type { KindRef, KubeObject } from './kind.ts'
import type { OwnerReference } from './object-meta.ts'

/** A reference by which an object belongs to its controller, and holds up its deletion. */
export function ownerReferenceTo(
  owner: { readonly metadata: { readonly name: string; readonly uid: string } },
  kind: Pick<KindRef, 'apiVersion' | 'kind'>,
): OwnerReference {
  return {
    apiVersion: kind.apiVersion,
    kind: kind.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid,
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** The reference to the one controller of an object. */
export function controllerOf(object: Pick<KubeObject, 'metadata'>): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find(({ controller }) => controller === true)
}

/** Whether `owner` is the controller of the object. */
export function isControlledBy(
  object: Pick<KubeObject, 'metadata'>,
  owner: { readonly metadata: { readonly uid: string } },
): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid
}

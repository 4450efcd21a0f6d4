import { Scale } from '../../../kinds/autoscaling/v1/scale.ts'
import { toScaleManagers } from '../../../machinery/apply/scale-managers.ts'
import type { Kind, KubeObject, ScaleAccess } from '../../../machinery/kind.ts'
import { badRequest } from '../../../machinery/status-error.ts'
import { withManagedFields } from '../../apply/managed-fields.ts'
import { replicasPathsOf } from '../../apply/scale-managers.ts'
import { withConversions } from '../../registry/conversions.ts'
import type { ServedResource } from '../../registry/served-resource.ts'
import { scaleOf } from '../../subresources/scale-view.ts'
import type { AdmissionAttributes } from '../admission.ts'
import { type AdmissionTarget, type GroupVersionKind, isOwnObject } from './admission-target.ts'
import { applyConnectOptions, connectOptions } from './connect-options.ts'

/** The objects of a write in the version that a webhook or a policy wants to see. */
export interface VersionedObjects {
  readonly kind: GroupVersionKind
  readonly object: KubeObject | undefined
  readonly oldObject: KubeObject | undefined
}

/** The objects of a write; `served` is the version that was matched. */
export async function versionedObjects(
  target: AdmissionTarget,
  { object, oldObject, operation, request }: AdmissionAttributes,
  kind: GroupVersionKind,
  served: ServedResource | undefined,
): Promise<VersionedObjects> {
  if (operation === 'CONNECT') {
    const options = connectOptions(target.kind, request)
    return { kind, object: options as unknown as KubeObject, oldObject: undefined }
  }
  return withConversions(() => ({
    kind,
    object: object && shownAs(target, object, served),
    oldObject: oldObject && shownAs(target, oldObject, served),
  }))
}

/** By which kind's schema a changed object is read; undefined for what has none here. */
export function schemaKindOf(
  { kind, attributes, operation }: AdmissionTarget,
  served: ServedResource | undefined,
): Kind | undefined {
  if (operation === 'CONNECT') return undefined
  if (served === undefined || attributes.kind.kind !== served.kind.kind) return attributes.kind
  return kind.kind === Scale.kind ? (Scale as unknown as Kind) : served.kind
}

/**
 * The stored form of what a webhook or a policy has made of the object that it was shown. The
 * options of a connection go into the request's query instead, where its handler reads them.
 */
export async function storedFrom(
  target: AdmissionTarget,
  current: KubeObject | undefined,
  changed: KubeObject,
  served: ServedResource | undefined,
): Promise<KubeObject> {
  if (target.operation === 'CONNECT') {
    applyConnectOptions(target.attributes.request, { ...changed })
    return changed
  }
  const placed = inItsNamespace(changed, target)
  if (served === undefined || current === undefined || !isOwnObject(served, current)) {
    return placed
  }
  if (target.kind.kind !== Scale.kind) {
    if (served.kind.custom === undefined) return served.toStored(placed)
    // Each version of a custom resource has a store of its own.
    return withConversions(() => target.served?.fromStored(placed) ?? placed)
  }
  const { spec } = changed as unknown as Scale
  return accessOf(served).withReplicas(current, spec.replicas ?? 0)
}

function shownAs(
  target: AdmissionTarget,
  object: KubeObject,
  served: ServedResource | undefined,
): KubeObject {
  if (served === undefined || !isOwnObject(served, object)) return inNamespace(object, target)
  if (target.kind.kind === Scale.kind) return shownScale(object, served)
  return served.fromStored(object)
}

function shownScale(object: KubeObject, served: ServedResource): KubeObject {
  const managers = toScaleManagers(object.metadata.managedFields, replicasPathsOf(served))
  return withManagedFields(scaleOf(object, accessOf(served)), managers)
}

/** A new object may be renamed, but nothing can be moved: it is where its request is. */
function inItsNamespace(object: KubeObject, target: AdmissionTarget): KubeObject {
  const { namespace: wanted, kind } = target.attributes
  const namespace = object.metadata?.namespace ?? ''
  if (wanted === '' || namespace === wanted) return object
  if (namespace === '') return kind.scope === 'Namespaced' ? inNamespace(object, target) : object
  throw badRequest(
    'the namespace of the provided object does not match the namespace sent on the request',
  )
}

/** What names no namespace is in that of its request. */
function inNamespace(object: KubeObject, { attributes }: AdmissionTarget): KubeObject {
  const metadata = object.metadata ?? {}
  const { namespace } = attributes
  if (namespace === '' || (metadata.namespace ?? '') !== '') return object
  return { ...object, metadata: { ...metadata, namespace } }
}

function accessOf({ store }: ServedResource): ScaleAccess<KubeObject> {
  return store.kind.scale as ScaleAccess<KubeObject>
}

import { readOwners } from '../../machinery/apply/managers.ts'
import { TypedValueError } from '../../machinery/apply/path-element.ts'
import { deepEqual } from '../../machinery/deep-equal.ts'
import type { KubeObject } from '../../machinery/kind.ts'
import type { ManagedFieldsEntry } from '../../machinery/object-meta.ts'
import { withConversions } from '../registry/conversions.ts'
import type { ServedResource } from '../registry/served-resource.ts'
import { withMetadata } from '../registry/strategy.ts'
import type { ServerRequest } from '../request.ts'
import { fieldManagerOf } from './field-managers.ts'
import { writerOf } from './writer.ts'

type Entries = readonly ManagedFieldsEntry[] | undefined

/**
 * A stored object with its managed fields after a plain write, before admission changes it. `old`
 * is undefined for a new object.
 */
export function withFieldsTracked(
  request: ServerRequest,
  resource: ServedResource,
  old: KubeObject | undefined,
  given: KubeObject,
  now: number,
): KubeObject | Promise<KubeObject> {
  const track = () => trackFields(request, resource, old, given, now)
  return resource.family.size > 1 ? withConversions(track) : track()
}

function trackFields(
  request: ServerRequest,
  resource: ServedResource,
  old: KubeObject | undefined,
  given: KubeObject,
  now: number,
): KubeObject {
  const manager = fieldManagerOf(resource, request.info.subresource)
  const live = old && resource.fromStored(old)
  const dated = resource.store.kind.setTimes?.(given, now) ?? given
  const next = resource.fromStored(dated)
  return withManagedFields(dated, manager.afterUpdate(live, next, writerOf(request, now)))
}

/** The object with other managed fields; the object itself where they are the same. */
export function withManagedFields(object: KubeObject, managedFields: Entries): KubeObject {
  const { metadata } = object
  if (metadata.managedFields === managedFields) return object
  if (managedFields === undefined) return withMetadata(object, { ...metadata, managedFields })
  return { ...object, metadata: { ...metadata, managedFields } }
}

/** Admission may change managed fields, but not to what cannot be understood. */
export function checkAdmitted(
  request: ServerRequest,
  admitted: KubeObject,
  given: KubeObject,
): KubeObject {
  const { managedFields } = admitted.metadata
  if (managedFields === given.metadata.managedFields) return admitted
  if (managedFields?.length === 0) return withManagedFields(admitted, undefined)
  try {
    readOwners(managedFields)
    return admitted
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error
    request.addWarning(
      '.metadata.managedFields was in an invalid state after admission; this could be caused by ' +
        `an outdated mutating admission controller; please fix your requests: ${error.message}`,
    )
    return withManagedFields(admitted, given.metadata.managedFields)
  }
}

/**
 * The object with the times of before where nothing but times has changed, so that such a write
 * changes nothing (upstream's IgnoreManagedFieldsTimestampsTransformer).
 */
export function withoutNewTimes(object: KubeObject, old: KubeObject): KubeObject {
  const now = object.metadata.managedFields
  const before = old.metadata.managedFields
  if (now === before || now === undefined || now.length !== before?.length) return object
  const isSame = now.every((entry, index) => isSameButTime(entry, before[index]))
  return isSame && isSameBeside(object, old) ? withManagedFields(object, before) : object
}

function isSameButTime(entry: ManagedFieldsEntry, before: ManagedFieldsEntry | undefined): boolean {
  if (entry === before || before === undefined) return entry === before
  return (
    entry.manager === before.manager &&
    entry.operation === before.operation &&
    entry.apiVersion === before.apiVersion &&
    entry.subresource === before.subresource &&
    deepEqual(entry.fieldsV1, before.fieldsV1)
  )
}

/** The metadata comes last: what is written most often differs in its status. */
function isSameBeside(object: KubeObject, old: KubeObject): boolean {
  const { metadata, ...rest } = object
  const { metadata: oldMetadata, ...oldRest } = old
  if (!deepEqual(rest, oldRest)) return false
  const { managedFields: _, ...others } = metadata
  const { managedFields: __, ...oldOthers } = oldMetadata
  return deepEqual(others, oldOthers)
}

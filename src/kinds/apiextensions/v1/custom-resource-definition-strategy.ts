import { formatTime } from '../../../base/clock.ts'
import { setCondition } from '../../../machinery/conditions.ts'
import type { CustomResourceDefinition } from './custom-resource-definition.ts'

/** The version in which objects are stored from now on is one of those that may be found. */
export function keepStoredVersions(definition: CustomResourceDefinition): CustomResourceDefinition {
  const { spec, status } = definition
  const { storedVersions = [] } = status
  const stored = spec.versions.find(({ storage }) => storage)?.name
  if (stored === undefined || storedVersions.includes(stored)) return definition
  return { ...definition, status: { ...status, storedVersions: [...storedVersions, stored] } }
}

/** On a definition whose objects go when it does. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io'

/** The first request to delete a definition begins with its objects, whatever else it asks for. */
export function beginCleanup(
  definition: CustomResourceDefinition,
  now: number,
): CustomResourceDefinition | undefined {
  const { metadata, status } = definition
  if (metadata.deletionTimestamp !== undefined) return undefined
  const time = formatTime(now)
  const { finalizers = [] } = metadata
  const soon = 'CustomResource deletion will begin soon'
  const condition = {
    type: 'Terminating',
    status: 'True' as const,
    reason: 'InstanceDeletionPending',
    message: `CustomResourceDefinition marked for deletion; ${soon}`,
  }
  return {
    ...definition,
    metadata: {
      ...metadata,
      deletionTimestamp: time,
      finalizers: finalizers.includes(CLEANUP_FINALIZER)
        ? finalizers
        : [...finalizers, CLEANUP_FINALIZER],
    },
    status: {
      ...status,
      conditions: setCondition(status.conditions ?? undefined, condition, time),
    },
  }
}

import { formatTime } from '../../base/clock.ts'
import { formatError } from '../../base/logger.ts'
import type { ReplicaSetCondition } from '../../kinds/apps/v1/replica-set.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { Selector } from '../../machinery/label-selector.ts'
import { omitZero } from '../runtime/omit-zero.ts'
import { isPodAvailable, isPodReady } from '../runtime/pods.ts'
import type { ReplicaOwner, ReplicaOwnerStatus } from './replica-owner.ts'

export interface ReplicaObservation {
  readonly active: readonly Pod[]
  /** Undefined where the kind does not report them. */
  readonly terminating: readonly Pod[] | undefined
  /** Why pods could not be created or deleted. */
  readonly error: unknown
  /** Wall-clock milliseconds. */
  readonly now: number
}

/** What to say of the pods that an owner has. */
export function replicaStatus(
  owner: ReplicaOwner,
  { active, terminating, error, now }: ReplicaObservation,
): ReplicaOwnerStatus {
  const { minReadySeconds = 0, template } = owner.spec
  const templateLabels = Selector.fromLabels(template?.metadata.labels)
  const ready = active.filter(isPodReady)
  return {
    replicas: active.length,
    ...omitZero({
      fullyLabeledReplicas: active.filter((pod) => templateLabels.matches(pod.metadata.labels))
        .length,
      readyReplicas: ready.length,
      availableReplicas: ready.filter((pod) => isPodAvailable(pod, minReadySeconds, now)).length,
    }),
    ...(terminating !== undefined && { terminatingReplicas: terminating.length }),
    ...omitZero({
      observedGeneration: owner.metadata.generation ?? 0,
      conditions: conditionsOf(owner, active.length, error, now),
    }),
  }
}

/** A failure is told once, with the first error, and taken back when all went well. */
function conditionsOf(
  { spec, status }: ReplicaOwner,
  active: number,
  error: unknown,
  now: number,
): readonly ReplicaSetCondition[] {
  const { conditions = [] } = status
  const isTold = conditions.some(({ type }) => type === 'ReplicaFailure')
  if (error === undefined) return conditions.filter(({ type }) => type !== 'ReplicaFailure')
  if (isTold) return conditions
  const surplus = active - spec.replicas
  const reason = surplus < 0 ? 'FailedCreate' : surplus > 0 ? 'FailedDelete' : ''
  return [
    ...conditions,
    {
      type: 'ReplicaFailure',
      status: 'True',
      lastTransitionTime: formatTime(now),
      ...omitZero({ reason }),
      message: formatError(error),
    },
  ]
}

/** Whether the status on the server says all that the new one says. */
export function isSameStatus(
  { metadata, status }: ReplicaOwner,
  next: ReplicaOwnerStatus,
): boolean {
  return (
    status.replicas === next.replicas &&
    (status.fullyLabeledReplicas ?? 0) === (next.fullyLabeledReplicas ?? 0) &&
    (status.readyReplicas ?? 0) === (next.readyReplicas ?? 0) &&
    (status.availableReplicas ?? 0) === (next.availableReplicas ?? 0) &&
    status.terminatingReplicas === next.terminatingReplicas &&
    (status.observedGeneration ?? 0) === (metadata.generation ?? 0) &&
    haveSameConditions(status.conditions ?? [], next.conditions ?? [])
  )
}

function haveSameConditions(
  a: readonly ReplicaSetCondition[],
  b: readonly ReplicaSetCondition[],
): boolean {
  return a.length === b.length && a.every((condition, index) => condition === b[index])
}

import type {
  Deployment,
  DeploymentCondition,
  DeploymentStatus,
} from '../../kinds/apps/v1/deployment.ts'
import type { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import { findCondition } from '../../machinery/conditions.ts'
import { omitZero } from '../runtime/omit-zero.ts'
import { timeOf } from '../runtime/pods.ts'
import { newCondition, replaceCondition, withCondition, withoutCondition } from './conditions.ts'
import { hasProgressDeadline, maxUnavailable } from './fenceposts.ts'
import {
  MINIMUM_REPLICAS_AVAILABLE,
  MINIMUM_REPLICAS_UNAVAILABLE,
  NEW_REPLICA_SET_AVAILABLE,
  PROGRESS_DEADLINE_EXCEEDED,
  REPLICA_SET_UPDATED,
} from './reasons.ts'
import {
  actualReplicas,
  availableReplicas,
  readyReplicas,
  terminatingReplicas,
  wantedReplicas,
} from './replica-set-list.ts'

/** What a status is told from. */
export interface RolloutState {
  readonly deployment: Deployment
  readonly newest: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
  /** Wall-clock milliseconds. */
  readonly now: number
}

/** The counts, and whether enough pods are available. */
export function deploymentStatus(state: RolloutState): DeploymentStatus {
  const { deployment, newest, old } = state
  const all = newest === undefined ? old : [...old, newest]
  const available = availableReplicas(all)
  const terminating = terminatingReplicas(all)
  const { collisionCount } = deployment.status
  return {
    ...omitZero({
      observedGeneration: deployment.metadata.generation ?? 0,
      replicas: actualReplicas(all),
      updatedReplicas: newest === undefined ? 0 : actualReplicas([newest]),
      readyReplicas: readyReplicas(all),
      availableReplicas: available,
      unavailableReplicas: Math.max(0, wantedReplicas(all) - available),
    }),
    ...(terminating !== undefined && { terminatingReplicas: terminating }),
    conditions: withCondition(deployment.status.conditions, availability(state, available)),
    ...(collisionCount !== undefined && { collisionCount }),
  }
}

function availability({ deployment, now }: RolloutState, available: number): DeploymentCondition {
  if (available >= deployment.spec.replicas - maxUnavailable(deployment)) {
    const message = 'Deployment has minimum availability.'
    return newCondition('Available', 'True', MINIMUM_REPLICAS_AVAILABLE, message, now)
  }
  const message = 'Deployment does not have minimum availability.'
  return newCondition('Available', 'False', MINIMUM_REPLICAS_UNAVAILABLE, message, now)
}

/** As `deploymentStatus`, with whether the rollout gets on and what keeps it from doing so. */
export function rolloutStatus(state: RolloutState): DeploymentStatus {
  const { deployment, newest, old } = state
  const status = deploymentStatus(state)
  let conditions = status.conditions
  if (!hasProgressDeadline(deployment)) conditions = withoutCondition(conditions, 'Progressing')
  else if (!isKnownComplete(deployment, status)) {
    conditions = withProgress(state, { ...status, conditions })
  }
  const failure = replicaFailure(newest, old)
  conditions =
    failure === undefined
      ? withoutCondition(conditions, 'ReplicaFailure')
      : withCondition(conditions, failure)
  return { ...status, conditions }
}

/** A rollout that is done needs no further estimate of its progress. */
function isKnownComplete({ status: before }: Deployment, status: DeploymentStatus): boolean {
  const condition = findCondition(before.conditions, 'Progressing')
  return (
    (status.replicas ?? 0) === (status.updatedReplicas ?? 0) &&
    condition?.reason === NEW_REPLICA_SET_AVAILABLE
  )
}

function withProgress(
  { deployment, newest, now }: RolloutState,
  status: DeploymentStatus,
): readonly DeploymentCondition[] {
  const { conditions } = status
  const what =
    newest === undefined
      ? `Deployment "${deployment.metadata.name}"`
      : `ReplicaSet "${newest.metadata.name}"`
  if (isComplete(deployment, status)) {
    const message = `${what} has successfully progressed.`
    const reason = NEW_REPLICA_SET_AVAILABLE
    return withCondition(conditions, newCondition('Progressing', 'True', reason, message, now))
  }
  if (isProgressing(deployment.status, status)) {
    // Said again each time: the update time is what the deadline counts from.
    const message = `${what} is progressing.`
    const condition = newCondition('Progressing', 'True', REPLICA_SET_UPDATED, message, now)
    return replaceCondition(conditions, condition)
  }
  if (hasTimedOut(deployment, status, now)) {
    const message = `${what} has timed out progressing.`
    const reason = PROGRESS_DEADLINE_EXCEEDED
    return withCondition(conditions, newCondition('Progressing', 'False', reason, message, now))
  }
  return conditions ?? []
}

/** All pods are of the newest template and available. */
export function isComplete({ metadata, spec }: Deployment, status: DeploymentStatus): boolean {
  return (
    (status.updatedReplicas ?? 0) === spec.replicas &&
    (status.replicas ?? 0) === spec.replicas &&
    (status.availableReplicas ?? 0) === spec.replicas &&
    (status.observedGeneration ?? 0) >= (metadata.generation ?? 0)
  )
}

function isProgressing(before: DeploymentStatus, now: DeploymentStatus): boolean {
  const updated = (status: DeploymentStatus) => status.updatedReplicas ?? 0
  const outdated = (status: DeploymentStatus) => (status.replicas ?? 0) - updated(status)
  return (
    updated(now) > updated(before) ||
    outdated(now) < outdated(before) ||
    (now.readyReplicas ?? 0) > (before.readyReplicas ?? 0) ||
    (now.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
  )
}

function hasTimedOut({ spec }: Deployment, status: DeploymentStatus, now: number): boolean {
  const condition = findCondition(status.conditions, 'Progressing')
  if (condition === undefined || condition.reason === NEW_REPLICA_SET_AVAILABLE) return false
  if (condition.reason === PROGRESS_DEADLINE_EXCEEDED) return true
  const since = timeOf(condition.lastUpdateTime) ?? now
  return since + spec.progressDeadlineSeconds * 1000 < now
}

/** When to look whether a rollout that has stopped has missed its deadline; undefined for never. */
export function untilDeadline(
  deployment: Deployment,
  status: DeploymentStatus,
  now: number,
): number | undefined {
  const condition = findCondition(deployment.status.conditions, 'Progressing')
  if (!hasProgressDeadline(deployment) || condition === undefined) return undefined
  if (isComplete(deployment, status)) return undefined
  if (condition.reason === PROGRESS_DEADLINE_EXCEEDED) return undefined
  const since = timeOf(condition.lastUpdateTime) ?? now
  const leftMs = since + deployment.spec.progressDeadlineSeconds * 1000 - now
  return Math.max(0, leftMs) + 1000
}

/** The failure of the newest replica set, or else of an old one. */
function replicaFailure(
  newest: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): DeploymentCondition | undefined {
  for (const replicaSet of newest === undefined ? old : [newest, ...old]) {
    const condition = findCondition(replicaSet.status.conditions, 'ReplicaFailure')
    if (condition === undefined) continue
    const { lastTransitionTime } = condition
    return { ...condition, type: 'ReplicaFailure', lastUpdateTime: lastTransitionTime }
  }
  return undefined
}

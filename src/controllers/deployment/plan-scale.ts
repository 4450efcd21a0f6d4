import type { Deployment } from '../../kinds/apps/v1/deployment.ts'
import type { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import { DESIRED_REPLICAS, desiredReplicas, maxReplicas } from './annotations.ts'
import { isRollingUpdate, maxSurge } from './fenceposts.ts'
import {
  activeOf,
  byCreation,
  bySizeNewer,
  bySizeOlder,
  wantedReplicas,
} from './replica-set-list.ts'

/** A replica set and the size that it should get. */
export interface Resize {
  readonly replicaSet: ReplicaSet
  readonly replicas: number
  /** Write the annotations even where the size stays. */
  readonly isForced: boolean
}

/** The deployment was scaled since its replica sets were. */
export function isScalingEvent({ spec }: Deployment, replicaSets: readonly ReplicaSet[]): boolean {
  return activeOf(replicaSets).some((replicaSet) => {
    const desired = desiredReplicas(replicaSet)
    return desired !== undefined && desired !== spec.replicas
  })
}

/**
 * How a scaled deployment spreads over its replica sets: one alone takes all; during a rolling
 * update each grows or shrinks in proportion, so that a bad new version does not gain ground.
 */
export function planScale(
  deployment: Deployment,
  newest: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): readonly Resize[] {
  const { replicas } = deployment.spec
  const only = activeOrLatest(newest, old)
  if (only !== undefined) {
    if (only.spec.replicas === replicas) return []
    return [{ replicaSet: only, replicas, isForced: false }]
  }
  if (newest !== undefined && isSaturated(deployment, newest)) {
    return activeOf(old).map((replicaSet) => ({ replicaSet, replicas: 0, isForced: false }))
  }
  if (!isRollingUpdate(deployment)) return []
  return planProportions(deployment, activeOf(newest === undefined ? old : [...old, newest]))
}

/** The one replica set with pods; where none has any, the newest. Undefined where several have. */
function activeOrLatest(
  newest: ReplicaSet | undefined,
  old: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const active = activeOf(newest === undefined ? old : [...old, newest])
  if (active.length > 1) return undefined
  return active[0] ?? newest ?? old.toSorted(byCreation).at(-1)
}

function isSaturated({ spec }: Deployment, newest: ReplicaSet): boolean {
  return (
    newest.spec.replicas === spec.replicas &&
    newest.metadata.annotations?.[DESIRED_REPLICAS] === `${spec.replicas}` &&
    (newest.status.availableReplicas ?? 0) === spec.replicas
  )
}

function planProportions(deployment: Deployment, active: readonly ReplicaSet[]): readonly Resize[] {
  const { replicas } = deployment.spec
  const allowed = replicas > 0 ? replicas + maxSurge(deployment) : 0
  const toAdd = allowed - wantedReplicas(active)
  const ordered = toAdd === 0 ? active : active.toSorted(toAdd > 0 ? bySizeNewer : bySizeOlder)
  let added = 0
  const sizes = ordered.map((replicaSet) => {
    const share = shareOf(replicaSet, deployment, toAdd, added)
    added += share
    return replicaSet.spec.replicas + share
  })
  // Rounding leaves a rest, which the largest takes.
  if (sizes[0] !== undefined) sizes[0] = Math.max(0, sizes[0] + toAdd - added)
  return ordered.map((replicaSet, index) => ({
    replicaSet,
    replicas: sizes[index] as number,
    isForced: true,
  }))
}

/** A replica set's part of what is to be added (or, below zero, taken away). */
function shareOf(
  replicaSet: ReplicaSet,
  deployment: Deployment,
  toAdd: number,
  added: number,
): number {
  if (replicaSet.spec.replicas === 0 || toAdd === 0 || toAdd === added) return 0
  const share = fractionOf(replicaSet, deployment)
  const allowed = toAdd - added
  return toAdd > 0 ? Math.min(share, allowed) : Math.max(share, allowed)
}

/** By how much the size changes when the replica set keeps its part of the whole. */
function fractionOf(replicaSet: ReplicaSet, deployment: Deployment): number {
  const size = replicaSet.spec.replicas
  if (deployment.spec.replicas === 0) return -size
  const before = maxReplicas(replicaSet) || (deployment.status.replicas ?? 0)
  if (before === 0) return 0
  const now = deployment.spec.replicas + maxSurge(deployment)
  return Math.round((size * now) / before) - size
}

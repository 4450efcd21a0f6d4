import type { Deployment } from '../../kinds/apps/v1/deployment.ts'
import type { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import { isRollingUpdate, maxSurge, maxUnavailable } from './fenceposts.ts'
import type { Resize } from './plan-scale.ts'
import { activeOf, byCreation, wantedReplicas } from './replica-set-list.ts'

/** The size of the newest replica set (`present` now) that the surge allows beside the others. */
export function newReplicaSetSize(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  present: number,
): number {
  const { replicas } = deployment.spec
  if (!isRollingUpdate(deployment)) return replicas
  const room = replicas + maxSurge(deployment) - wantedReplicas(all)
  return room <= 0 ? present : present + Math.min(room, replicas - present)
}

/** The next step up (or, after a scaling, down) of the newest replica set. */
export function planNewReplicaSet(
  deployment: Deployment,
  newest: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly Resize[] {
  const wanted = deployment.spec.replicas
  const present = newest.spec.replicas
  if (present === wanted) return []
  const replicas =
    present > wanted ? wanted : newReplicaSetSize(deployment, [...old, newest], present)
  return replicas === present ? [] : [{ replicaSet: newest, replicas, isForced: false }]
}

/**
 * The next step down of the old replica sets. First go pods that are not available, since that
 * costs nothing; then available ones, as many as there are beyond the minimum. Pods of the newest
 * replica set that are not available yet count as if they were missing:
 *
 *     10 replicas, 2 may be unavailable, surge 3; new 5 (none available), old 8 (all available)
 *     may go: 13 - (10 - 2) - 5 = 0, although 8 are available and only 8 are needed
 */
export function planOldReplicaSets(
  deployment: Deployment,
  newest: ReplicaSet,
  old: readonly ReplicaSet[],
): readonly Resize[] {
  const active = activeOf(old).toSorted(byCreation)
  if (active.length === 0) return []
  const minAvailable = deployment.spec.replicas - maxUnavailable(deployment)
  const newUnavailable = newest.spec.replicas - (newest.status.availableReplicas ?? 0)
  const mayGo = wantedReplicas([...old, newest]) - minAvailable - newUnavailable
  if (mayGo <= 0) return []
  const sizes = new Map(active.map((replicaSet) => [replicaSet, replicaSet.spec.replicas]))
  const shrink = (replicaSet: ReplicaSet, count: number): number => {
    sizes.set(replicaSet, (sizes.get(replicaSet) ?? 0) - count)
    return count
  }
  let gone = 0
  for (const replicaSet of active) {
    const unhealthy = replicaSet.spec.replicas - (replicaSet.status.availableReplicas ?? 0)
    gone += shrink(replicaSet, Math.max(0, Math.min(mayGo - gone, unhealthy)))
  }
  let spare = -minAvailable
  for (const { spec, status } of [...active, newest]) {
    // A status from before the last step down tells of pods that are about to go.
    spare += Math.min(spec.replicas, status.availableReplicas ?? 0)
  }
  for (const replicaSet of active) {
    if (spare <= 0) break
    spare -= shrink(replicaSet, Math.min(sizes.get(replicaSet) ?? 0, spare))
  }
  return [...sizes]
    .filter(([replicaSet, replicas]) => replicas !== replicaSet.spec.replicas)
    .map(([replicaSet, replicas]) => ({ replicaSet, replicas, isForced: false }))
}

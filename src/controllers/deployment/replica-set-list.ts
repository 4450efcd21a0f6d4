import type { ReplicaSet } from '../../kinds/apps/v1/replica-set.ts'
import { revisionOf } from './annotations.ts'

type Order = (a: ReplicaSet, b: ReplicaSet) => number

/** Old ones first; names decide between those of one second. */
export const byCreation: Order = (a, b) => {
  const [timeA, timeB] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp]
  if (timeA !== timeB) return timeA < timeB ? -1 : 1
  return a.metadata.name < b.metadata.name ? -1 : 1
}

/** Large ones first; among equals the newer. */
export const bySizeNewer: Order = (a, b) => b.spec.replicas - a.spec.replicas || byCreation(b, a)

/** Large ones first; among equals the older. */
export const bySizeOlder: Order = (a, b) => b.spec.replicas - a.spec.replicas || byCreation(a, b)

export const byRevision: Order = (a, b) => {
  const [revisionA, revisionB] = [revisionOf(a), revisionOf(b)]
  if (revisionA === undefined || revisionB === undefined) return byCreation(a, b)
  if (revisionA === revisionB) return byCreation(a, b)
  return revisionA < revisionB ? -1 : 1
}

/** Those that have, or should have, pods. */
export function activeOf(replicaSets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return replicaSets.filter(({ spec }) => spec.replicas > 0)
}

export function wantedReplicas(replicaSets: readonly ReplicaSet[]): number {
  return sum(replicaSets, ({ spec }) => spec.replicas)
}

export function actualReplicas(replicaSets: readonly ReplicaSet[]): number {
  return sum(replicaSets, ({ status }) => status.replicas)
}

export function readyReplicas(replicaSets: readonly ReplicaSet[]): number {
  return sum(replicaSets, ({ status }) => status.readyReplicas ?? 0)
}

export function availableReplicas(replicaSets: readonly ReplicaSet[]): number {
  return sum(replicaSets, ({ status }) => status.availableReplicas ?? 0)
}

/** Undefined while a replica set that was looked at does not report them. */
export function terminatingReplicas(replicaSets: readonly ReplicaSet[]): number | undefined {
  let total = 0
  for (const { status } of replicaSets) {
    if (status.terminatingReplicas !== undefined) total += status.terminatingReplicas
    else if ((status.observedGeneration ?? 0) > 0) return undefined
  }
  return total
}

function sum(replicaSets: readonly ReplicaSet[], count: (one: ReplicaSet) => number): number {
  return replicaSets.reduce((total, replicaSet) => total + count(replicaSet), 0)
}

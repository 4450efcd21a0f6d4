import { formatTime } from '../../base/clock.ts'
import type { DeploymentCondition } from '../../kinds/apps/v1/deployment.ts'
import { findCondition } from '../../machinery/conditions.ts'

type Conditions = readonly DeploymentCondition[] | undefined

export function newCondition(
  type: 'Available' | 'Progressing' | 'ReplicaFailure',
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
  now: number,
): DeploymentCondition {
  const time = formatTime(now)
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message }
}

/** Puts a condition last, unless one of the same status and reason is there already. */
export function withCondition(
  conditions: Conditions,
  condition: DeploymentCondition,
): readonly DeploymentCondition[] {
  const old = findCondition(conditions, condition.type)
  if (old?.status === condition.status && old.reason === condition.reason) return conditions ?? []
  return replaceCondition(conditions, condition)
}

/** Puts a condition last, also where only its texts or times are new. */
export function replaceCondition(
  conditions: Conditions,
  condition: DeploymentCondition,
): readonly DeploymentCondition[] {
  const old = findCondition(conditions, condition.type)
  const lastTransitionTime =
    old?.status === condition.status ? old.lastTransitionTime : condition.lastTransitionTime
  return [...withoutCondition(conditions, condition.type), { ...condition, lastTransitionTime }]
}

export function withoutCondition(
  conditions: Conditions,
  type: string,
): readonly DeploymentCondition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type)
}

import type { Deployment } from '../../kinds/apps/v1/deployment.ts'
import { scaledValue } from '../../machinery/int-or-string.ts'

/** No limit is set: the field's largest value stands for none. */
const UNLIMITED = 2 ** 31 - 1

export function isRollingUpdate({ spec }: Deployment): boolean {
  return spec.strategy.type === 'RollingUpdate'
}

/** How many pods there may be beyond the wanted ones during a rolling update. */
export function maxSurge(deployment: Deployment): number {
  return isRollingUpdate(deployment) ? fenceposts(deployment).surge : 0
}

/** How many of the wanted pods may be missing during a rolling update. */
export function maxUnavailable(deployment: Deployment): number {
  const { replicas } = deployment.spec
  if (!isRollingUpdate(deployment) || replicas === 0) return 0
  return Math.min(fenceposts(deployment).unavailable, replicas)
}

/** Percentages round up for surge and down for unavailable; one of both must allow progress. */
function fenceposts({ spec }: Deployment): { surge: number; unavailable: number } {
  const { maxSurge: surgeValue = 0, maxUnavailable: unavailableValue = 0 } =
    spec.strategy.rollingUpdate ?? {}
  const surge = scaledValue(surgeValue, spec.replicas, 'up')
  const unavailable = scaledValue(unavailableValue, spec.replicas, 'down')
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable }
}

export function hasProgressDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== UNLIMITED
}

export function hasRevisionHistoryLimit({ spec }: Deployment): boolean {
  return spec.revisionHistoryLimit !== UNLIMITED
}

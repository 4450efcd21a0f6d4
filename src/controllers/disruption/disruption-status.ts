import { formatTime } from '../../base/clock.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import type {
  PodDisruptionBudget,
  PodDisruptionBudgetStatus,
} from '../../kinds/policy/v1/pod-disruption-budget.ts'
import { setCondition } from '../../machinery/conditions.ts'
import { scaledValue } from '../../machinery/int-or-string.ts'
import { isPodFinished, isPodReady, podCondition, timeOf } from '../runtime/pods.ts'

/** A pod whose eviction was allowed and that is not gone by then stays. */
const EVICTION_TIMEOUT_MS = 2 * 60_000
const STALE_CONDITION_MS = 2 * 60_000

/** How many pods there should be, and how many of them must be healthy. */
export interface Expectation {
  readonly expected: number
  readonly desired: number
}

/** Whether the number of expected pods is that of their controllers, not that of the pods. */
export function needsScale({ spec }: PodDisruptionBudget): boolean {
  return spec.maxUnavailable !== undefined || typeof spec.minAvailable === 'string'
}

/** `expected` as `needsScale` says. */
export function expectationOf({ spec }: PodDisruptionBudget, expected: number): Expectation {
  const { minAvailable, maxUnavailable } = spec
  if (maxUnavailable !== undefined) {
    return {
      expected,
      desired: Math.max(0, expected - scaledValue(maxUnavailable, expected, 'up')),
    }
  }
  if (minAvailable === undefined) return { expected: 0, desired: 0 }
  return { expected, desired: scaledValue(minAvailable, expected, 'up') }
}

/** Evictions that were allowed and have not begun. */
export interface PendingEvictions {
  readonly disrupted: Readonly<Record<string, string>>
  /** Pods that should have gone and have not. */
  readonly late: readonly Pod[]
  /** When the next one is late, in wall-clock milliseconds. */
  readonly nextAt: number | undefined
}

export function pendingEvictions(
  { status }: PodDisruptionBudget,
  pods: readonly Pod[],
  now: number,
): PendingEvictions {
  const disrupted: Record<string, string> = {}
  const late: Pod[] = []
  let nextAt: number | undefined
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata
    const allowed = status.disruptedPods?.[name]
    if (allowed === undefined || deletionTimestamp !== undefined) continue
    const end = (timeOf(allowed) ?? 0) + EVICTION_TIMEOUT_MS
    if (end < now) {
      late.push(pod)
      continue
    }
    disrupted[name] = allowed
    nextAt = Math.min(nextAt ?? end, end)
  }
  return { disrupted, late, nextAt }
}

export function disruptionStatus(
  { metadata, status }: PodDisruptionBudget,
  pods: readonly Pod[],
  { expected, desired }: Expectation,
  disrupted: Readonly<Record<string, string>>,
  now: number,
): PodDisruptionBudgetStatus {
  const healthy = pods.filter(
    (pod) =>
      pod.metadata.deletionTimestamp === undefined &&
      disrupted[pod.metadata.name] === undefined &&
      isPodReady(pod),
  ).length
  // With no pods nothing is allowed: the first ones may be there already, unseen.
  const disruptionsAllowed = expected <= 0 ? 0 : Math.max(0, healthy - desired)
  const observedGeneration = metadata.generation ?? 0
  const isAllowed = disruptionsAllowed > 0
  return {
    observedGeneration,
    ...(Object.keys(disrupted).length > 0 && { disruptedPods: disrupted }),
    disruptionsAllowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    conditions: setCondition(
      status.conditions,
      {
        type: 'DisruptionAllowed',
        status: isAllowed ? 'True' : 'False',
        reason: isAllowed ? 'SufficientPods' : 'InsufficientPods',
        message: '',
        observedGeneration,
        lastTransitionTime: formatTime(now),
      },
      formatTime(now),
    ),
  }
}

/** The status of a budget that could not be calculated: nothing may go. */
export function failedStatus(
  { status }: PodDisruptionBudget,
  message: string,
  now: number,
): PodDisruptionBudgetStatus {
  const time = formatTime(now)
  const { observedGeneration = 0, conditions } = status
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False' as const,
    reason: 'SyncFailed',
    message,
    observedGeneration,
    lastTransitionTime: time,
  }
  return {
    ...status,
    disruptionsAllowed: 0,
    conditions: setCondition(conditions, condition, time),
  }
}

/** When a pod that was to go and has stayed is a target no longer; undefined where it is none. */
export function staleAt(pod: Pod): number | undefined {
  if (pod.metadata.deletionTimestamp !== undefined || isPodFinished(pod)) return undefined
  const condition = podCondition(pod, 'DisruptionTarget')
  // The kubelet may take as long as it wants.
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined
  return (timeOf(condition.lastTransitionTime) ?? 0) + STALE_CONDITION_MS
}

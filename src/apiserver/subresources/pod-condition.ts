import type { PodCondition, PodStatus } from '../../kinds/core/v1/pod-status.ts'

/** A status in which this condition holds; the time of its last change is kept if it held. */
export function withPodCondition(
  status: PodStatus,
  condition: PodCondition,
  time: string,
): PodStatus {
  const conditions = status.conditions ?? []
  const before = conditions.find(({ type }) => type === condition.type)
  const isSame = before?.status === condition.status
  const lastTransitionTime = isSame ? (before?.lastTransitionTime ?? time) : time
  const after = { ...condition, lastProbeTime: null, lastTransitionTime }
  return {
    ...status,
    conditions:
      before === undefined
        ? [...conditions, after]
        : conditions.map((one) => (one === before ? after : one)),
  }
}

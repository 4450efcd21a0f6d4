import type { PodGroup } from './pod-group.ts'

/** Where a group stands, for the column. */
export function groupState({ status }: PodGroup): string {
  const { conditions = [] } = status
  const disruption = conditions.findLast(({ type }) => type === 'DisruptionTarget')
  if (disruption !== undefined) return disruption.reason
  const scheduled = conditions.findLast(({ type }) => type === 'PodGroupScheduled')
  if (scheduled === undefined) return 'Pending'
  return scheduled.status === 'True' ? 'Scheduled' : 'Unschedulable'
}

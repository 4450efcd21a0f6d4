import type { Pod } from '../../kinds/core/v1/pod.ts'
import { parseTime } from '../../machinery/time.ts'
import type { PodStatus } from '../pod-types.ts'

/** Why the kubelet itself fails a pod. */
export interface PodFailure {
  readonly reason: string
  readonly message: string
  /** It fails for the node's sake; its owner makes another one. */
  readonly isEviction?: boolean
}

export interface Deadline {
  readonly failure?: PodFailure
  /** Until it passes; absent where there is none. */
  readonly remainingMs?: number
}

/** Whether a pod has been active for longer than it may be (`activeDeadlineSeconds`). */
export function deadlineExceeded(
  { spec: { activeDeadlineSeconds } }: Pod,
  { startTime }: PodStatus,
  nowMs: number,
): Deadline {
  if (activeDeadlineSeconds === undefined || startTime === undefined) return {}
  const remainingMs = parseTime(startTime) + activeDeadlineSeconds * 1000 - nowMs
  if (remainingMs > 0) return { remainingMs }
  const message = 'Pod was active on the node longer than the specified deadline'
  return { failure: { reason: 'DeadlineExceeded', message } }
}

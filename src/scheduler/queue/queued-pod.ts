import type { Pod } from '../../kinds/core/v1/pod.ts'
import { priorityOf } from '../framework/pod-info.ts'

/** A pod that waits for a node. */
export interface QueuedPod {
  pod: Pod
  readonly uid: string
  /** When it last came into the queue, monotonic milliseconds. */
  timestamp: number
  sequence: number
  /** Cycles in a row that found no node, and that failed. */
  unschedulableCount: number
  errorCount: number
  /** The plugins that rejected it last; empty after an error. */
  rejectedBy: ReadonlySet<string>
  /** Monotonic milliseconds; it is not tried before, unless nothing else is to be done. */
  backoffUntil: number
  state: 'active' | 'backoff' | 'unschedulable' | 'gated' | 'in-flight' | 'removed'
}

const INITIAL_BACKOFF_MS = 1_000
const MAX_BACKOFF_MS = 10_000

/** 1 s after the first failure, then twice as long each time, at most 10 s. */
export function backoffMs({ unschedulableCount, errorCount }: QueuedPod): number {
  const count = errorCount > 0 ? errorCount : unschedulableCount
  return count === 0 ? 0 : Math.min(INITIAL_BACKOFF_MS * 2 ** (count - 1), MAX_BACKOFF_MS)
}

/** Upstream's PrioritySort: higher priority first, then who came first. */
export function comesFirst(a: QueuedPod, b: QueuedPod): boolean {
  const difference = priorityOf(b.pod) - priorityOf(a.pod)
  if (difference !== 0) return difference < 0
  return a.timestamp === b.timestamp ? a.sequence < b.sequence : a.timestamp < b.timestamp
}

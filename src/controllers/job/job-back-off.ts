import type { Pod } from '../../kinds/core/v1/pod.ts'
import { absoluteFailureCount, finishedAt } from './job-pod.ts'

const BASE_MS = 10_000
const MAX_MS = 10 * 60_000

/** Failures of a Job's pods since one last succeeded. */
export interface FailureRecord {
  readonly failures: number
  readonly lastAt: number
}

export const noFailures: FailureRecord = { failures: 0, lastAt: 0 }

/** The record behind pods that have ended since it was made. */
export function recordFailures(
  record: FailureRecord,
  succeeded: readonly Pod[],
  failed: readonly Pod[],
): FailureRecord {
  if (succeeded.length + failed.length === 0) return record
  const lastSuccess = Math.max(...succeeded.map(finishedAt))
  const since = failed.map(finishedAt).filter((at) => at > lastSuccess)
  if (since.length === 0) return noFailures
  const before = succeeded.length === 0 ? record.failures : 0
  return { failures: before + since.length, lastAt: Math.max(...since) }
}

/** Milliseconds until the next pod may be made. */
export function remainingBackOff({ failures, lastAt }: FailureRecord, now: number): number {
  if (failures === 0) return 0
  const delayMs = Math.min(BASE_MS * 2 ** (failures - 1), MAX_MS)
  return Math.max(0, lastAt + delayMs - now)
}

/** Milliseconds until an index may have another pod, from the last that failed. */
export function remainingIndexBackOff(failed: Pod | undefined, now: number): number {
  if (failed === undefined) return 0
  const failures = absoluteFailureCount(failed) + 1
  return remainingBackOff({ failures, lastAt: finishedAt(failed) }, now)
}

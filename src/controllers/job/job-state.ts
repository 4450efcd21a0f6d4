import { countIndexes } from '../../kinds/batch/v1/index-intervals.ts'
import type { Job } from '../../kinds/batch/v1/job.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { isPodActive, isPodTerminating } from '../runtime/pods.ts'
import { hasIndex, type IndexList, readIndexes, withIndexes } from './index-list.ts'
import {
  absoluteFailureCount,
  completionIndex,
  failureCount,
  finishedAt,
  hasPodFailed,
  isIndexed,
  isTracked,
  validIndex,
} from './job-pod.ts'
import { judgeFailure } from './pod-failure-policy.ts'

/** A Job and its pods at one moment, and what follows from them. */
export interface JobState {
  readonly job: Job
  readonly pods: readonly Pod[]
  readonly active: readonly Pod[]
  readonly terminating: number
  readonly now: number
  /** Whether a pod still has its finalizer, as far as this controller knows. */
  isPending(pod: Pod): boolean
  /** Ended and not in the status yet. */
  readonly newSucceeded: readonly Pod[]
  readonly newFailed: readonly Pod[]
  readonly succeeded: number
  readonly failed: number
  /** What the status says. */
  readonly knownIndexes: IndexList
  readonly succeededIndexes: IndexList
  /** Undefined where indexes do not fail on their own. */
  readonly failedIndexes: IndexList | undefined
  /** Failed pods that stay until their replacement bears the count of failures, by index. */
  readonly awaiting: ReadonlyMap<number, Pod>
}

/** `released` names pods whose finalizer has been removed though the cache does not show it. */
export function jobState(
  job: Job,
  pods: readonly Pod[],
  released: ReadonlySet<string>,
  now: number,
): JobState {
  const { uncountedTerminatedPods: uncounted, succeeded = 0, failed = 0 } = job.status
  const isPending = (pod: Pod): boolean => isTracked(pod) && !released.has(pod.metadata.uid)
  const isValid = (pod: Pod): boolean => !isIndexed(job) || validIndex(pod, job) !== undefined
  const isNew = (pod: Pod, known: readonly string[] = []): boolean =>
    isPending(pod) && !known.includes(pod.metadata.uid) && isValid(pod)
  const hasFailed = (pod: Pod): boolean => hasPodFailed(pod, job)
  const newSucceeded = pods.filter(
    (pod) => pod.status.phase === 'Succeeded' && isNew(pod, uncounted?.succeeded),
  )
  const newFailed = pods.filter((pod) => hasFailed(pod) && isNew(pod, uncounted?.failed))
  const counted = newFailed.filter((pod) => judgeFailure(job, pod).action !== 'Ignore')
  const active = pods.filter(isPodActive)
  const indexes = indexState(job, pods, active)
  return {
    ...{ job, pods, active, now, isPending, newSucceeded, newFailed, ...indexes },
    terminating: pods.filter(isPodTerminating).length,
    succeeded: isIndexed(job)
      ? countIndexes(indexes.succeededIndexes)
      : succeeded + newSucceeded.length + (uncounted?.succeeded?.length ?? 0),
    failed: failed + counted.length + (uncounted?.failed?.length ?? 0),
  }
}

type IndexState = Pick<JobState, 'knownIndexes' | 'succeededIndexes' | 'failedIndexes' | 'awaiting'>

function indexState(job: Job, pods: readonly Pod[], active: readonly Pod[]): IndexState {
  const awaiting = new Map<number, Pod>()
  if (!isIndexed(job)) {
    return { knownIndexes: [], succeededIndexes: [], failedIndexes: undefined, awaiting }
  }
  const { completions = 0, backoffLimitPerIndex } = job.spec
  const knownIndexes = readIndexes(job.status.completedIndexes, completions)
  const tracked = pods.filter(isTracked)
  const indexesOf = (some: readonly Pod[]): number[] =>
    some.map((pod) => validIndex(pod, job)).filter((index) => index !== undefined)
  const succeededPods = tracked.filter(({ status }) => status.phase === 'Succeeded')
  const succeededIndexes = withIndexes(knownIndexes, indexesOf(succeededPods))
  if (backoffLimitPerIndex === undefined) {
    return { knownIndexes, succeededIndexes, failedIndexes: undefined, awaiting }
  }
  const failedPods = tracked.filter((pod) => failsIndex(pod, job, backoffLimitPerIndex))
  const failedBefore = readIndexes(job.status.failedIndexes, completions)
  const failedIndexes = withIndexes(failedBefore, indexesOf(failedPods))
  const activeIndexes = new Set(active.map(completionIndex))
  for (const pod of tracked) {
    const index = hasPodFailed(pod, job) ? validIndex(pod, job) : undefined
    if (index === undefined || activeIndexes.has(index)) continue
    if (hasIndex(succeededIndexes, index) || hasIndex(failedIndexes, index)) continue
    if (isLaterFailure(pod, awaiting.get(index))) awaiting.set(index, pod)
  }
  return { knownIndexes, succeededIndexes, failedIndexes, awaiting }
}

function failsIndex(pod: Pod, job: Job, limit: number): boolean {
  if (!hasPodFailed(pod, job)) return false
  const { action } = judgeFailure(job, pod)
  return action === 'FailIndex' || (action !== 'Ignore' && failureCount(pod) >= limit)
}

function isLaterFailure(pod: Pod, other: Pod | undefined): boolean {
  if (other === undefined) return true
  const isMore = absoluteFailureCount(other) <= absoluteFailureCount(pod)
  return isMore && finishedAt(pod) >= finishedAt(other)
}

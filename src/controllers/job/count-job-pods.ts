import { countIndexes } from '../../kinds/batch/v1/index-intervals.ts'
import type { JobStatus, UncountedTerminatedPods } from '../../kinds/batch/v1/job.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { omitZero } from '../runtime/omit-zero.ts'
import { formatIndexes, hasIndex } from './index-list.ts'
import type { Finish } from './job-finish.ts'
import { completionIndex, hasPodFailed, isIndexed, validIndex } from './job-pod.ts'
import type { JobState } from './job-state.ts'
import { judgeFailure } from './pod-failure-policy.ts'

/** So that a Job's status stays small. */
const MAX_UNCOUNTED = 500

/** What counting the pods that have ended comes to. */
export interface Count {
  /** To be written before any finalizer is removed. */
  readonly status: JobStatus
  /** Pods that the Job needs no longer, in the order of their index. */
  readonly release: readonly Pod[]
  /** Whether there are more, for the next time. */
  readonly hasMore: boolean
}

/**
 * Counts every pod once, whatever fails in between, in steps that the status remembers:
 *
 *     the uid of a pod that has ended goes into `uncountedTerminatedPods`
 *     its finalizer goes
 *     the uid becomes one more in `succeeded` or `failed`
 *
 * A pod that succeeded for an index needs no uid: the index itself is remembered.
 */
export function countJobPods(state: JobState, finish: Finish | undefined): Count {
  const { job, pods, isPending } = state
  const { uncountedTerminatedPods: uncounted } = job.status
  const succeeded = new Set(uncounted?.succeeded)
  const failed = new Set(uncounted?.failed)
  const release: Pod[] = []
  let newIndexes = 0
  const ordered = isIndexed(job)
    ? pods.toSorted((a, b) => (completionIndex(a) ?? -1) - (completionIndex(b) ?? -1))
    : pods
  const pending = ordered.filter((pod) => isPending(pod) && isReleasable(state, pod, finish))
  for (const pod of pending) {
    if (newIndexes + succeeded.size + failed.size >= MAX_UNCOUNTED) break
    release.push(pod)
    const { uid } = pod.metadata
    const index = validIndex(pod, job)
    if (pod.status.phase === 'Succeeded' && !failed.has(uid)) {
      if (!isIndexed(job)) succeeded.add(uid)
      else if (index !== undefined && !hasIndex(state.knownIndexes, index)) newIndexes += 1
    } else if (countsAsFailed(state, pod, finish) && (!isIndexed(job) || index !== undefined)) {
      failed.add(uid)
    }
  }
  const left = new Set(pods.filter(isPending).map(({ metadata }) => metadata.uid))
  const named = { succeeded: [...succeeded], failed: [...failed] }
  const status = settleUncounted({ ...job.status, uncountedTerminatedPods: named }, left)
  return {
    status: isIndexed(job) ? withIndexLists(status, state) : status,
    release,
    hasMore: release.length < pending.length,
  }
}

/** Pods that have no finalizer any more leave the list and are counted. */
export function settleUncounted(status: JobStatus, tracked: ReadonlySet<string>): JobStatus {
  const { uncountedTerminatedPods, succeeded = 0, failed = 0 } = status
  const names = uncountedTerminatedPods ?? {}
  const left: UncountedTerminatedPods = omitZero({
    succeeded: (names.succeeded ?? []).filter((uid) => tracked.has(uid)),
    failed: (names.failed ?? []).filter((uid) => tracked.has(uid)),
  })
  const { succeeded: _, failed: __, ...others } = status
  return {
    ...others,
    ...omitZero({
      succeeded: succeeded + (names.succeeded?.length ?? 0) - (left.succeeded?.length ?? 0),
      failed: failed + (names.failed?.length ?? 0) - (left.failed?.length ?? 0),
    }),
    uncountedTerminatedPods: left,
  }
}

export function hasUncounted({ uncountedTerminatedPods }: JobStatus): boolean {
  const { succeeded = [], failed = [] } = uncountedTerminatedPods ?? {}
  return succeeded.length + failed.length > 0
}

function withIndexLists(status: JobStatus, state: JobState): JobStatus {
  const { succeeded: _, completedIndexes: __, failedIndexes: ___, ...others } = status
  const { succeededIndexes, failedIndexes } = state
  return {
    ...others,
    ...omitZero({
      succeeded: countIndexes(succeededIndexes),
      completedIndexes: formatIndexes(succeededIndexes),
    }),
    ...(failedIndexes !== undefined && { failedIndexes: formatIndexes(failedIndexes) }),
  }
}

function isReleasable(state: JobState, pod: Pod, finish: Finish | undefined): boolean {
  const { job, awaiting } = state
  if (job.metadata.deletionTimestamp !== undefined || finish !== undefined) return true
  if (pod.status.phase === 'Succeeded') return true
  if (!hasPodFailed(pod, job)) return false
  const index = completionIndex(pod)
  return index === undefined || awaiting.get(index)?.metadata.uid !== pod.metadata.uid
}

/** Of a Job that fails, all pods that have not succeeded have failed. */
function countsAsFailed({ job }: JobState, pod: Pod, finish: Finish | undefined): boolean {
  if (!hasPodFailed(pod, job) && finish?.type !== 'Failed') return false
  return judgeFailure(job, pod).action !== 'Ignore'
}

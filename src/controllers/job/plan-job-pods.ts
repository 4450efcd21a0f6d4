import type { Job } from '../../kinds/batch/v1/job.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { inDeletionOrder } from '../replicaset/plan-replicas.ts'
import { isPodTerminating } from '../runtime/pods.ts'
import { firstMissing, mergeIndexes, withIndexes } from './index-list.ts'
import { type FailureRecord, remainingBackOff, remainingIndexBackOff } from './job-back-off.ts'
import { completionIndex, isIndexed, replacesOnlyFailed, validIndex } from './job-pod.ts'
import type { JobState } from './job-state.ts'

/** At once, so that one large Job does not hold up the others. */
const MAX_AT_ONCE = 500

/** Upstream's batching delay is the least. */
const MIN_WAIT_MS = 1_000

/** Pods are either removed or made, never both at once. */
export interface JobPlan {
  readonly remove: readonly Pod[]
  /** One for each new pod: its index, where the Job is indexed. */
  readonly create: readonly (number | undefined)[]
  /** Milliseconds until a pod may be made that may not be now. */
  readonly waitMs?: number
}

/** What is to be done about a Job's pods while it neither has ended nor ends. */
export function planJobPods(state: JobState, record: FailureRecord): JobPlan {
  const { job, active, terminating, now } = state
  if (job.spec.suspend) return { remove: active, create: [] }
  const wanted = wantedActive(state)
  const remove = podsToRemove(state, Math.max(0, active.length - wanted))
  if (remove.length > 0) return { remove: remove.slice(0, MAX_AT_ONCE), create: [] }
  const leaving = replacesOnlyFailed(job) ? terminating : 0
  const missing = Math.min(wanted - active.length - leaving, MAX_AT_ONCE)
  if (missing <= 0) return { remove: [], create: [] }
  const hasOwnLimits = job.spec.backoffLimitPerIndex !== undefined
  const waitMs = hasOwnLimits ? 0 : remainingBackOff(record, now)
  if (waitMs > 0) return wait(waitMs)
  if (!isIndexed(job)) return { remove: [], create: Array.from({ length: missing }) }
  return planIndexes(state, missing)
}

function wantedActive({ job, succeeded, active }: JobState): number {
  const { completions, parallelism } = job.spec
  if (completions !== undefined) return Math.max(0, Math.min(completions - succeeded, parallelism))
  // One success is enough: no more pods are made, and those that run may end.
  return succeeded > 0 ? active.length : parallelism
}

function planIndexes(state: JobState, count: number): JobPlan {
  const { job, active, pods, succeededIndexes, failedIndexes, awaiting, now } = state
  const leaving = replacesOnlyFailed(job) ? pods.filter(isPodTerminating) : []
  const taken = [...active, ...leaving].map(completionIndex).filter((one) => one !== undefined)
  const done = mergeIndexes(withIndexes(succeededIndexes, taken), failedIndexes ?? [])
  const pending = firstMissing(done, count, job.spec.completions ?? 0)
  if (failedIndexes === undefined) return { remove: [], create: pending }
  const waits = pending.map((index) => remainingIndexBackOff(awaiting.get(index), now))
  const create = pending.filter((_, at) => waits[at] === 0)
  return create.length === 0 && waits.length > 0 ? wait(Math.min(...waits)) : { remove: [], create }
}

/** At least so many, and all of an indexed Job that have no valid index or share one. */
function podsToRemove({ job, active, now }: JobState, atLeast: number): readonly Pod[] {
  const ordered = inDeletionOrder(active, [], now)
  const surplus = isIndexed(job) ? surplusPods(job, ordered) : new Set<Pod>()
  const others = ordered.filter((pod) => !surplus.has(pod))
  return [...surplus, ...others.slice(0, Math.max(0, atLeast - surplus.size))]
}

/** Of several with one index, the last in the order of deletion stays. */
function surplusPods(job: Job, ordered: readonly Pod[]): ReadonlySet<Pod> {
  const kept = new Map<number, Pod>()
  for (const pod of ordered) {
    const index = validIndex(pod, job)
    if (index !== undefined) kept.set(index, pod)
  }
  const staying = new Set(kept.values())
  return new Set(ordered.filter((pod) => !staying.has(pod)))
}

function wait(waitMs: number): JobPlan {
  return { remove: [], create: [], waitMs: Math.max(waitMs, MIN_WAIT_MS) }
}

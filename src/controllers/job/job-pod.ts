import type { Job } from '../../kinds/batch/v1/job.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { podCondition, timeOf } from '../runtime/pods.ts'

/** Keeps a pod until the Job has counted it. */
export const TRACKING_FINALIZER = 'batch.kubernetes.io/job-tracking'
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index'
export const FAILURE_COUNT = 'batch.kubernetes.io/job-index-failure-count'
export const IGNORED_FAILURE_COUNT = 'batch.kubernetes.io/job-index-ignored-failure-count'

export function isTracked({ metadata }: Pod): boolean {
  return metadata.finalizers?.includes(TRACKING_FINALIZER) === true
}

export function completionIndex({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX]
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined
}

/** The index of a pod that counts: one of an indexed Job must have one below its completions. */
export function validIndex(pod: Pod, { spec }: Job): number | undefined {
  const index = completionIndex(pod)
  return index !== undefined && index < (spec.completions ?? 0) ? index : undefined
}

/** How often the index had failed when the pod was made, as far as failures count. */
export function failureCount(pod: Pod): number {
  return countOf(pod, FAILURE_COUNT)
}

/** How often the index had failed when the pod was made, in any way. */
export function absoluteFailureCount(pod: Pod): number {
  return countOf(pod, FAILURE_COUNT) + countOf(pod, IGNORED_FAILURE_COUNT)
}

export function ignoredFailureCount(pod: Pod): number {
  return countOf(pod, IGNORED_FAILURE_COUNT)
}

export function isIndexed({ spec }: Job): boolean {
  return spec.completionMode === 'Indexed'
}

/** Whether a pod that is going away is replaced only once it has ended. */
export function replacesOnlyFailed({ spec }: Job): boolean {
  return spec.podReplacementPolicy === 'Failed' || spec.podFailurePolicy !== undefined
}

export function hasPodFailed({ metadata, status }: Pod, job: Job): boolean {
  if (status.phase === 'Failed') return true
  if (replacesOnlyFailed(job)) return false
  // An orphan that is deleted may never get to fail.
  return metadata.deletionTimestamp !== undefined && status.phase !== 'Succeeded'
}

/** When a pod ended, as well as can be told, in wall-clock milliseconds. */
export function finishedAt(pod: Pod): number {
  const { metadata } = pod
  const ready = podCondition(pod, 'Ready')
  const gone = timeOf(metadata.deletionTimestamp)
  const graceMs = (metadata.deletionGracePeriodSeconds ?? 0) * 1000
  return (
    containersFinishedAt(pod) ??
    (ready?.status === 'False' ? timeOf(ready.lastTransitionTime) : undefined) ??
    (gone === undefined ? undefined : gone - graceMs) ??
    timeOf(metadata.creationTimestamp) ??
    0
  )
}

/** Undefined unless all containers have ended; sidecars count, other init containers do not. */
function containersFinishedAt({ spec, status }: Pod): number | undefined {
  const sidecars = (spec.initContainers ?? []).filter((one) => one.restartPolicy === 'Always')
  const names = new Set(sidecars.map(({ name }) => name))
  const statuses = [
    ...(status.containerStatuses ?? []),
    ...(status.initContainerStatuses ?? []).filter(({ name }) => names.has(name)),
  ]
  const times = statuses.map(({ state }) => timeOf(state?.terminated?.finishedAt))
  const known = times.filter((time) => time !== undefined)
  return known.length > 0 && known.length === times.length ? Math.max(...known) : undefined
}

function countOf({ metadata }: Pod, annotation: string): number {
  const text = metadata.annotations?.[annotation] ?? ''
  const count = /^[0-9]+$/.test(text) ? Number(text) : 0
  return count <= 0x7fffffff ? count : 0
}

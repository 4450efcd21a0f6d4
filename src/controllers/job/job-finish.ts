import { formatTime } from '../../base/clock.ts'
import { countIndexes } from '../../kinds/batch/v1/index-intervals.ts'
import type { Job, JobCondition } from '../../kinds/batch/v1/job.ts'
import type { Pod } from '../../kinds/core/v1/pod.ts'
import { findCondition } from '../../machinery/conditions.ts'
import { timeOf } from '../runtime/pods.ts'
import { hasPodFailed } from './job-pod.ts'
import type { JobState } from './job-state.ts'
import { judgeFailure } from './pod-failure-policy.ts'
import { matchSuccessPolicy } from './success-policy.ts'

/** How a Job ends. First an interim condition says so, and once no pod is left the final one. */
export interface Finish {
  readonly type: 'Complete' | 'Failed'
  readonly reason: string
  readonly message: string
}

export const COMPLETIONS_REACHED: Finish = {
  type: 'Complete',
  reason: 'CompletionsReached',
  message: 'Reached expected number of succeeded pods',
}

const INTERIM = { Complete: 'SuccessCriteriaMet', Failed: 'FailureTarget' } as const

export function isJobFinished({ status }: Job): boolean {
  return isTrue(status.conditions, 'Complete') || isTrue(status.conditions, 'Failed')
}

/** Whether the Job ends, whatever its active pods may still do; what was decided once stays so. */
export function decideFinish(state: JobState): Finish | undefined {
  return (
    decidedFinish(state.job, 'Complete') ??
    decidedFinish(state.job, 'Failed') ??
    failureByPolicy(state) ??
    failureByLimit(state) ??
    failureByIndexes(state) ??
    successByPolicy(state)
  )
}

/** Milliseconds until the Job has been active for too long; undefined for never. */
export function untilDeadline({ spec, status }: Job, now: number): number | undefined {
  const started = timeOf(status.startTime)
  const { activeDeadlineSeconds, suspend } = spec
  if (activeDeadlineSeconds === undefined || started === undefined || suspend) return undefined
  return started + activeDeadlineSeconds * 1000 - now
}

export function withInterimCondition(
  conditions: readonly JobCondition[],
  { type, reason, message }: Finish,
  now: number,
): readonly JobCondition[] {
  return withCondition(conditions, { type: INTERIM[type], status: 'True', reason, message }, now)
}

/** The conditions with one set. One that would be new and false is left out: it means nothing. */
export function withCondition(
  conditions: readonly JobCondition[],
  change: Pick<JobCondition, 'type' | 'status' | 'reason' | 'message'>,
  now: number,
): readonly JobCondition[] {
  const old = findCondition(conditions, change.type)
  if (old === undefined && change.status === 'False') return conditions
  const isSame =
    old?.status === change.status && old.reason === change.reason && old.message === change.message
  if (isSame) return conditions
  const time = formatTime(now)
  const next = { ...change, lastProbeTime: time, lastTransitionTime: time }
  if (old === undefined) return [...conditions, next]
  return conditions.map((one) => (one === old ? next : one))
}

function decidedFinish({ status }: Job, type: Finish['type']): Finish | undefined {
  const interim = findCondition(status.conditions, INTERIM[type])
  if (interim?.status !== 'True') return undefined
  return { type, reason: interim.reason ?? '', message: interim.message ?? '' }
}

function failureByPolicy({ job, pods }: JobState): Finish | undefined {
  if (job.spec.podFailurePolicy === undefined) return undefined
  for (const pod of pods) {
    if (!hasPodFailed(pod, job)) continue
    const { message } = judgeFailure(job, pod)
    if (message !== undefined) return failure('PodFailurePolicy', message)
  }
  return undefined
}

function failureByLimit({ job, pods, failed, now }: JobState): Finish | undefined {
  if (failed > job.spec.backoffLimit || restartsTooOften(job, pods)) {
    return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit')
  }
  if ((untilDeadline(job, now) ?? 1) > 0) return undefined
  return failure('DeadlineExceeded', 'Job was active longer than specified deadline')
}

function failureByIndexes(state: JobState): Finish | undefined {
  const { maxFailedIndexes, completions = 0 } = state.job.spec
  const failed = countIndexes(state.failedIndexes ?? [])
  if (maxFailedIndexes !== undefined && failed > maxFailedIndexes) {
    const message = 'Job has exceeded the specified maximal number of failed indexes'
    return failure('MaxFailedIndexesExceeded', message)
  }
  const isDone = failed > 0 && failed + countIndexes(state.succeededIndexes) >= completions
  return isDone ? failure('FailedIndexes', 'Job has failed indexes') : undefined
}

function successByPolicy({ job, succeededIndexes }: JobState): Finish | undefined {
  const message = matchSuccessPolicy(job, succeededIndexes)
  return message === undefined ? undefined : { type: 'Complete', reason: 'SuccessPolicy', message }
}

/** Of pods that restart their containers, the restarts count as failures. */
function restartsTooOften({ spec }: Job, pods: readonly Pod[]): boolean {
  if (spec.template.spec.restartPolicy !== 'OnFailure') return false
  const statuses = pods
    .filter(({ status }) => status.phase === 'Running' || status.phase === 'Pending')
    .flatMap(({ status }) => [
      ...(status.initContainerStatuses ?? []),
      ...(status.containerStatuses ?? []),
    ])
  const restarts = statuses.reduce((sum, { restartCount }) => sum + restartCount, 0)
  return spec.backoffLimit === 0 ? restarts > 0 : restarts >= spec.backoffLimit
}

function failure(reason: string, message: string): Finish {
  return { type: 'Failed', reason, message }
}

function isTrue(conditions: readonly JobCondition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === 'True'
}

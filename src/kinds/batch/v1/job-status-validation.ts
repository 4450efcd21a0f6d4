import { isConditionTrue } from '../../../machinery/conditions.ts'
import { deepEqual } from '../../../machinery/deep-equal.ts'
import {
  duplicate,
  type FieldErrors,
  type FieldPath,
  invalid,
  invalidWithoutValue,
  required,
} from '../../../machinery/field-error.ts'
import { FIELD_IS_IMMUTABLE } from '../../../machinery/validate-object-meta.ts'
import { validateNonNegative } from '../../core/v1/field-rules.ts'
import {
  firstOverlap,
  type IndexInterval,
  IndexSyntaxError,
  parseIndexes,
} from './index-intervals.ts'
import type { Job, JobStatus, UncountedTerminatedPods } from './job.ts'
import { validateIndexes } from './job-policy-validation.ts'

const COUNTS = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const
const FINAL_CONDITIONS = ['Failed', 'Complete', 'FailureTarget']

/** Two states of a Job, and which conditions and fields differ between them. */
interface Change {
  readonly job: Job
  readonly old: Job
  is(condition: string): boolean
  was(condition: string): boolean
  /** Whether a condition has become true or is no longer. */
  turned(condition: string): boolean
  changed(field: keyof JobStatus): boolean
}

/**
 * What upstream's rules of states say is checked where it changes, so that an update of something
 * else goes through.
 */
export function* validateJobStatusUpdate(job: Job, old: Job, path: FieldPath): FieldErrors {
  const statusPath = path.child('status')
  const change = changeOf(job, old)
  const { status } = job
  for (const field of COUNTS)
    yield* validateNonNegative(status[field] ?? 0, statusPath.child(field))
  if (status.uncountedTerminatedPods !== undefined) {
    const uncountedPath = statusPath.child('uncountedTerminatedPods')
    yield* validateUncounted(status.uncountedTerminatedPods, uncountedPath)
  }
  yield* validateEnds(change, statusPath)
  yield* validateFinished(change, statusPath)
  yield* validateIndexLists(change, statusPath)
  yield* validateSuccessCriteria(change, statusPath)
  yield* validateProgress(change, statusPath)
}

function changeOf(job: Job, old: Job): Change {
  const is = (condition: string) => isConditionTrue(job.status.conditions, condition)
  const was = (condition: string) => isConditionTrue(old.status.conditions, condition)
  return {
    ...{ job, old, is, was },
    turned: (condition) => is(condition) !== was(condition),
    changed: (field) => !deepEqual(job.status[field], old.status[field]),
  }
}

function* validateUncounted(pods: UncountedTerminatedPods, path: FieldPath): FieldErrors {
  const seen = new Set<string>()
  for (const list of ['succeeded', 'failed'] as const) {
    for (const [index, uid] of (pods[list] ?? []).entries()) {
      const uidPath = path.child(list).index(index)
      if (uid === '') yield invalid(uidPath, uid, 'must not be empty')
      else if (seen.has(uid)) yield duplicate(uidPath, uid)
      seen.add(uid)
    }
  }
}

/** A Job ends in one way, and says when. */
function* validateEnds({ job, is, turned, changed }: Change, path: FieldPath): FieldErrors {
  const { completionTime, startTime } = job.status
  const conditionsPath = path.child('conditions')
  const timePath = path.child('completionTime')
  const isComplete = is('Complete')
  if ((turned('Complete') || turned('Failed')) && isComplete && is('Failed')) {
    yield invalidWithoutValue(conditionsPath, 'cannot set Complete=True and Failed=true conditions')
  }
  const hasTurned = turned('Complete') || turned('FailureTarget')
  if (hasTurned && isComplete && is('FailureTarget')) {
    const why = 'cannot set Complete=True and FailureTarget=true conditions'
    yield invalidWithoutValue(conditionsPath, why)
  }
  if (turned('Complete') || changed('completionTime')) {
    if (completionTime !== undefined && !isComplete) {
      const why = 'cannot set completionTime when there is no Complete=True condition'
      yield invalid(timePath, completionTime, why)
    }
    if (completionTime === undefined && isComplete) {
      yield required(timePath, 'completionTime is required for Complete jobs')
    }
  }
  if (changed('startTime') || changed('completionTime')) {
    if (startTime !== undefined && completionTime !== undefined && completionTime < startTime) {
      yield invalid(timePath, completionTime, 'must be equal to or after `startTime`')
    }
  }
  if ((turned('Failed') || changed('failedIndexes')) && is('Failed') && !is('FailureTarget')) {
    const why = 'cannot set Failed=True condition without the FailureTarget=true condition'
    yield invalidWithoutValue(conditionsPath, why)
  }
  const isMet = is('SuccessCriteriaMet')
  if ((turned('Complete') || turned('SuccessCriteriaMet')) && isComplete && !isMet) {
    const why = 'cannot set Complete=True condition without the SuccessCriteriaMet=true condition'
    yield invalidWithoutValue(conditionsPath, why)
  }
}

/** When a Job has finished, none of its pods is left. */
function* validateFinished({ job, is, was, changed }: Change, path: FieldPath): FieldErrors {
  const { active = 0, ready, terminating = 0, startTime, uncountedTerminatedPods } = job.status
  const isFinished = is('Complete') || is('Failed')
  const hasTurned = isFinished !== (was('Complete') || was('Failed'))
  const concerns = (field: keyof JobStatus) => isFinished && (hasTurned || changed(field))
  if (concerns('active') && active > 0) {
    yield invalid(path.child('active'), active, 'active>0 is invalid for finished job')
  }
  const needsNoStart = job.spec.suspend && job.spec.completions === 0
  if (concerns('startTime') && !needsNoStart && startTime === undefined) {
    yield required(path.child('startTime'), 'startTime is required for finished job')
  }
  const { failed = [], succeeded = [] } = uncountedTerminatedPods ?? {}
  if (concerns('uncountedTerminatedPods') && failed.length + succeeded.length > 0) {
    const uncountedPath = path.child('uncountedTerminatedPods')
    yield invalid(uncountedPath, uncountedTerminatedPods, 'must be empty for finished job')
  }
  if (concerns('terminating') && terminating > 0) {
    const why = 'terminating>0 is invalid for finished job'
    yield invalid(path.child('terminating'), terminating, why)
  }
  if ((changed('ready') || changed('active')) && ready !== undefined && ready > active) {
    yield invalid(path.child('ready'), ready, 'cannot set more ready pods than active')
  }
}

function* validateIndexLists({ job, changed }: Change, path: FieldPath): FieldErrors {
  const { spec, status } = job
  const { completions, backoffLimitPerIndex } = spec
  const { completedIndexes = '', failedIndexes } = status
  const completedPath = path.child('completedIndexes')
  const failedPath = path.child('failedIndexes')
  if (changed('completedIndexes')) {
    if (completions !== undefined) {
      yield* validateIndexes(completedIndexes, completions, completedPath, 'completedIndexes')
    }
    if (completedIndexes !== '' && spec.completionMode !== 'Indexed') {
      const why = 'cannot set non-empty completedIndexes when non-indexed completion mode'
      yield invalid(completedPath, completedIndexes, why)
    }
  }
  if (failedIndexes === undefined) return
  if (changed('failedIndexes')) {
    if (backoffLimitPerIndex === undefined) {
      const why = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'
      yield invalid(failedPath, failedIndexes, why)
    } else if (completions !== undefined) {
      yield* validateIndexes(failedIndexes, completions, failedPath, 'failedIndexes')
    }
  }
  if (completions === undefined) return
  if (!changed('failedIndexes') && !changed('completedIndexes')) return
  const overlap = firstOverlap(
    readIndexes(completedIndexes, completions),
    readIndexes(failedIndexes, completions),
  )
  if (overlap === undefined) return
  const why = `failedIndexes and completedIndexes overlap at index: ${overlap}`
  yield invalid(failedPath, failedIndexes, why)
}

/** Nothing for text whose errors are told elsewhere. */
function readIndexes(text: string, completions: number): readonly IndexInterval[] {
  try {
    return parseIndexes(text, completions)
  } catch (error) {
    if (error instanceof IndexSyntaxError) return []
    throw error
  }
}

function* validateSuccessCriteria({ is, was }: Change, path: FieldPath): FieldErrors {
  const conditionsPath = path.child('conditions')
  const isMet = is('SuccessCriteriaMet')
  for (const type of ['Failed', 'FailureTarget']) {
    if (!isMet || !is(type)) continue
    const why = `cannot set SuccessCriteriaMet=True and ${type}=true conditions`
    yield invalidWithoutValue(conditionsPath, why)
  }
  const wasMet = was('SuccessCriteriaMet')
  if (wasMet && !isMet) {
    const why = 'cannot disable the SuccessCriteriaMet=True condition'
    yield invalidWithoutValue(conditionsPath, why)
  }
  if (was('Complete') && !wasMet && isMet) {
    const why = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'
    yield invalidWithoutValue(conditionsPath, why)
  }
}

/** What has happened stays so. */
function* validateProgress({ job, old, is, was }: Change, path: FieldPath): FieldErrors {
  const { status, spec } = job
  for (const type of FINAL_CONDITIONS) {
    if (!was(type) || is(type)) continue
    const why = `cannot disable the terminal ${type}=True condition`
    yield invalidWithoutValue(path.child('conditions'), why)
  }
  const isScaled = spec.completionMode === 'Indexed' && spec.completions === spec.parallelism
  const counters = isScaled ? (['failed'] as const) : (['failed', 'succeeded'] as const)
  for (const field of counters) {
    const count = status[field] ?? 0
    if (count >= (old.status[field] ?? 0)) continue
    yield invalid(path.child(field), count, `cannot decrease the ${field} counter`)
  }
  const { startTime, completionTime } = old.status
  const isMoved = completionTime !== undefined && status.completionTime !== completionTime
  if (status.completionTime !== undefined && isMoved) {
    yield invalid(path.child('completionTime'), status.completionTime, FIELD_IS_IMMUTABLE)
  }
  const resumes = was('Suspended') && isConditionFalse(job, 'Suspended')
  if (startTime === undefined || startTime === status.startTime || spec.suspend || resumes) return
  const why = 'field is immutable for unsuspended job once set'
  yield invalid(path.child('startTime'), status.startTime, why)
}

function isConditionFalse({ status }: Job, type: string): boolean {
  const { conditions = [] } = status
  return conditions.some((condition) => condition.type === type && condition.status === 'False')
}

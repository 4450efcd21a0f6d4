import {
  collected,
  type FieldErrors,
  type FieldPath,
  invalid,
  notSupported,
  required,
  tooLong,
} from '../../../machinery/field-error.ts'
import { validateDomainPath, validateNonNegative } from '../../core/v1/field-rules.ts'
import { validatePodTemplate } from '../../core/v1/pod-validation.ts'
import { validatePodFailurePolicy, validateSuccessPolicy } from './job-policy-validation.ts'
import type { JobSpec } from './job-spec.ts'

const MOST_INDEXED = 100_000
const MOST_PARALLEL_OF_MANY = 10_000
const MOST_FAILED_OF_MANY = 10_000
const MOST_MANAGER_BYTES = 63
const COUNTS = [
  ...(['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit'] as const),
  ...(['ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const),
] as const
const REPLACEMENTS = ['Failed', 'TerminatingOrFailed']

/** The spec of a Job, or of those that a CronJob makes, but for the selector. */
export function* validateJobSpec(spec: JobSpec, path: FieldPath): FieldErrors {
  for (const field of COUNTS) yield* validateNonNegative(spec[field] ?? 0, path.child(field))
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    yield required(path.child('backoffLimitPerIndex'), 'when maxFailedIndexes is specified')
  }
  if (spec.managedBy !== undefined) yield* validateManager(spec.managedBy, path.child('managedBy'))
  yield* validateCompletionMode(spec, path)
  yield* validatePolicies(spec, path)
  yield* collected(validatePodTemplate, spec.template, path.child('template'))
  yield* validateRestartPolicy(spec, path.child('template', 'spec', 'restartPolicy'))
}

function* validateManager(manager: string, path: FieldPath): FieldErrors {
  yield* validateDomainPath(manager, path)
  if (Buffer.byteLength(manager) > MOST_MANAGER_BYTES) yield tooLong(path, MOST_MANAGER_BYTES)
}

function* validateCompletionMode(spec: JobSpec, path: FieldPath): FieldErrors {
  const { completionMode = 'NonIndexed' } = spec
  const modes = ['NonIndexed', 'Indexed']
  if (completionMode === 'Indexed') yield* validateIndexed(spec, path)
  else if (!modes.includes(completionMode)) {
    yield notSupported(path.child('completionMode'), completionMode, modes)
  } else {
    for (const field of ['backoffLimitPerIndex', 'maxFailedIndexes'] as const) {
      if (spec[field] === undefined) continue
      yield invalid(path.child(field), spec[field], 'requires indexed completion mode')
    }
  }
}

function* validateIndexed(spec: JobSpec, path: FieldPath): FieldErrors {
  const { completions, parallelism = 0, maxFailedIndexes } = spec
  const failedPath = path.child('maxFailedIndexes')
  const atMost = (most: number) => `must be less than or equal to ${most}`
  if (completions === undefined) {
    yield required(path.child('completions'), 'when completion mode is Indexed')
  }
  if (parallelism > MOST_INDEXED) {
    const why = `${atMost(MOST_INDEXED)} when completion mode is Indexed`
    yield invalid(path.child('parallelism'), parallelism, why)
  }
  if (maxFailedIndexes !== undefined) {
    if (completions !== undefined && maxFailedIndexes > completions) {
      yield invalid(failedPath, maxFailedIndexes, 'must be less than or equal to completions')
    }
    if (maxFailedIndexes > MOST_INDEXED) {
      yield invalid(failedPath, maxFailedIndexes, atMost(MOST_INDEXED))
    }
  }
  const isLarge = completions !== undefined && completions > MOST_INDEXED
  if (isLarge && spec.backoffLimitPerIndex !== undefined) yield* validateManyIndexes(spec, path)
}

/** The status names the indexes that failed and those that succeeded; it must not grow too long. */
function* validateManyIndexes(spec: JobSpec, path: FieldPath): FieldErrors {
  const { parallelism = 0, maxFailedIndexes } = spec
  const failedPath = path.child('maxFailedIndexes')
  const when = `when completions are above ${MOST_INDEXED} and used with backoff limit per index`
  if (maxFailedIndexes === undefined) {
    yield required(failedPath, `must be specified when completions is above ${MOST_INDEXED}`)
  }
  if (parallelism > MOST_PARALLEL_OF_MANY) {
    const why = `must be less than or equal to ${MOST_PARALLEL_OF_MANY} ${when}`
    yield invalid(path.child('parallelism'), parallelism, why)
  }
  if (maxFailedIndexes !== undefined && maxFailedIndexes > MOST_FAILED_OF_MANY) {
    const why = `must be less than or equal to ${MOST_FAILED_OF_MANY} ${when}`
    yield invalid(failedPath, maxFailedIndexes, why)
  }
}

function* validatePolicies(spec: JobSpec, path: FieldPath): FieldErrors {
  const { podFailurePolicy, successPolicy, podReplacementPolicy: replacement } = spec
  if (podFailurePolicy !== undefined) {
    yield* validatePodFailurePolicy(podFailurePolicy, spec, path.child('podFailurePolicy'))
  }
  const successPath = path.child('successPolicy')
  if (successPolicy !== undefined) {
    if (spec.completionMode === 'Indexed') {
      yield* validateSuccessPolicy(successPolicy, spec.completions ?? 0, successPath)
    } else yield invalid(successPath, successPolicy, 'requires indexed completion mode')
  }
  const supported = podFailurePolicy === undefined ? REPLACEMENTS : ['Failed']
  if (replacement !== undefined && !supported.includes(replacement)) {
    yield notSupported(path.child('podReplacementPolicy'), replacement, supported)
  }
}

/** The default of other pods, Always, would never let a Job end. */
function* validateRestartPolicy(
  { template, podFailurePolicy }: JobSpec,
  path: FieldPath,
): FieldErrors {
  const { restartPolicy } = template.spec
  const supported = ['OnFailure', 'Never']
  if (restartPolicy === 'Always') yield required(path, 'valid values: "OnFailure", "Never"')
  else if (!supported.includes(restartPolicy)) yield notSupported(path, restartPolicy, supported)
  else if (podFailurePolicy !== undefined && restartPolicy !== 'Never') {
    const why = 'only "Never" is supported when podFailurePolicy is specified'
    yield invalid(path, restartPolicy, why)
  }
}

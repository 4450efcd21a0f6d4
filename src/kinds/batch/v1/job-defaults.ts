import type { Job } from './job.ts'

const MAX_INT32 = 2_147_483_647
const DEFAULT_BACKOFF_LIMIT = 6

/** Defaults that depend on other fields of the Job; upstream's `SetDefaults_Job`. */
export function setJobDefaults(job: Job): Job {
  const { spec, metadata } = job
  const partial: Partial<Job['spec']> = spec
  const hasNoCounts = partial.completions === undefined && partial.parallelism === undefined
  const byIndex = partial.backoffLimitPerIndex !== undefined
  const labels = spec.template.metadata.labels
  const takesLabels = labels !== undefined && Object.keys(metadata.labels ?? {}).length === 0
  return {
    ...job,
    ...(takesLabels ? { metadata: { ...metadata, labels } } : {}),
    spec: {
      ...spec,
      ...(hasNoCounts ? { completions: 1 } : {}),
      parallelism: partial.parallelism ?? 1,
      backoffLimit: partial.backoffLimit ?? (byIndex ? MAX_INT32 : DEFAULT_BACKOFF_LIMIT),
      podReplacementPolicy:
        partial.podReplacementPolicy ??
        (partial.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'),
    },
  }
}

import { withFields } from '../../../machinery/map-shared.ts'
import { setTemplateDefaults } from '../../core/v1/pod-spec-defaults.ts'
import type { Job } from './job.ts'

const MAX_INT32 = 2_147_483_647
const DEFAULT_BACKOFF_LIMIT = 6

/** Defaults that depend on other fields of the Job; upstream's `SetDefaults_Job`. */
export function setJobDefaults(job: Job): Job {
  return withLabels(withSpec(withTemplate(job)))
}

function withTemplate(job: Job): Job {
  const template = setTemplateDefaults(job.spec.template)
  return withFields(job, { spec: withFields(job.spec, { template }) })
}

function withSpec(job: Job): Job {
  const { spec } = job
  const given: Partial<Job['spec']> = spec
  const hasNoCounts = given.completions === undefined && given.parallelism === undefined
  const byIndex = given.backoffLimitPerIndex !== undefined
  const isComplete =
    given.parallelism !== undefined &&
    given.backoffLimit !== undefined &&
    given.podReplacementPolicy !== undefined
  if (isComplete) return job
  return {
    ...job,
    spec: {
      ...spec,
      ...(hasNoCounts ? { completions: 1 } : {}),
      parallelism: given.parallelism ?? 1,
      backoffLimit: given.backoffLimit ?? (byIndex ? MAX_INT32 : DEFAULT_BACKOFF_LIMIT),
      podReplacementPolicy:
        given.podReplacementPolicy ??
        (given.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'),
    },
  }
}

/** A Job without labels of its own bears those of its template. */
function withLabels(job: Job): Job {
  const { metadata, spec } = job
  const { labels = {} } = spec.template.metadata
  const isLabelled = Object.keys(metadata.labels ?? {}).length > 0
  if (isLabelled || Object.keys(labels).length === 0) return job
  return { ...job, metadata: { ...metadata, labels } }
}

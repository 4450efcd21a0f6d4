import { FieldPath } from '../../../machinery/field-error.ts'
import { podTemplateWarnings } from '../../core/v1/pod-warnings.ts'
import { workloadNameWarnings } from '../../core/v1/workload-warnings.ts'
import type { CronJob } from './cron-job.ts'
import type { Job } from './job.ts'
import type { JobSpec } from './job-spec.ts'

const MOST_COMPLETIONS = 100_000
const MOST_PARALLELISM = 10_000
const SPEC = FieldPath.root.child('spec')
const TEMPLATE_SPEC = SPEC.child('jobTemplate', 'spec')

/** What a new Job's name and spec hardly mean as they say. */
export function* jobWarnings(job: Job): Iterable<string> {
  yield* workloadNameWarnings(job)
  yield* jobSpecWarnings(job.spec, SPEC)
}

export function jobUpdateWarnings(job: Job, old: Job): Iterable<string> {
  const isChanged = job.metadata.generation !== old.metadata.generation
  return isChanged ? jobSpecWarnings(job.spec, SPEC) : []
}

/** As `jobWarnings`, for the Jobs that will be made. */
export function* cronJobWarnings(cronJob: CronJob): Iterable<string> {
  yield* workloadNameWarnings(cronJob)
  yield* jobSpecWarnings(cronJob.spec.jobTemplate.spec, TEMPLATE_SPEC)
}

export function* cronJobUpdateWarnings(cronJob: CronJob, old: CronJob): Iterable<string> {
  if (cronJob.metadata.generation !== old.metadata.generation) {
    yield* jobSpecWarnings(cronJob.spec.jobTemplate.spec, TEMPLATE_SPEC)
  }
  if (cronJob.spec.schedule.includes('TZ')) {
    // Upstream says `spec` twice.
    const url = 'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/'
    const what = 'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead'
    yield `${what}, see ${url} for more details`
  }
}

function* jobSpecWarnings(spec: JobSpec, path: FieldPath): Iterable<string> {
  const { completionMode, completions = 0, parallelism = 0, template } = spec
  const isLarge = completions > MOST_COMPLETIONS && parallelism > MOST_PARALLELISM
  if (completionMode === 'Indexed' && isLarge) {
    const what =
      'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher ' +
      'than 10^4, Kubernetes might not be able to track completedIndexes when a big number of ' +
      'indexes fail'
    yield `${path}: ${what}`
  }
  yield* podTemplateWarnings(template, path.child('template'))
}

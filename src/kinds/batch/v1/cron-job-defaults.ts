import { withFields } from '../../../machinery/map-shared.ts'
import { setTemplateDefaults } from '../../core/v1/pod-spec-defaults.ts'
import type { CronJob } from './cron-job.ts'

/** The pods of the Jobs get their defaults here already; the Jobs get theirs when they are made. */
export function setCronJobDefaults(cronJob: CronJob): CronJob {
  const { spec } = cronJob
  const { jobTemplate } = spec
  const template = setTemplateDefaults(jobTemplate.spec.template)
  return withFields(cronJob, {
    spec: withFields(spec, {
      jobTemplate: withFields(jobTemplate, { spec: withFields(jobTemplate.spec, { template }) }),
    }),
  })
}

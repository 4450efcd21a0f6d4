import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { EmbeddedMeta } from '../../../machinery/object-meta.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn, containerColumns, selectorColumnText, since } from '../../column-text.ts'
import { ObjectReference } from '../../core/v1/object-reference.ts'
import { setCronJobDefaults } from './cron-job-defaults.ts'
import { validateCronJob, validateCronJobUpdate } from './cron-job-validation.ts'
import { JobSpec } from './job-spec.ts'
import { cronJobUpdateWarnings, cronJobWarnings } from './job-warnings.ts'

/** The Job that a CronJob starts. */
export const JobTemplateSpec = s.struct('batch.v1.JobTemplateSpec', {
  metadata: EmbeddedMeta.default({}),
  spec: JobSpec.present(),
})
export interface JobTemplateSpec extends Infer<typeof JobTemplateSpec> {}

/** When to start which Job, and what to do when the last one still runs. */
export const CronJobSpec = s.struct('batch.v1.CronJobSpec', {
  schedule: s.string(),
  timeZone: s.string().optional().pointer(),
  startingDeadlineSeconds: s.int64().optional().pointer(),
  concurrencyPolicy: s.oneOf('Allow', 'Forbid', 'Replace').default('Allow'),
  suspend: s.bool().default(false).pointer(),
  jobTemplate: JobTemplateSpec,
  successfulJobsHistoryLimit: s.int32().default(3).pointer(),
  failedJobsHistoryLimit: s.int32().default(1).pointer(),
})
export interface CronJobSpec extends Infer<typeof CronJobSpec> {}

/** The Jobs that run, and when one last started and last succeeded. */
export const CronJobStatus = s.struct('batch.v1.CronJobStatus', {
  active: s.list(ObjectReference, { listType: 'atomic' }).optional(),
  lastScheduleTime: s.time().optional().pointer(),
  lastSuccessfulTime: s.time().optional().pointer(),
})
export interface CronJobStatus extends Infer<typeof CronJobStatus> {}

const fields = {
  spec: CronJobSpec,
  status: CronJobStatus.default({}),
}

/** Starts Jobs on a schedule. */
export const CronJob = defineKind({
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  scope: 'Namespaced',
  metadataRules: { onStatusUpdate: 'none' },
  shortNames: ['cj'],
  categories: ['all'],
  fields,
  columns: [
    { name: 'Schedule', type: 'string', of: ({ spec }) => spec.schedule },
    { name: 'Timezone', type: 'string', of: ({ spec }) => spec.timeZone ?? '<none>' },
    { name: 'Suspend', type: 'boolean', of: ({ spec }) => (spec.suspend ? 'True' : 'False') },
    { name: 'Active', type: 'integer', of: ({ status }) => status.active?.length ?? 0 },
    {
      name: 'Last Schedule',
      type: 'string',
      of: ({ status }, { now }) =>
        status.lastScheduleTime === undefined ? '<none>' : since(status.lastScheduleTime, now),
    },
    ageColumn,
    ...containerColumns<CronJob>(({ spec }) => spec.jobTemplate.spec.template.spec.containers),
    {
      name: 'Selector',
      type: 'string',
      wide: true,
      of: ({ spec }) => selectorColumnText(spec.jobTemplate.spec.selector),
    },
  ],
  setDefaults: setCronJobDefaults,
  warningsOnCreate: cronJobWarnings,
  warningsOnUpdate: cronJobUpdateWarnings,
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
})
export interface CronJob extends StoredObject<typeof fields, 'Namespaced'> {}

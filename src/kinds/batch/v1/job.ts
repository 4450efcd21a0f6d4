import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { jobColumns } from './job-columns.ts'
import { setJobDefaults } from './job-defaults.ts'
import { jobSpecFields } from './job-spec.ts'
import { validateJobStatusUpdate } from './job-status-validation.ts'
import { prepareJobForCreate } from './job-strategy.ts'
import { validateJob, validateJobUpdate } from './job-validation.ts'
import { jobUpdateWarnings, jobWarnings } from './job-warnings.ts'

/** One aspect of a Job's state, such as that it is complete. */
export const JobCondition = s.struct('batch.v1.JobCondition', {
  type: s.string(),
  status: s.known('True', 'False', 'Unknown'),
  lastProbeTime: s.time().orNull(),
  lastTransitionTime: s.time().orNull(),
  reason: s.string().optional(),
  message: s.string().optional(),
})
export interface JobCondition extends Infer<typeof JobCondition> {}

/** Pods that have ended and are not in the counters yet. */
export const UncountedTerminatedPods = s.struct('batch.v1.UncountedTerminatedPods', {
  succeeded: s.list(s.string(), { listType: 'set' }).optional(),
  failed: s.list(s.string(), { listType: 'set' }).optional(),
})
export interface UncountedTerminatedPods extends Infer<typeof UncountedTerminatedPods> {}

/** How many pods are active, have succeeded and have failed. */
export const JobStatus = s.struct('batch.v1.JobStatus', {
  conditions: s
    .list(JobCondition, { listType: 'atomic', patchStrategy: 'merge', patchMergeKey: 'type' })
    .optional(),
  startTime: s.time().optional().pointer(),
  completionTime: s.time().optional().pointer(),
  active: s.int32().optional(),
  succeeded: s.int32().optional(),
  failed: s.int32().optional(),
  terminating: s.int32().optional().pointer(),
  completedIndexes: s.string().optional(),
  failedIndexes: s.string().optional().pointer(),
  uncountedTerminatedPods: UncountedTerminatedPods.optional(),
  ready: s.int32().optional().pointer(),
})
export interface JobStatus extends Infer<typeof JobStatus> {}

const fields = {
  // A CronJob's template has the same struct without these defaults.
  spec: s
    .struct('batch.v1.JobSpec', {
      ...jobSpecFields,
      parallelism: s.int32().filled().pointer(),
      backoffLimit: s.int32().filled().pointer(),
      completionMode: s.oneOf('Indexed', 'NonIndexed').default('NonIndexed').pointer(),
      suspend: s.bool().default(false).pointer(),
      podReplacementPolicy: s.oneOf('Failed', 'TerminatingOrFailed').filled().pointer(),
      manualSelector: s.bool().default(false).pointer(),
    })
    .present(),
  status: JobStatus.default({}),
}

/** Runs pods until enough of them have succeeded. */
export const Job = defineKind({
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  plural: 'jobs',
  scope: 'Namespaced',
  metadataRules: { onUpdate: 'both' },
  categories: ['all'],
  fields,
  orphansDependentsByDefault: true,
  prepareForCreate: prepareJobForCreate,
  selectableFields: {
    'status.successful': ({ status }) => `${status.succeeded ?? 0}`,
  },
  columns: jobColumns,
  setDefaults: setJobDefaults,
  warningsOnCreate: jobWarnings,
  warningsOnUpdate: jobUpdateWarnings,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  validateStatusUpdate: validateJobStatusUpdate,
})
export interface Job extends StoredObject<typeof fields, 'Namespaced'> {}

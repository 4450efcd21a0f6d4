import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { PodTemplateSpec } from '../../core/v1/pod-template-spec.ts'

/** Matches containers by their exit code. */
export const PodFailurePolicyOnExitCodesRequirement = s.struct(
  'batch.v1.PodFailurePolicyOnExitCodesRequirement',
  {
    containerName: s.string().optional().pointer(),
    operator: s.oneOf('In', 'NotIn'),
    values: s.list(s.int32(), { listType: 'set' }),
  },
)
export interface PodFailurePolicyOnExitCodesRequirement
  extends Infer<typeof PodFailurePolicyOnExitCodesRequirement> {}

/** Matches pods by a condition. */
export const PodFailurePolicyOnPodConditionsPattern = s.struct(
  'batch.v1.PodFailurePolicyOnPodConditionsPattern',
  {
    type: s.string(),
    status: s.known('True', 'False', 'Unknown').default('True'),
  },
)
export interface PodFailurePolicyOnPodConditionsPattern
  extends Infer<typeof PodFailurePolicyOnPodConditionsPattern> {}

/** One kind of failure, and what the Job does about it. */
export const PodFailurePolicyRule = s.struct('batch.v1.PodFailurePolicyRule', {
  action: s.oneOf('Count', 'FailIndex', 'FailJob', 'Ignore'),
  onExitCodes: PodFailurePolicyOnExitCodesRequirement.optional(),
  onPodConditions: s
    .list(PodFailurePolicyOnPodConditionsPattern, { listType: 'atomic' })
    .optional(),
})
export interface PodFailurePolicyRule extends Infer<typeof PodFailurePolicyRule> {}

/** What failures of pods mean; the first rule that matches decides. */
export const PodFailurePolicy = s.struct('batch.v1.PodFailurePolicy', {
  rules: s.list(PodFailurePolicyRule, { listType: 'atomic' }),
})
export interface PodFailurePolicy extends Infer<typeof PodFailurePolicy> {}

/** Which or how many indexes must succeed. */
export const SuccessPolicyRule = s.struct('batch.v1.SuccessPolicyRule', {
  succeededIndexes: s.string().optional().pointer(),
  succeededCount: s.int32().optional().pointer(),
})
export interface SuccessPolicyRule extends Infer<typeof SuccessPolicyRule> {}

/** When an indexed Job counts as done before all indexes are. */
export const SuccessPolicy = s.struct('batch.v1.SuccessPolicy', {
  rules: s.list(SuccessPolicyRule, { listType: 'atomic' }),
})
export interface SuccessPolicy extends Infer<typeof SuccessPolicy> {}

/** The fields of a Job's spec, before the Job's own defaults. */
export const jobSpecFields = {
  parallelism: s.int32().optional().pointer(),
  completions: s.int32().optional().pointer(),
  activeDeadlineSeconds: s.int64().optional().pointer(),
  podFailurePolicy: PodFailurePolicy.optional(),
  successPolicy: SuccessPolicy.optional(),
  backoffLimit: s.int32().optional().pointer(),
  backoffLimitPerIndex: s.int32().optional().pointer(),
  maxFailedIndexes: s.int32().optional().pointer(),
  selector: LabelSelector.optional(),
  manualSelector: s.bool().optional().pointer(),
  template: PodTemplateSpec,
  ttlSecondsAfterFinished: s.int32().optional().pointer(),
  completionMode: s.oneOf('Indexed', 'NonIndexed').optional().pointer(),
  suspend: s.bool().optional().pointer(),
  podReplacementPolicy: s.oneOf('Failed', 'TerminatingOrFailed').optional().pointer(),
  managedBy: s.string().optional().pointer(),
}

/** The pod to run, how often it must succeed and how often it may fail. */
export const JobSpec = s.struct('batch.v1.JobSpec', jobSpecFields)
export interface JobSpec extends Infer<typeof JobSpec> {}

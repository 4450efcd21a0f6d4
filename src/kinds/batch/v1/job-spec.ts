import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { PodTemplateSpec } from '../../core/v1/pod-template-spec.ts'

export const PodFailurePolicyOnExitCodesRequirement = s.struct(
  'batch.v1.PodFailurePolicyOnExitCodesRequirement',
  {
    containerName: s.string().optional(),
    operator: s.oneOf('In', 'NotIn'),
    values: s.list(s.int32(), { listType: 'set' }),
  },
)
export interface PodFailurePolicyOnExitCodesRequirement
  extends Infer<typeof PodFailurePolicyOnExitCodesRequirement> {}

export const PodFailurePolicyOnPodConditionsPattern = s.struct(
  'batch.v1.PodFailurePolicyOnPodConditionsPattern',
  {
    type: s.string(),
    status: s.known('True', 'False', 'Unknown').default('True'),
  },
)
export interface PodFailurePolicyOnPodConditionsPattern
  extends Infer<typeof PodFailurePolicyOnPodConditionsPattern> {}

export const PodFailurePolicyRule = s.struct('batch.v1.PodFailurePolicyRule', {
  action: s.oneOf('Count', 'FailIndex', 'FailJob', 'Ignore'),
  onExitCodes: PodFailurePolicyOnExitCodesRequirement.optional(),
  onPodConditions: s
    .list(PodFailurePolicyOnPodConditionsPattern, { listType: 'atomic' })
    .optional(),
})
export interface PodFailurePolicyRule extends Infer<typeof PodFailurePolicyRule> {}

export const PodFailurePolicy = s.struct('batch.v1.PodFailurePolicy', {
  rules: s.list(PodFailurePolicyRule, { listType: 'atomic' }),
})
export interface PodFailurePolicy extends Infer<typeof PodFailurePolicy> {}

export const SuccessPolicyRule = s.struct('batch.v1.SuccessPolicyRule', {
  succeededIndexes: s.string().optional(),
  succeededCount: s.int32().optional(),
})
export interface SuccessPolicyRule extends Infer<typeof SuccessPolicyRule> {}

export const SuccessPolicy = s.struct('batch.v1.SuccessPolicy', {
  rules: s.list(SuccessPolicyRule, { listType: 'atomic' }),
})
export interface SuccessPolicy extends Infer<typeof SuccessPolicy> {}

export const JobSpec = s.struct('batch.v1.JobSpec', {
  parallelism: s.int32().optional(),
  completions: s.int32().optional(),
  activeDeadlineSeconds: s.int64().optional(),
  podFailurePolicy: PodFailurePolicy.optional(),
  successPolicy: SuccessPolicy.optional(),
  backoffLimit: s.int32().optional(),
  backoffLimitPerIndex: s.int32().optional(),
  maxFailedIndexes: s.int32().optional(),
  selector: LabelSelector.optional(),
  manualSelector: s.bool().optional(),
  template: PodTemplateSpec,
  ttlSecondsAfterFinished: s.int32().optional(),
  completionMode: s.oneOf('Indexed', 'NonIndexed').optional(),
  suspend: s.bool().optional(),
  podReplacementPolicy: s.oneOf('Failed', 'TerminatingOrFailed').optional(),
  managedBy: s.string().optional(),
})
export interface JobSpec extends Infer<typeof JobSpec> {}

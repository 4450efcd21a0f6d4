import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { Condition } from '../../../machinery/meta-condition.ts'
import { STATUS_KEEPS_METADATA } from '../../../machinery/metadata-rules.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { MatchCondition, MatchResources } from './match-resources.ts'
import { paramKindText } from './policy-columns.ts'
import { ParamKind, Variable } from './policy-parameters.ts'
import {
  validatePolicy,
  validatePolicyStatusUpdate,
  validatePolicyUpdate,
} from './validating-admission-policy-validation.ts'

/** An annotation for the audit event, whose value a CEL expression computes. */
export const AuditAnnotation = s.struct('admissionregistration.v1.AuditAnnotation', {
  key: s.string(),
  valueExpression: s.string(),
})
export interface AuditAnnotation extends Infer<typeof AuditAnnotation> {}

/** What type checking found wrong with one expression of a policy. */
export const ExpressionWarning = s.struct('admissionregistration.v1.ExpressionWarning', {
  fieldRef: s.string(),
  warning: s.string(),
})
export interface ExpressionWarning extends Infer<typeof ExpressionWarning> {}

/** The result of type checking a policy's expressions. */
export const TypeChecking = s.struct('admissionregistration.v1.TypeChecking', {
  expressionWarnings: s.list(ExpressionWarning, { listType: 'atomic' }).optional(),
})
export interface TypeChecking extends Infer<typeof TypeChecking> {}

/** A CEL expression that must hold, and what to say when it does not. */
export const Validation = s.struct('admissionregistration.v1.Validation', {
  expression: s.string(),
  message: s.string().optional(),
  reason: s.string().optional().pointer(),
  messageExpression: s.string().optional(),
})
export interface Validation extends Infer<typeof Validation> {}

/** What a validating policy matches and the expressions that must hold. */
export const ValidatingAdmissionPolicySpec = s.struct(
  'admissionregistration.v1.ValidatingAdmissionPolicySpec',
  {
    paramKind: ParamKind.optional(),
    matchConstraints: MatchResources.optional(),
    validations: s.list(Validation, { listType: 'atomic' }).optional(),
    failurePolicy: s.oneOf('Fail', 'Ignore').default('Fail').pointer(),
    auditAnnotations: s.list(AuditAnnotation, { listType: 'atomic' }).optional(),
    matchConditions: s
      .list(MatchCondition, {
        listType: 'map',
        listMapKeys: ['name'],
        patchStrategy: 'merge',
        patchMergeKey: 'name',
      })
      .optional(),
    variables: s
      .list(Variable, {
        listType: 'map',
        listMapKeys: ['name'],
        patchStrategy: 'merge',
        patchMergeKey: 'name',
      })
      .optional(),
  },
)
export interface ValidatingAdmissionPolicySpec
  extends Infer<typeof ValidatingAdmissionPolicySpec> {}

/** What the control plane found when it checked a policy. */
export const ValidatingAdmissionPolicyStatus = s.struct(
  'admissionregistration.v1.ValidatingAdmissionPolicyStatus',
  {
    observedGeneration: s.int64().optional(),
    typeChecking: TypeChecking.optional(),
    conditions: s.list(Condition, { listType: 'map', listMapKeys: ['type'] }).optional(),
  },
)
export interface ValidatingAdmissionPolicyStatus
  extends Infer<typeof ValidatingAdmissionPolicyStatus> {}

const fields = {
  spec: ValidatingAdmissionPolicySpec.default({}),
  status: ValidatingAdmissionPolicyStatus.default({}),
}

/** Accepts or refuses requests by CEL expressions, without a webhook. */
export const ValidatingAdmissionPolicy = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicy',
  plural: 'validatingadmissionpolicies',
  scope: 'Cluster',
  metadataRules: { ...STATUS_KEEPS_METADATA, onUpdate: 'new', allowsPlainFinalizers: true },
  categories: ['api-extensions'],
  allowsUnconditionalUpdate: false,
  fields,
  validate: validatePolicy,
  validateUpdate: validatePolicyUpdate,
  validateStatusUpdate: validatePolicyStatusUpdate,
  columns: [
    { name: 'Validations', type: 'integer', of: ({ spec }) => spec.validations?.length ?? 0 },
    { name: 'ParamKind', type: 'string', of: ({ spec }) => paramKindText(spec.paramKind) },
    ageColumn,
  ],
})
export interface ValidatingAdmissionPolicy extends StoredObject<typeof fields, 'Cluster'> {}

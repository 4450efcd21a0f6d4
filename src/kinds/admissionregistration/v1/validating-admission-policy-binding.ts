import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ageColumn } from '../../column-text.ts'
import { policyBindingFromAlpha } from './from-v1beta1.ts'
import { MatchResources } from './match-resources.ts'
import { paramRefText } from './policy-columns.ts'
import { ParamRef } from './policy-parameters.ts'
import { validatePolicyBinding } from './validating-admission-policy-validation.ts'

/** The policy that is bound, where it applies and what a failure does. */
export const ValidatingAdmissionPolicyBindingSpec = s.struct(
  'admissionregistration.v1.ValidatingAdmissionPolicyBindingSpec',
  {
    policyName: s.string().pointer(),
    paramRef: ParamRef.optional(),
    matchResources: MatchResources.optional(),
    validationActions: s.list(s.oneOf('Audit', 'Deny', 'Warn'), { listType: 'set' }),
  },
)
export interface ValidatingAdmissionPolicyBindingSpec
  extends Infer<typeof ValidatingAdmissionPolicyBindingSpec> {}

const fields = {
  spec: ValidatingAdmissionPolicyBindingSpec,
}

/** Puts a validating policy into force, with parameters and a scope. */
export const ValidatingAdmissionPolicyBinding = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'ValidatingAdmissionPolicyBinding',
  plural: 'validatingadmissionpolicybindings',
  scope: 'Cluster',
  fromOtherVersion: policyBindingFromAlpha,
  metadataRules: { onUpdate: 'new', allowsPlainFinalizers: true },
  categories: ['api-extensions'],
  allowsUnconditionalUpdate: false,
  fields,
  validate: validatePolicyBinding,
  columns: [
    { name: 'PolicyName', type: 'string', of: ({ spec }) => spec.policyName ?? '' },
    { name: 'ParamRef', type: 'string', of: ({ spec }) => paramRefText(spec.paramRef) },
    ageColumn,
  ],
})
export interface ValidatingAdmissionPolicyBinding extends StoredObject<typeof fields, 'Cluster'> {}

import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn } from '../../column-text.ts'
import { validateMutatingPolicyBinding } from '../v1/mutating-admission-policy-validation.ts'
import { paramRefText } from '../v1/policy-columns.ts'
import { ParamRef } from '../v1/policy-parameters.ts'
import { MatchResources } from './match-resources.ts'

/** The policy that is bound, its parameters and where it applies. */
export const MutatingAdmissionPolicyBindingSpec = s.struct(
  'admissionregistration.v1beta1.MutatingAdmissionPolicyBindingSpec',
  {
    policyName: s.string().optional(),
    paramRef: inVersion(
      ParamRef,
      'admissionregistration.v1',
      'admissionregistration.v1beta1',
    ).optional(),
    matchResources: MatchResources.optional(),
  },
)
export interface MutatingAdmissionPolicyBindingSpec
  extends Infer<typeof MutatingAdmissionPolicyBindingSpec> {}

const fields = {
  spec: MutatingAdmissionPolicyBindingSpec.default({}),
}

/** Puts a mutating policy into force, with parameters and a scope. */
export const MutatingAdmissionPolicyBinding = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1beta1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'new', allowsPlainFinalizers: true },
  categories: ['api-extensions'],
  allowsUnconditionalUpdate: false,
  fields,
  validate: validateMutatingPolicyBinding,
  columns: [
    { name: 'PolicyName', type: 'string', of: ({ spec }) => spec.policyName ?? '' },
    { name: 'ParamRef', type: 'string', of: ({ spec }) => paramRefText(spec.paramRef) },
    ageColumn,
  ],
})
export interface MutatingAdmissionPolicyBinding extends StoredObject<typeof fields, 'Cluster'> {}

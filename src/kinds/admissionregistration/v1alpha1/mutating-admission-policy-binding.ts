import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn } from '../../column-text.ts'
import { MatchResources } from '../v1/match-resources.ts'
import { paramRefText } from '../v1/policy-columns.ts'
import { MutatingAdmissionPolicyBinding as MutatingAdmissionPolicyBindingV1beta1 } from '../v1beta1/mutating-admission-policy-binding.ts'
import { ParamRef } from './policy-parameters.ts'

/** The policy that is bound, its parameters and where it applies. */
export const MutatingAdmissionPolicyBindingSpec = s.struct(
  'admissionregistration.v1alpha1.MutatingAdmissionPolicyBindingSpec',
  {
    policyName: s.string().optional(),
    paramRef: ParamRef.optional(),
    matchResources: inVersion(
      MatchResources,
      'admissionregistration.v1',
      'admissionregistration.v1alpha1',
    ).optional(),
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
  version: 'v1alpha1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  scope: 'Cluster',
  categories: ['api-extensions'],
  allowsUnconditionalUpdate: false,
  fields,
  columns: [
    { name: 'PolicyName', type: 'string', of: ({ spec }) => spec.policyName ?? '' },
    { name: 'ParamRef', type: 'string', of: ({ spec }) => paramRefText(spec.paramRef) },
    ageColumn,
  ],
  storedAs: storedUnderVersion(
    () => MutatingAdmissionPolicyBindingV1beta1,
    'admissionregistration.k8s.io/v1alpha1',
  ),
})
export interface MutatingAdmissionPolicyBinding extends StoredObject<typeof fields, 'Cluster'> {}

import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { MutatingAdmissionPolicyBinding as MutatingAdmissionPolicyBindingV1beta1 } from '../v1beta1/mutating-admission-policy-binding.ts'
import { MatchResources } from './match-resources.ts'
import { ParamRef } from './policy-parameters.ts'

/** The policy that is bound, its parameters and where it applies. */
export const MutatingAdmissionPolicyBindingSpec = s.struct(
  'admissionregistration.v1.MutatingAdmissionPolicyBindingSpec',
  {
    policyName: s.string().optional(),
    paramRef: ParamRef.optional(),
    matchResources: MatchResources.optional(),
  },
)
export interface MutatingAdmissionPolicyBindingSpec
  extends Infer<typeof MutatingAdmissionPolicyBindingSpec> {}

/** Puts a mutating policy into force, with parameters and a scope. */
export const MutatingAdmissionPolicyBinding = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  scope: 'Cluster',
  categories: ['api-extensions'],
  allowsUnconditionalUpdate: false,
  fields: {
    spec: MutatingAdmissionPolicyBindingSpec.default({}),
  },
  storedAs: storedUnderVersion(
    () => MutatingAdmissionPolicyBindingV1beta1,
    'admissionregistration.k8s.io/v1',
  ),
})
export interface MutatingAdmissionPolicyBinding
  extends ObjectOfKind<typeof MutatingAdmissionPolicyBinding> {}

import { defineKind, type ObjectOfKind } from '../../../machinery/kind.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { MutatingAdmissionPolicyBinding as MutatingAdmissionPolicyBindingV1beta1 } from '../v1beta1/mutating-admission-policy-binding.ts'
import { MutatingAdmissionPolicyBindingSpec } from './mutating-admission-policy-binding-spec.ts'

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

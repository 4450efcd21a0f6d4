import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { ageColumn } from '../../column-text.ts'
import { MutatingAdmissionPolicyBinding as MutatingAdmissionPolicyBindingV1beta1 } from '../v1beta1/mutating-admission-policy-binding.ts'
import { MutatingAdmissionPolicyBindingSpec } from './mutating-admission-policy-binding-spec.ts'
import { paramRefText } from './policy-columns.ts'

const fields = {
  spec: MutatingAdmissionPolicyBindingSpec.default({}),
}

/** Puts a mutating policy into force, with parameters and a scope. */
export const MutatingAdmissionPolicyBinding = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicyBinding',
  plural: 'mutatingadmissionpolicybindings',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'new', allowsPlainFinalizers: true },
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
    'admissionregistration.k8s.io/v1',
  ),
})
export interface MutatingAdmissionPolicyBinding extends StoredObject<typeof fields, 'Cluster'> {}

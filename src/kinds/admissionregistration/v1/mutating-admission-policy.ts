import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { ageColumn } from '../../column-text.ts'
import { MutatingAdmissionPolicy as MutatingAdmissionPolicyV1beta1 } from '../v1beta1/mutating-admission-policy.ts'
import { MutatingAdmissionPolicySpec } from './mutating-admission-policy-spec.ts'
import { paramKindText } from './policy-columns.ts'

const fields = {
  spec: MutatingAdmissionPolicySpec.default({}),
}

/** Changes requests by CEL expressions, without a webhook. */
export const MutatingAdmissionPolicy = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'new', allowsPlainFinalizers: true },
  categories: ['api-extensions'],
  allowsUnconditionalUpdate: false,
  fields,
  columns: [
    { name: 'Mutations', type: 'integer', of: ({ spec }) => spec.mutations?.length ?? 0 },
    { name: 'ParamKind', type: 'string', of: ({ spec }) => paramKindText(spec.paramKind) },
    ageColumn,
  ],
  storedAs: storedUnderVersion(
    () => MutatingAdmissionPolicyV1beta1,
    'admissionregistration.k8s.io/v1',
  ),
})
export interface MutatingAdmissionPolicy extends StoredObject<typeof fields, 'Cluster'> {}

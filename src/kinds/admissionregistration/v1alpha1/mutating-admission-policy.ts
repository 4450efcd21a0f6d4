import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { storedUnderVersion } from '../../../machinery/stored-as.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn } from '../../column-text.ts'
import { MatchCondition, MatchResources } from '../v1/match-resources.ts'
import { Mutation } from '../v1/mutating-admission-policy-spec.ts'
import { paramKindText } from '../v1/policy-columns.ts'
import { ParamKind } from '../v1/policy-parameters.ts'
import { MutatingAdmissionPolicy as MutatingAdmissionPolicyV1beta1 } from '../v1beta1/mutating-admission-policy.ts'
import { Variable } from './policy-parameters.ts'

/** What a mutating policy matches and the changes that it makes, in order. */
export const MutatingAdmissionPolicySpec = s.struct(
  'admissionregistration.v1alpha1.MutatingAdmissionPolicySpec',
  {
    paramKind: inVersion(
      ParamKind,
      'admissionregistration.v1',
      'admissionregistration.v1alpha1',
    ).optional(),
    matchConstraints: inVersion(
      MatchResources,
      'admissionregistration.v1',
      'admissionregistration.v1alpha1',
    ).optional(),
    variables: s.list(Variable, { listType: 'atomic' }).optional(),
    mutations: s
      .list(inVersion(Mutation, 'admissionregistration.v1', 'admissionregistration.v1alpha1'), {
        listType: 'atomic',
      })
      .optional(),
    failurePolicy: s.oneOf('Fail', 'Ignore').default('Fail').pointer(),
    matchConditions: s
      .list(
        inVersion(MatchCondition, 'admissionregistration.v1', 'admissionregistration.v1alpha1'),
        { listType: 'map', listMapKeys: ['name'], patchStrategy: 'merge', patchMergeKey: 'name' },
      )
      .optional(),
    reinvocationPolicy: s.string().optional(),
  },
)
export interface MutatingAdmissionPolicySpec extends Infer<typeof MutatingAdmissionPolicySpec> {}

const fields = {
  spec: MutatingAdmissionPolicySpec.default({}),
}

/** Changes requests by CEL expressions, without a webhook. */
export const MutatingAdmissionPolicy = defineKind({
  group: 'admissionregistration.k8s.io',
  version: 'v1alpha1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  scope: 'Cluster',
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
    'admissionregistration.k8s.io/v1alpha1',
  ),
})
export interface MutatingAdmissionPolicy extends StoredObject<typeof fields, 'Cluster'> {}

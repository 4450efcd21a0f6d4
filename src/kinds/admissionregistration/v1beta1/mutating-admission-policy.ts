import { defineKind, type StoredObject } from '../../../machinery/kind.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { inVersion } from '../../../machinery/struct-version.ts'
import { ageColumn } from '../../column-text.ts'
import { MatchCondition } from '../v1/match-resources.ts'
import { Mutation } from '../v1/mutating-admission-policy-spec.ts'
import {
  validateMutatingPolicy,
  validateMutatingPolicyUpdate,
} from '../v1/mutating-admission-policy-validation.ts'
import { paramKindText } from '../v1/policy-columns.ts'
import { ParamKind, Variable } from '../v1/policy-parameters.ts'
import { MatchResources } from './match-resources.ts'

/** What a mutating policy matches and the changes that it makes, in order. */
export const MutatingAdmissionPolicySpec = s.struct(
  'admissionregistration.v1beta1.MutatingAdmissionPolicySpec',
  {
    paramKind: inVersion(
      ParamKind,
      'admissionregistration.v1',
      'admissionregistration.v1beta1',
    ).optional(),
    matchConstraints: MatchResources.optional(),
    variables: s
      .list(inVersion(Variable, 'admissionregistration.v1', 'admissionregistration.v1beta1'), {
        listType: 'atomic',
      })
      .optional(),
    mutations: s
      .list(inVersion(Mutation, 'admissionregistration.v1', 'admissionregistration.v1beta1'), {
        listType: 'atomic',
      })
      .optional(),
    failurePolicy: s.string().default('Fail').pointer(),
    matchConditions: s
      .list(
        inVersion(MatchCondition, 'admissionregistration.v1', 'admissionregistration.v1beta1'),
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
  version: 'v1beta1',
  kind: 'MutatingAdmissionPolicy',
  plural: 'mutatingadmissionpolicies',
  scope: 'Cluster',
  metadataRules: { onUpdate: 'new', allowsPlainFinalizers: true },
  categories: ['api-extensions'],
  allowsUnconditionalUpdate: false,
  fields,
  validate: validateMutatingPolicy,
  validateUpdate: validateMutatingPolicyUpdate,
  columns: [
    { name: 'Mutations', type: 'integer', of: ({ spec }) => spec.mutations?.length ?? 0 },
    { name: 'ParamKind', type: 'string', of: ({ spec }) => paramKindText(spec.paramKind) },
    ageColumn,
  ],
})
export interface MutatingAdmissionPolicy extends StoredObject<typeof fields, 'Cluster'> {}

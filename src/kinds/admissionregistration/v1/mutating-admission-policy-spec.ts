import { type Infer, s } from '../../../machinery/schema.ts'
import { MatchCondition, MatchResources } from './match-resources.ts'
import { ParamKind, Variable } from './policy-parameters.ts'

/** A mutation written as a CEL expression that yields a configuration to apply. */
export const ApplyConfiguration = s.struct('admissionregistration.v1.ApplyConfiguration', {
  expression: s.string().optional(),
})
export interface ApplyConfiguration extends Infer<typeof ApplyConfiguration> {}

/** A mutation written as a CEL expression that yields JSON patch operations. */
export const JSONPatch = s.struct('admissionregistration.v1.JSONPatch', {
  expression: s.string().optional(),
})
export interface JSONPatch extends Infer<typeof JSONPatch> {}

/** One change that a mutating policy makes: by apply configuration or JSON patch. */
export const Mutation = s.struct('admissionregistration.v1.Mutation', {
  patchType: s.oneOf('ApplyConfiguration', 'JSONPatch'),
  applyConfiguration: ApplyConfiguration.optional(),
  jsonPatch: JSONPatch.optional(),
})
export interface Mutation extends Infer<typeof Mutation> {}

/** What a mutating policy matches and the changes that it makes, in order. */
export const MutatingAdmissionPolicySpec = s.struct(
  'admissionregistration.v1.MutatingAdmissionPolicySpec',
  {
    paramKind: ParamKind.optional(),
    matchConstraints: MatchResources.optional(),
    variables: s.list(Variable, { listType: 'atomic' }).optional(),
    mutations: s.list(Mutation, { listType: 'atomic' }).optional(),
    failurePolicy: s.oneOf('Fail', 'Ignore').default('Fail').pointer(),
    matchConditions: s
      .list(MatchCondition, {
        listType: 'map',
        listMapKeys: ['name'],
        patchStrategy: 'merge',
        patchMergeKey: 'name',
      })
      .optional(),
    reinvocationPolicy: s.oneOf('IfNeeded', 'Never').optional(),
  },
)
export interface MutatingAdmissionPolicySpec extends Infer<typeof MutatingAdmissionPolicySpec> {}

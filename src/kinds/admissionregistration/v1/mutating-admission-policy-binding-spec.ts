import { type Infer, s } from '../../../machinery/schema.ts'
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

import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

/** Which objects give a policy its parameters: by name or by label. */
export const ParamRef = s.struct(
  'admissionregistration.v1alpha1.ParamRef',
  {
    name: s.string().optional(),
    namespace: s.string().optional(),
    selector: LabelSelector.optional(),
    parameterNotFoundAction: s.oneOf('Allow', 'Deny').default('Deny').pointer(),
  },
  { mapType: 'atomic' },
)
export interface ParamRef extends Infer<typeof ParamRef> {}

/** A named CEL expression that the others of a policy may use. */
export const Variable = s.struct('admissionregistration.v1alpha1.Variable', {
  name: s.string(),
  expression: s.string(),
})
export interface Variable extends Infer<typeof Variable> {}

import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

/** The kind of the objects that give a policy its parameters. */
export const ParamKind = s.struct(
  'admissionregistration.v1.ParamKind',
  {
    apiVersion: s.string().optional(),
    kind: s.string().optional(),
  },
  { mapType: 'atomic' },
)
export interface ParamKind extends Infer<typeof ParamKind> {}

/** Which objects give a policy its parameters: by name or by label. */
export const ParamRef = s.struct(
  'admissionregistration.v1.ParamRef',
  {
    name: s.string().optional(),
    namespace: s.string().optional(),
    selector: LabelSelector.optional(),
    parameterNotFoundAction: s.string().optional().pointer(),
  },
  { mapType: 'atomic' },
)
export interface ParamRef extends Infer<typeof ParamRef> {}

/** A named CEL expression that the others of a policy may use. */
export const Variable = s.struct(
  'admissionregistration.v1.Variable',
  {
    name: s.string(),
    expression: s.string(),
  },
  { mapType: 'atomic' },
)
export interface Variable extends Infer<typeof Variable> {}

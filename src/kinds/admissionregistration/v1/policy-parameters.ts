import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'

export const ParamKind = s.struct(
  'admissionregistration.v1.ParamKind',
  {
    apiVersion: s.string().optional(),
    kind: s.string().optional(),
  },
  { mapType: 'atomic' },
)
export interface ParamKind extends Infer<typeof ParamKind> {}

export const ParamRef = s.struct(
  'admissionregistration.v1.ParamRef',
  {
    name: s.string().optional(),
    namespace: s.string().optional(),
    selector: LabelSelector.optional(),
    parameterNotFoundAction: s.string().optional(),
  },
  { mapType: 'atomic' },
)
export interface ParamRef extends Infer<typeof ParamRef> {}

export const Variable = s.struct(
  'admissionregistration.v1.Variable',
  {
    name: s.string(),
    expression: s.string(),
  },
  { mapType: 'atomic' },
)
export interface Variable extends Infer<typeof Variable> {}

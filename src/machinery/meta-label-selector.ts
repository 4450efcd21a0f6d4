import { type Infer, s } from './schema.ts'

/** A condition on a field. */
export const FieldSelectorRequirement = s.struct('meta.v1.FieldSelectorRequirement', {
  key: s.string(),
  operator: s.string(),
  values: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface FieldSelectorRequirement extends Infer<typeof FieldSelectorRequirement> {}

/** A condition on a label. */
export const LabelSelectorRequirement = s.struct('meta.v1.LabelSelectorRequirement', {
  key: s.string(),
  operator: s.string(),
  values: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface LabelSelectorRequirement extends Infer<typeof LabelSelectorRequirement> {}

/** Objects by label; all of the conditions must match. */
export const LabelSelector = s.struct(
  'meta.v1.LabelSelector',
  {
    matchLabels: s.map(s.string()).optional(),
    matchExpressions: s.list(LabelSelectorRequirement, { listType: 'atomic' }).optional(),
  },
  { mapType: 'atomic' },
)
export interface LabelSelector extends Infer<typeof LabelSelector> {}

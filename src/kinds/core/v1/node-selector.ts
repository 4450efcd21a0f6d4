import { type Infer, s } from '../../../machinery/schema.ts'

export const NodeSelectorRequirement = s.struct('core.v1.NodeSelectorRequirement', {
  key: s.string(),
  operator: s.oneOf('DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'),
  values: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface NodeSelectorRequirement extends Infer<typeof NodeSelectorRequirement> {}

export const NodeSelectorTerm = s.struct(
  'core.v1.NodeSelectorTerm',
  {
    matchExpressions: s.list(NodeSelectorRequirement, { listType: 'atomic' }).optional(),
    matchFields: s.list(NodeSelectorRequirement, { listType: 'atomic' }).optional(),
  },
  { mapType: 'atomic' },
)
export interface NodeSelectorTerm extends Infer<typeof NodeSelectorTerm> {}

export const NodeSelector = s.struct(
  'core.v1.NodeSelector',
  {
    nodeSelectorTerms: s.list(NodeSelectorTerm, { listType: 'atomic' }),
  },
  { mapType: 'atomic' },
)
export interface NodeSelector extends Infer<typeof NodeSelector> {}

export const TopologySelectorLabelRequirement = s.struct(
  'core.v1.TopologySelectorLabelRequirement',
  {
    key: s.string(),
    values: s.list(s.string(), { listType: 'atomic' }),
  },
)
export interface TopologySelectorLabelRequirement
  extends Infer<typeof TopologySelectorLabelRequirement> {}

export const TopologySelectorTerm = s.struct(
  'core.v1.TopologySelectorTerm',
  {
    matchLabelExpressions: s
      .list(TopologySelectorLabelRequirement, { listType: 'atomic' })
      .optional(),
  },
  { mapType: 'atomic' },
)
export interface TopologySelectorTerm extends Infer<typeof TopologySelectorTerm> {}

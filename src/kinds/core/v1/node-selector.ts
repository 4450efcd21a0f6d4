import { type Infer, s } from '../../../machinery/schema.ts'

/** A condition on a label or field of a node. */
export const NodeSelectorRequirement = s.struct('core.v1.NodeSelectorRequirement', {
  key: s.string(),
  operator: s.oneOf('DoesNotExist', 'Exists', 'Gt', 'In', 'Lt', 'NotIn'),
  values: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface NodeSelectorRequirement extends Infer<typeof NodeSelectorRequirement> {}

/** Conditions that must all match; a term without any matches nothing. */
export const NodeSelectorTerm = s.struct(
  'core.v1.NodeSelectorTerm',
  {
    matchExpressions: s.list(NodeSelectorRequirement, { listType: 'atomic' }).optional(),
    matchFields: s.list(NodeSelectorRequirement, { listType: 'atomic' }).optional(),
  },
  { mapType: 'atomic' },
)
export interface NodeSelectorTerm extends Infer<typeof NodeSelectorTerm> {}

/** Nodes by label and field; one of the terms must match. */
export const NodeSelector = s.struct(
  'core.v1.NodeSelector',
  {
    nodeSelectorTerms: s.list(NodeSelectorTerm, { listType: 'atomic' }),
  },
  { mapType: 'atomic' },
)
export interface NodeSelector extends Infer<typeof NodeSelector> {}

/** The values that a topology label may have. */
export const TopologySelectorLabelRequirement = s.struct(
  'core.v1.TopologySelectorLabelRequirement',
  {
    key: s.string(),
    values: s.list(s.string(), { listType: 'atomic' }),
  },
)
export interface TopologySelectorLabelRequirement
  extends Infer<typeof TopologySelectorLabelRequirement> {}

/** Conditions on the labels of a volume's topology. */
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

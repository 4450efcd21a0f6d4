import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { NodeSelector, NodeSelectorTerm } from './node-selector.ts'

/** A preference for nodes, with its weight. */
export const PreferredSchedulingTerm = s.struct('core.v1.PreferredSchedulingTerm', {
  weight: s.int32(),
  preference: NodeSelectorTerm,
})
export interface PreferredSchedulingTerm extends Infer<typeof PreferredSchedulingTerm> {}

/** Rules on labels of nodes. */
export const NodeAffinity = s.struct('core.v1.NodeAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: NodeSelector.optional(),
  preferredDuringSchedulingIgnoredDuringExecution: s
    .list(PreferredSchedulingTerm, { listType: 'atomic' })
    .optional(),
})
export interface NodeAffinity extends Infer<typeof NodeAffinity> {}

/** Which pods count, and how far `near` reaches. */
export const PodAffinityTerm = s.struct('core.v1.PodAffinityTerm', {
  labelSelector: LabelSelector.optional(),
  namespaces: s.list(s.string(), { listType: 'atomic' }).optional(),
  topologyKey: s.string(),
  namespaceSelector: LabelSelector.optional(),
  matchLabelKeys: s.list(s.string(), { listType: 'atomic' }).optional(),
  mismatchLabelKeys: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface PodAffinityTerm extends Infer<typeof PodAffinityTerm> {}

/** A preference for being near pods, with its weight. */
export const WeightedPodAffinityTerm = s.struct('core.v1.WeightedPodAffinityTerm', {
  weight: s.int32(),
  podAffinityTerm: PodAffinityTerm,
})
export interface WeightedPodAffinityTerm extends Infer<typeof WeightedPodAffinityTerm> {}

/** Pods to be near to. */
export const PodAffinity = s.struct('core.v1.PodAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: s
    .list(PodAffinityTerm, { listType: 'atomic' })
    .optional(),
  preferredDuringSchedulingIgnoredDuringExecution: s
    .list(WeightedPodAffinityTerm, { listType: 'atomic' })
    .optional(),
})
export interface PodAffinity extends Infer<typeof PodAffinity> {}

/** Pods to be far from. */
export const PodAntiAffinity = s.struct('core.v1.PodAntiAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: s
    .list(PodAffinityTerm, { listType: 'atomic' })
    .optional(),
  preferredDuringSchedulingIgnoredDuringExecution: s
    .list(WeightedPodAffinityTerm, { listType: 'atomic' })
    .optional(),
})
export interface PodAntiAffinity extends Infer<typeof PodAntiAffinity> {}

/** Rules on which nodes a pod may or should run. */
export const Affinity = s.struct('core.v1.Affinity', {
  nodeAffinity: NodeAffinity.optional(),
  podAffinity: PodAffinity.optional(),
  podAntiAffinity: PodAntiAffinity.optional(),
})
export interface Affinity extends Infer<typeof Affinity> {}

/** How evenly pods must be spread over zones, nodes or the like. */
export const TopologySpreadConstraint = s.struct('core.v1.TopologySpreadConstraint', {
  maxSkew: s.int32(),
  topologyKey: s.string(),
  whenUnsatisfiable: s.oneOf('DoNotSchedule', 'ScheduleAnyway'),
  labelSelector: LabelSelector.optional(),
  minDomains: s.int32().optional().pointer(),
  nodeAffinityPolicy: s.oneOf('Honor', 'Ignore').optional().pointer(),
  nodeTaintsPolicy: s.oneOf('Honor', 'Ignore').optional().pointer(),
  matchLabelKeys: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface TopologySpreadConstraint extends Infer<typeof TopologySpreadConstraint> {}

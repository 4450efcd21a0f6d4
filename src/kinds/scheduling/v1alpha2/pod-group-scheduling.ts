import { type Infer, s } from '../../../machinery/schema.ts'

/** Pods of the group are scheduled one by one, as others are. */
export const BasicSchedulingPolicy = s.struct('scheduling.v1alpha2.BasicSchedulingPolicy', {})
export interface BasicSchedulingPolicy extends Infer<typeof BasicSchedulingPolicy> {}

/** Pods of the group are scheduled together or not at all. */
export const GangSchedulingPolicy = s.struct('scheduling.v1alpha2.GangSchedulingPolicy', {
  minCount: s.int32(),
})
export interface GangSchedulingPolicy extends Infer<typeof GangSchedulingPolicy> {}

/** A claim on devices that all pods of a group share. */
export const PodGroupResourceClaim = s.struct('scheduling.v1alpha2.PodGroupResourceClaim', {
  name: s.string(),
  resourceClaimName: s.string().optional().pointer(),
  resourceClaimTemplateName: s.string().optional().pointer(),
})
export interface PodGroupResourceClaim extends Infer<typeof PodGroupResourceClaim> {}

/** Keeps the pods of a group within one domain of a topology. */
export const TopologyConstraint = s.struct('scheduling.v1alpha2.TopologyConstraint', {
  key: s.string(),
})
export interface TopologyConstraint extends Infer<typeof TopologyConstraint> {}

/** Where the pods of a group may be, relative to each other. */
export const PodGroupSchedulingConstraints = s.struct(
  'scheduling.v1alpha2.PodGroupSchedulingConstraints',
  {
    topology: s.list(TopologyConstraint, { listType: 'atomic' }).optional(),
  },
)
export interface PodGroupSchedulingConstraints
  extends Infer<typeof PodGroupSchedulingConstraints> {}

/** How a group is scheduled; one of the fields is set. */
export const PodGroupSchedulingPolicy = s.struct(
  'scheduling.v1alpha2.PodGroupSchedulingPolicy',
  {
    basic: BasicSchedulingPolicy.optional(),
    gang: GangSchedulingPolicy.optional(),
  },
  { union: { fields: { basic: 'Basic', gang: 'Gang' } } },
)
export interface PodGroupSchedulingPolicy extends Infer<typeof PodGroupSchedulingPolicy> {}

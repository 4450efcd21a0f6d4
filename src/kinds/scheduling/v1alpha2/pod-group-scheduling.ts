import { type Infer, s } from '../../../machinery/schema.ts'

export const BasicSchedulingPolicy = s.struct('scheduling.v1alpha2.BasicSchedulingPolicy', {})
export interface BasicSchedulingPolicy extends Infer<typeof BasicSchedulingPolicy> {}

export const GangSchedulingPolicy = s.struct('scheduling.v1alpha2.GangSchedulingPolicy', {
  minCount: s.int32(),
})
export interface GangSchedulingPolicy extends Infer<typeof GangSchedulingPolicy> {}

export const PodGroupResourceClaim = s.struct('scheduling.v1alpha2.PodGroupResourceClaim', {
  name: s.string(),
  resourceClaimName: s.string().optional(),
  resourceClaimTemplateName: s.string().optional(),
})
export interface PodGroupResourceClaim extends Infer<typeof PodGroupResourceClaim> {}

export const TopologyConstraint = s.struct('scheduling.v1alpha2.TopologyConstraint', {
  key: s.string(),
})
export interface TopologyConstraint extends Infer<typeof TopologyConstraint> {}

export const PodGroupSchedulingConstraints = s.struct(
  'scheduling.v1alpha2.PodGroupSchedulingConstraints',
  {
    topology: s.list(TopologyConstraint, { listType: 'atomic' }).optional(),
  },
)
export interface PodGroupSchedulingConstraints
  extends Infer<typeof PodGroupSchedulingConstraints> {}

export const PodGroupSchedulingPolicy = s.struct('scheduling.v1alpha2.PodGroupSchedulingPolicy', {
  basic: BasicSchedulingPolicy.optional(),
  gang: GangSchedulingPolicy.optional(),
})
export interface PodGroupSchedulingPolicy extends Infer<typeof PodGroupSchedulingPolicy> {}

import { type Infer, s } from '../../../machinery/schema.ts'

/** One of the pod's claims on devices, or one request of it. */
export const ResourceClaim = s.struct('core.v1.ResourceClaim', {
  name: s.string(),
  request: s.string().optional(),
})
export interface ResourceClaim extends Infer<typeof ResourceClaim> {}

/** What is reserved, and what is the most that may be used. */
export const ResourceRequirements = s.struct('core.v1.ResourceRequirements', {
  limits: s.map(s.quantity()).optional(),
  requests: s.map(s.quantity()).optional(),
  claims: s.list(ResourceClaim, { listType: 'map', listMapKeys: ['name'] }).optional(),
})
export interface ResourceRequirements extends Infer<typeof ResourceRequirements> {}

/** How much storage is wanted at least and at most. */
export const VolumeResourceRequirements = s.struct('core.v1.VolumeResourceRequirements', {
  limits: s.map(s.quantity()).optional(),
  requests: s.map(s.quantity()).optional(),
})
export interface VolumeResourceRequirements extends Infer<typeof VolumeResourceRequirements> {}

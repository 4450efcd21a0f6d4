import { type Infer, s } from './schema.ts'

/** What must be true of an object for a deletion to happen. */
export const Preconditions = s.struct('meta.v1.Preconditions', {
  uid: s.string().optional(),
  resourceVersion: s.string().optional(),
})
export interface Preconditions extends Infer<typeof Preconditions> {}

/** How to delete: grace period, preconditions and what becomes of dependents. */
export const DeleteOptions = s.struct('meta.v1.DeleteOptions', {
  kind: s.string().optional(),
  apiVersion: s.string().optional(),
  gracePeriodSeconds: s.int64().optional(),
  preconditions: Preconditions.optional(),
  orphanDependents: s.bool().optional(),
  propagationPolicy: s.string().optional(),
  dryRun: s.list(s.string(), { listType: 'atomic' }).optional(),
  ignoreStoreReadErrorWithClusterBreakingPotential: s.bool().optional(),
})
export interface DeleteOptions extends Infer<typeof DeleteOptions> {}

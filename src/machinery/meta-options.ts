import { type Infer, s } from './schema.ts'

/** What must be true of an object for a deletion to happen. */
export const Preconditions = s.struct('meta.v1.Preconditions', {
  uid: s.string().optional().pointer(),
  resourceVersion: s.string().optional().pointer(),
})
export interface Preconditions extends Infer<typeof Preconditions> {}

/** How to delete: grace period, preconditions and what becomes of dependents. */
export const DeleteOptions = s.struct('meta.v1.DeleteOptions', {
  kind: s.string().optional(),
  apiVersion: s.string().optional(),
  gracePeriodSeconds: s.int64().optional().pointer(),
  preconditions: Preconditions.optional(),
  orphanDependents: s.bool().optional().pointer(),
  propagationPolicy: s.string().optional().pointer(),
  dryRun: s.list(s.string(), { listType: 'atomic' }).optional(),
  ignoreStoreReadErrorWithClusterBreakingPotential: s.bool().optional().pointer(),
})
export interface DeleteOptions extends Infer<typeof DeleteOptions> {}

const typeMeta = { kind: s.string().optional(), apiVersion: s.string().optional() }

/** The query of a GET. */
export const GetOptions = s.struct('meta.v1.GetOptions', {
  ...typeMeta,
  resourceVersion: s.string().optional(),
})
export interface GetOptions extends Infer<typeof GetOptions> {}

/** The query of a list or watch: what to select, from which version on, and how much at once. */
export const ListOptions = s.struct('meta.v1.ListOptions', {
  ...typeMeta,
  labelSelector: s.string().optional(),
  fieldSelector: s.string().optional(),
  watch: s.bool().optional(),
  allowWatchBookmarks: s.bool().optional(),
  resourceVersion: s.string().optional(),
  resourceVersionMatch: s.known('NotOlderThan', 'Exact').optional(),
  timeoutSeconds: s.int64().optional(),
  limit: s.int64().optional(),
  continue: s.string().optional(),
  sendInitialEvents: s.bool().optional(),
  shardSelector: s.string().optional(),
})
export interface ListOptions extends Infer<typeof ListOptions> {}

/** The query of a create. */
export const CreateOptions = s.struct('meta.v1.CreateOptions', {
  ...typeMeta,
  dryRun: s.list(s.string(), { listType: 'atomic' }).optional(),
  fieldManager: s.string().optional(),
  fieldValidation: s.known('Ignore', 'Warn', 'Strict').optional(),
})
export interface CreateOptions extends Infer<typeof CreateOptions> {}

/** The query of an update. */
export const UpdateOptions = s.struct('meta.v1.UpdateOptions', {
  ...typeMeta,
  dryRun: s.list(s.string(), { listType: 'atomic' }).optional(),
  fieldManager: s.string().optional(),
  fieldValidation: s.known('Ignore', 'Warn', 'Strict').optional(),
})
export interface UpdateOptions extends Infer<typeof UpdateOptions> {}

/** The query of a patch; `force` lets an apply take fields from other managers. */
export const PatchOptions = s.struct('meta.v1.PatchOptions', {
  ...typeMeta,
  dryRun: s.list(s.string(), { listType: 'atomic' }).optional(),
  force: s.bool().optional(),
  fieldManager: s.string().optional(),
  fieldValidation: s.known('Ignore', 'Warn', 'Strict').optional(),
})
export interface PatchOptions extends Infer<typeof PatchOptions> {}

import { ShardInfo } from './meta-shard-info.ts'
import { type Infer, type InferInput, Schema, s } from './schema.ts'

/** Names the object that this one belongs to; the garbage collector follows it. */
export const OwnerReference = s.struct(
  'meta.v1.OwnerReference',
  {
    apiVersion: s.string(),
    kind: s.string(),
    name: s.string(),
    uid: s.string(),
    controller: s.bool().optional().pointer(),
    blockOwnerDeletion: s.bool().optional().pointer(),
  },
  { mapType: 'atomic' },
)
export interface OwnerReference extends Infer<typeof OwnerReference> {}

/** Which fields a manager has set, how and when. */
export const ManagedFieldsEntry = s.struct('meta.v1.ManagedFieldsEntry', {
  manager: s.string().optional(),
  operation: s.known('Apply', 'Update').optional(),
  apiVersion: s.string().optional(),
  time: s.time().optional().pointer(),
  fieldsType: s.string().optional(),
  fieldsV1: s.fieldsV1().optional().pointer(),
  subresource: s.string().optional(),
})
export interface ManagedFieldsEntry extends Infer<typeof ManagedFieldsEntry> {}

/** What every object has: its names, its place in time, its owners. */
export const ObjectMeta = s.struct('meta.v1.ObjectMeta', {
  name: s.string().filled(),
  generateName: s.string().optional(),
  namespace: s.string().optional(),
  selfLink: s.string().optional(),
  uid: s.string().filled(),
  resourceVersion: s.string().filled(),
  generation: s.int64().optional(),
  creationTimestamp: s.time().filled(),
  deletionTimestamp: s.time().optional().pointer(),
  deletionGracePeriodSeconds: s.int64().optional().pointer(),
  labels: s.map(s.string()).optional(),
  annotations: s.map(s.string()).optional(),
  ownerReferences: s
    .list(OwnerReference, {
      listType: 'map',
      listMapKeys: ['uid'],
      patchStrategy: 'merge',
      patchMergeKey: 'uid',
    })
    .optional(),
  finalizers: s.list(s.string(), { listType: 'set', patchStrategy: 'merge' }).optional(),
  managedFields: s.list(ManagedFieldsEntry, { listType: 'atomic' }).optional(),
})
export interface ObjectMeta extends Infer<typeof ObjectMeta> {}
/** What a client may send as metadata. */
export interface ObjectMetaInput extends InferInput<typeof ObjectMeta> {}
/** The metadata of a template, which has no name or identity of its own yet. */
export const EmbeddedMeta = new Schema<ObjectMetaInput, ObjectMetaInput, 'required'>(
  ObjectMeta.node,
  ObjectMeta.field,
)
/** The metadata of an object that lives in a namespace. */
export interface NamespacedMeta extends ObjectMeta {
  readonly namespace: string
}

/** The metadata of a list. */
export const ListMeta = s.struct('meta.v1.ListMeta', {
  selfLink: s.string().optional(),
  resourceVersion: s.string().optional(),
  continue: s.string().optional(),
  remainingItemCount: s.int64().optional(),
  shardInfo: ShardInfo.optional(),
})
export interface ListMeta extends Infer<typeof ListMeta> {}

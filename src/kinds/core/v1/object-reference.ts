import { type Infer, s } from '../../../machinery/schema.ts'

/** An object of the same namespace, by name. */
export const LocalObjectReference = s.struct(
  'core.v1.LocalObjectReference',
  {
    name: s.string().publishedZero(''),
  },
  { mapType: 'atomic' },
)
export interface LocalObjectReference extends Infer<typeof LocalObjectReference> {}

/** An object, or a field of it, wherever it is. */
export const ObjectReference = s.struct(
  'core.v1.ObjectReference',
  {
    kind: s.string().optional(),
    namespace: s.string().optional(),
    name: s.string().optional(),
    uid: s.string().optional(),
    apiVersion: s.string().optional(),
    resourceVersion: s.string().optional(),
    fieldPath: s.string().optional(),
  },
  { mapType: 'atomic' },
)
export interface ObjectReference extends Infer<typeof ObjectReference> {}

/** A Secret of any namespace. */
export const SecretReference = s.struct(
  'core.v1.SecretReference',
  {
    name: s.string().optional(),
    namespace: s.string().optional(),
  },
  { mapType: 'atomic' },
)
export interface SecretReference extends Infer<typeof SecretReference> {}

/** An object of the same namespace, by kind and name. */
export const TypedLocalObjectReference = s.struct(
  'core.v1.TypedLocalObjectReference',
  {
    apiGroup: s.string().orNull(),
    kind: s.string(),
    name: s.string(),
  },
  { mapType: 'atomic' },
)
export interface TypedLocalObjectReference extends Infer<typeof TypedLocalObjectReference> {}

/** An object by kind and name, possibly in another namespace. */
export const TypedObjectReference = s.struct('core.v1.TypedObjectReference', {
  apiGroup: s.string().orNull(),
  kind: s.string(),
  name: s.string(),
  namespace: s.string().optional().pointer(),
})
export interface TypedObjectReference extends Infer<typeof TypedObjectReference> {}

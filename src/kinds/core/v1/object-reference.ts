import { type Infer, s } from '../../../machinery/schema.ts'

export const LocalObjectReference = s.struct(
  'core.v1.LocalObjectReference',
  {
    name: s.string().publishedDefault(''),
  },
  { mapType: 'atomic' },
)
export interface LocalObjectReference extends Infer<typeof LocalObjectReference> {}

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

export const SecretReference = s.struct(
  'core.v1.SecretReference',
  {
    name: s.string().optional(),
    namespace: s.string().optional(),
  },
  { mapType: 'atomic' },
)
export interface SecretReference extends Infer<typeof SecretReference> {}

export const TypedLocalObjectReference = s.struct(
  'core.v1.TypedLocalObjectReference',
  {
    apiGroup: s.string().optional(),
    kind: s.string(),
    name: s.string(),
  },
  { mapType: 'atomic' },
)
export interface TypedLocalObjectReference extends Infer<typeof TypedLocalObjectReference> {}

export const TypedObjectReference = s.struct('core.v1.TypedObjectReference', {
  apiGroup: s.string().optional(),
  kind: s.string(),
  name: s.string(),
  namespace: s.string().optional(),
})
export interface TypedObjectReference extends Infer<typeof TypedObjectReference> {}

import { type Infer, s } from '../../../machinery/schema.ts'

/** The ConfigMap whose keys become variables. */
export const ConfigMapEnvSource = s.struct('core.v1.ConfigMapEnvSource', {
  name: s.string().publishedDefault(''),
  optional: s.bool().optional().pointer(),
})
export interface ConfigMapEnvSource extends Infer<typeof ConfigMapEnvSource> {}

/** One key of a ConfigMap. */
export const ConfigMapKeySelector = s.struct(
  'core.v1.ConfigMapKeySelector',
  {
    name: s.string().publishedDefault(''),
    key: s.string(),
    optional: s.bool().optional().pointer(),
  },
  { mapType: 'atomic' },
)
export interface ConfigMapKeySelector extends Infer<typeof ConfigMapKeySelector> {}

/** The Secret whose keys become variables. */
export const SecretEnvSource = s.struct('core.v1.SecretEnvSource', {
  name: s.string().publishedDefault(''),
  optional: s.bool().optional().pointer(),
})
export interface SecretEnvSource extends Infer<typeof SecretEnvSource> {}

/** Variables for all keys of a ConfigMap or Secret. */
export const EnvFromSource = s.struct('core.v1.EnvFromSource', {
  prefix: s.string().optional(),
  configMapRef: ConfigMapEnvSource.optional(),
  secretRef: SecretEnvSource.optional(),
})
export interface EnvFromSource extends Infer<typeof EnvFromSource> {}

/** A field of the pod, by path. */
export const ObjectFieldSelector = s.struct(
  'core.v1.ObjectFieldSelector',
  {
    apiVersion: s.string().default('v1'),
    fieldPath: s.string(),
  },
  { mapType: 'atomic' },
)
export interface ObjectFieldSelector extends Infer<typeof ObjectFieldSelector> {}

/** A container's request or limit, in units of `divisor`. */
export const ResourceFieldSelector = s.struct(
  'core.v1.ResourceFieldSelector',
  {
    containerName: s.string().optional(),
    resource: s.string(),
    divisor: s.quantity().default('0'),
  },
  { mapType: 'atomic' },
)
export interface ResourceFieldSelector extends Infer<typeof ResourceFieldSelector> {}

/** One key of a Secret. */
export const SecretKeySelector = s.struct(
  'core.v1.SecretKeySelector',
  {
    name: s.string().publishedDefault(''),
    key: s.string(),
    optional: s.bool().optional().pointer(),
  },
  { mapType: 'atomic' },
)
export interface SecretKeySelector extends Infer<typeof SecretKeySelector> {}

/** One key of a file of variables in a volume. */
export const FileKeySelector = s.struct(
  'core.v1.FileKeySelector',
  {
    volumeName: s.string(),
    path: s.string(),
    key: s.string(),
    optional: s.bool().publishedDefault(false).pointer(),
  },
  { mapType: 'atomic' },
)
export interface FileKeySelector extends Infer<typeof FileKeySelector> {}

/** Where a variable's value comes from; one of the fields is set. */
export const EnvVarSource = s.struct('core.v1.EnvVarSource', {
  fieldRef: ObjectFieldSelector.optional(),
  resourceFieldRef: ResourceFieldSelector.optional(),
  configMapKeyRef: ConfigMapKeySelector.optional(),
  secretKeyRef: SecretKeySelector.optional(),
  fileKeyRef: FileKeySelector.optional(),
})
export interface EnvVarSource extends Infer<typeof EnvVarSource> {}

/** A variable: its value, or where that comes from. */
export const EnvVar = s.struct('core.v1.EnvVar', {
  name: s.string(),
  value: s.string().optional(),
  valueFrom: EnvVarSource.optional(),
})
export interface EnvVar extends Infer<typeof EnvVar> {}

import { LabelSelector } from '../../../machinery/meta-label-selector.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { ObjectFieldSelector, ResourceFieldSelector } from './env-var.ts'

/** Certificates to trust, as a file. */
export const ClusterTrustBundleProjection = s.struct('core.v1.ClusterTrustBundleProjection', {
  name: s.string().optional().pointer(),
  signerName: s.string().optional().pointer(),
  labelSelector: LabelSelector.optional(),
  optional: s.bool().optional().pointer(),
  path: s.string(),
})
export interface ClusterTrustBundleProjection extends Infer<typeof ClusterTrustBundleProjection> {}

/** The file that a key becomes. */
export const KeyToPath = s.struct('core.v1.KeyToPath', {
  key: s.string(),
  path: s.string(),
  mode: s.int32().optional().pointer(),
})
export interface KeyToPath extends Infer<typeof KeyToPath> {}

/** A ConfigMap as files beside others. */
export const ConfigMapProjection = s.struct('core.v1.ConfigMapProjection', {
  name: s.string().publishedDefault(''),
  items: s.list(KeyToPath, { listType: 'atomic' }).optional(),
  optional: s.bool().optional().pointer(),
})
export interface ConfigMapProjection extends Infer<typeof ConfigMapProjection> {}

/** A ConfigMap as files. */
export const ConfigMapVolumeSource = s.struct('core.v1.ConfigMapVolumeSource', {
  name: s.string().publishedDefault(''),
  items: s.list(KeyToPath, { listType: 'atomic' }).optional(),
  defaultMode: s.int32().default(0o644).pointer(),
  optional: s.bool().optional().pointer(),
})
export interface ConfigMapVolumeSource extends Infer<typeof ConfigMapVolumeSource> {}

/** One file that holds a field of the pod or a container's resources. */
export const DownwardAPIVolumeFile = s.struct('core.v1.DownwardAPIVolumeFile', {
  path: s.string(),
  fieldRef: ObjectFieldSelector.optional(),
  resourceFieldRef: ResourceFieldSelector.optional(),
  mode: s.int32().optional().pointer(),
})
export interface DownwardAPIVolumeFile extends Infer<typeof DownwardAPIVolumeFile> {}

/** Facts about the pod as files beside others. */
export const DownwardAPIProjection = s.struct('core.v1.DownwardAPIProjection', {
  items: s.list(DownwardAPIVolumeFile, { listType: 'atomic' }).optional(),
})
export interface DownwardAPIProjection extends Infer<typeof DownwardAPIProjection> {}

/** Facts about the pod as files. */
export const DownwardAPIVolumeSource = s.struct('core.v1.DownwardAPIVolumeSource', {
  items: s.list(DownwardAPIVolumeFile, { listType: 'atomic' }).optional(),
  defaultMode: s.int32().default(0o644).pointer(),
})
export interface DownwardAPIVolumeSource extends Infer<typeof DownwardAPIVolumeSource> {}

/** A key and its certificate, which the kubelet renews. */
export const PodCertificateProjection = s.struct('core.v1.PodCertificateProjection', {
  signerName: s.string().pointer(),
  keyType: s.string().pointer(),
  maxExpirationSeconds: s.int32().optional().pointer(),
  credentialBundlePath: s.string().optional(),
  keyPath: s.string().optional(),
  certificateChainPath: s.string().optional(),
  userAnnotations: s.map(s.string()).optional(),
})
export interface PodCertificateProjection extends Infer<typeof PodCertificateProjection> {}

/** A Secret as files beside others. */
export const SecretProjection = s.struct('core.v1.SecretProjection', {
  name: s.string().publishedDefault(''),
  items: s.list(KeyToPath, { listType: 'atomic' }).optional(),
  optional: s.bool().optional().pointer(),
})
export interface SecretProjection extends Infer<typeof SecretProjection> {}

/** A token of the pod's service account, which the kubelet renews. */
export const ServiceAccountTokenProjection = s.struct('core.v1.ServiceAccountTokenProjection', {
  audience: s.string().optional(),
  expirationSeconds: s.int64().default(3600).pointer(),
  path: s.string(),
})
export interface ServiceAccountTokenProjection
  extends Infer<typeof ServiceAccountTokenProjection> {}

/** One source of a projected volume; one of the fields is set. */
export const VolumeProjection = s.struct('core.v1.VolumeProjection', {
  secret: SecretProjection.optional(),
  downwardAPI: DownwardAPIProjection.optional(),
  configMap: ConfigMapProjection.optional(),
  serviceAccountToken: ServiceAccountTokenProjection.optional(),
  clusterTrustBundle: ClusterTrustBundleProjection.optional(),
  podCertificate: PodCertificateProjection.optional(),
})
export interface VolumeProjection extends Infer<typeof VolumeProjection> {}

/** Files of several sources in one directory. */
export const ProjectedVolumeSource = s.struct('core.v1.ProjectedVolumeSource', {
  sources: s.list(VolumeProjection, { listType: 'atomic' }).orNull(),
  defaultMode: s.int32().default(0o644).pointer(),
})
export interface ProjectedVolumeSource extends Infer<typeof ProjectedVolumeSource> {}

/** A Secret as files. */
export const SecretVolumeSource = s.struct('core.v1.SecretVolumeSource', {
  secretName: s.string().optional(),
  items: s.list(KeyToPath, { listType: 'atomic' }).optional(),
  defaultMode: s.int32().default(0o644).pointer(),
  optional: s.bool().optional().pointer(),
})
export interface SecretVolumeSource extends Infer<typeof SecretVolumeSource> {}

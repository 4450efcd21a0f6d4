import { type Infer, s } from '../../../machinery/schema.ts'
import { ObjectReference, SecretReference } from './object-reference.ts'

/** A share of Azure Files, for a volume of the cluster. */
export const AzureFilePersistentVolumeSource = s.struct('core.v1.AzureFilePersistentVolumeSource', {
  secretName: s.string(),
  shareName: s.string(),
  readOnly: s.bool().optional(),
  secretNamespace: s.string().orNull(),
})
export interface AzureFilePersistentVolumeSource
  extends Infer<typeof AzureFilePersistentVolumeSource> {}

/** A volume of a CSI driver. */
export const CSIPersistentVolumeSource = s.struct('core.v1.CSIPersistentVolumeSource', {
  driver: s.string(),
  volumeHandle: s.string(),
  readOnly: s.bool().optional(),
  fsType: s.string().optional(),
  volumeAttributes: s.map(s.string()).optional(),
  controllerPublishSecretRef: SecretReference.optional(),
  nodeStageSecretRef: SecretReference.optional(),
  nodePublishSecretRef: SecretReference.optional(),
  controllerExpandSecretRef: SecretReference.optional(),
  nodeExpandSecretRef: SecretReference.optional(),
})
export interface CSIPersistentVolumeSource extends Infer<typeof CSIPersistentVolumeSource> {}

/** A directory of CephFS, for a volume of the cluster. */
export const CephFSPersistentVolumeSource = s.struct('core.v1.CephFSPersistentVolumeSource', {
  monitors: s.list(s.string(), { listType: 'atomic' }),
  path: s.string().optional(),
  user: s.string().optional(),
  secretFile: s.string().optional(),
  secretRef: SecretReference.optional(),
  readOnly: s.bool().optional(),
})
export interface CephFSPersistentVolumeSource extends Infer<typeof CephFSPersistentVolumeSource> {}

/** A disk of OpenStack Cinder, for a volume of the cluster. */
export const CinderPersistentVolumeSource = s.struct('core.v1.CinderPersistentVolumeSource', {
  volumeID: s.string(),
  fsType: s.string().optional(),
  readOnly: s.bool().optional(),
  secretRef: SecretReference.optional(),
})
export interface CinderPersistentVolumeSource extends Infer<typeof CinderPersistentVolumeSource> {}

/** A volume of a FlexVolume driver, for a volume of the cluster. */
export const FlexPersistentVolumeSource = s.struct('core.v1.FlexPersistentVolumeSource', {
  driver: s.string(),
  fsType: s.string().optional(),
  secretRef: SecretReference.optional(),
  readOnly: s.bool().optional(),
  options: s.map(s.string()).optional(),
})
export interface FlexPersistentVolumeSource extends Infer<typeof FlexPersistentVolumeSource> {}

/** A volume of GlusterFS, for a volume of the cluster. */
export const GlusterfsPersistentVolumeSource = s.struct('core.v1.GlusterfsPersistentVolumeSource', {
  endpoints: s.string(),
  path: s.string(),
  readOnly: s.bool().optional(),
  endpointsNamespace: s.string().optional().pointer(),
})
export interface GlusterfsPersistentVolumeSource
  extends Infer<typeof GlusterfsPersistentVolumeSource> {}

/** A disk over iSCSI, for a volume of the cluster. */
export const ISCSIPersistentVolumeSource = s.struct('core.v1.ISCSIPersistentVolumeSource', {
  targetPortal: s.string(),
  iqn: s.string(),
  lun: s.int32(),
  iscsiInterface: s.string().publishedDefault('default'),
  fsType: s.string().optional(),
  readOnly: s.bool().optional(),
  portals: s.list(s.string(), { listType: 'atomic' }).optional(),
  chapAuthDiscovery: s.bool().optional(),
  chapAuthSession: s.bool().optional(),
  secretRef: SecretReference.optional(),
  initiatorName: s.string().optional().pointer(),
})
export interface ISCSIPersistentVolumeSource extends Infer<typeof ISCSIPersistentVolumeSource> {}

/** A disk or directory of one node. */
export const LocalVolumeSource = s.struct('core.v1.LocalVolumeSource', {
  path: s.string(),
  fsType: s.string().optional().pointer(),
})
export interface LocalVolumeSource extends Infer<typeof LocalVolumeSource> {}

/** A block device of Ceph, for a volume of the cluster. */
export const RBDPersistentVolumeSource = s.struct('core.v1.RBDPersistentVolumeSource', {
  monitors: s.list(s.string(), { listType: 'atomic' }),
  image: s.string(),
  fsType: s.string().optional(),
  pool: s.string().publishedDefault('rbd'),
  user: s.string().publishedDefault('admin'),
  keyring: s.string().publishedDefault('/etc/ceph/keyring'),
  secretRef: SecretReference.optional(),
  readOnly: s.bool().optional(),
})
export interface RBDPersistentVolumeSource extends Infer<typeof RBDPersistentVolumeSource> {}

/** A volume of ScaleIO, for a volume of the cluster. */
export const ScaleIOPersistentVolumeSource = s.struct('core.v1.ScaleIOPersistentVolumeSource', {
  gateway: s.string(),
  system: s.string(),
  secretRef: SecretReference.pointer(),
  sslEnabled: s.bool().optional(),
  protectionDomain: s.string().optional(),
  storagePool: s.string().optional(),
  storageMode: s.string().publishedDefault('ThinProvisioned'),
  volumeName: s.string().optional(),
  fsType: s.string().publishedDefault('xfs'),
  readOnly: s.bool().optional(),
})
export interface ScaleIOPersistentVolumeSource
  extends Infer<typeof ScaleIOPersistentVolumeSource> {}

/** A volume of StorageOS, for a volume of the cluster. */
export const StorageOSPersistentVolumeSource = s.struct('core.v1.StorageOSPersistentVolumeSource', {
  volumeName: s.string().optional(),
  volumeNamespace: s.string().optional(),
  fsType: s.string().optional(),
  readOnly: s.bool().optional(),
  secretRef: ObjectReference.optional(),
})
export interface StorageOSPersistentVolumeSource
  extends Infer<typeof StorageOSPersistentVolumeSource> {}

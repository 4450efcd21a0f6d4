import { type Infer, s } from '../../../machinery/schema.ts'
import { LocalObjectReference } from './object-reference.ts'

/** A disk of AWS EBS. */
export const AWSElasticBlockStoreVolumeSource = s.struct(
  'core.v1.AWSElasticBlockStoreVolumeSource',
  {
    volumeID: s.string(),
    fsType: s.string().optional(),
    partition: s.int32().optional(),
    readOnly: s.bool().optional(),
  },
)
export interface AWSElasticBlockStoreVolumeSource
  extends Infer<typeof AWSElasticBlockStoreVolumeSource> {}

/** A disk of Azure. */
export const AzureDiskVolumeSource = s.struct('core.v1.AzureDiskVolumeSource', {
  diskName: s.string(),
  diskURI: s.string(),
  cachingMode: s.oneOf('None', 'ReadOnly', 'ReadWrite').publishedDefault('ReadWrite').pointer(),
  fsType: s.string().publishedDefault('ext4').pointer(),
  readOnly: s.bool().publishedDefault(false).pointer(),
  kind: s.oneOf('Dedicated', 'Managed', 'Shared').publishedDefault('Shared').pointer(),
})
export interface AzureDiskVolumeSource extends Infer<typeof AzureDiskVolumeSource> {}

/** A share of Azure Files. */
export const AzureFileVolumeSource = s.struct('core.v1.AzureFileVolumeSource', {
  secretName: s.string(),
  shareName: s.string(),
  readOnly: s.bool().optional(),
})
export interface AzureFileVolumeSource extends Infer<typeof AzureFileVolumeSource> {}

/** A directory of CephFS. */
export const CephFSVolumeSource = s.struct('core.v1.CephFSVolumeSource', {
  monitors: s.list(s.string(), { listType: 'atomic' }),
  path: s.string().optional(),
  user: s.string().optional(),
  secretFile: s.string().optional(),
  secretRef: LocalObjectReference.optional(),
  readOnly: s.bool().optional(),
})
export interface CephFSVolumeSource extends Infer<typeof CephFSVolumeSource> {}

/** A disk of OpenStack Cinder. */
export const CinderVolumeSource = s.struct('core.v1.CinderVolumeSource', {
  volumeID: s.string(),
  fsType: s.string().optional(),
  readOnly: s.bool().optional(),
  secretRef: LocalObjectReference.optional(),
})
export interface CinderVolumeSource extends Infer<typeof CinderVolumeSource> {}

/** A disk on Fibre Channel. */
export const FCVolumeSource = s.struct('core.v1.FCVolumeSource', {
  targetWWNs: s.list(s.string(), { listType: 'atomic' }).optional(),
  lun: s.int32().optional().pointer(),
  fsType: s.string().optional(),
  readOnly: s.bool().optional(),
  wwids: s.list(s.string(), { listType: 'atomic' }).optional(),
})
export interface FCVolumeSource extends Infer<typeof FCVolumeSource> {}

/** A volume of a FlexVolume driver. */
export const FlexVolumeSource = s.struct('core.v1.FlexVolumeSource', {
  driver: s.string(),
  fsType: s.string().optional(),
  secretRef: LocalObjectReference.optional(),
  readOnly: s.bool().optional(),
  options: s.map(s.string()).optional(),
})
export interface FlexVolumeSource extends Infer<typeof FlexVolumeSource> {}

/** A dataset of Flocker. */
export const FlockerVolumeSource = s.struct('core.v1.FlockerVolumeSource', {
  datasetName: s.string().optional(),
  datasetUUID: s.string().optional(),
})
export interface FlockerVolumeSource extends Infer<typeof FlockerVolumeSource> {}

/** A disk of Google Compute Engine. */
export const GCEPersistentDiskVolumeSource = s.struct('core.v1.GCEPersistentDiskVolumeSource', {
  pdName: s.string(),
  fsType: s.string().optional(),
  partition: s.int32().optional(),
  readOnly: s.bool().optional(),
})
export interface GCEPersistentDiskVolumeSource
  extends Infer<typeof GCEPersistentDiskVolumeSource> {}

/** A volume of GlusterFS. */
export const GlusterfsVolumeSource = s.struct('core.v1.GlusterfsVolumeSource', {
  endpoints: s.string(),
  path: s.string(),
  readOnly: s.bool().optional(),
})
export interface GlusterfsVolumeSource extends Infer<typeof GlusterfsVolumeSource> {}

/** A disk over iSCSI. */
export const ISCSIVolumeSource = s.struct('core.v1.ISCSIVolumeSource', {
  targetPortal: s.string(),
  iqn: s.string(),
  lun: s.int32(),
  iscsiInterface: s.string().publishedDefault('default'),
  fsType: s.string().optional(),
  readOnly: s.bool().optional(),
  portals: s.list(s.string(), { listType: 'atomic' }).optional(),
  chapAuthDiscovery: s.bool().optional(),
  chapAuthSession: s.bool().optional(),
  secretRef: LocalObjectReference.optional(),
  initiatorName: s.string().optional().pointer(),
})
export interface ISCSIVolumeSource extends Infer<typeof ISCSIVolumeSource> {}

/** A disk of the Photon controller. */
export const PhotonPersistentDiskVolumeSource = s.struct(
  'core.v1.PhotonPersistentDiskVolumeSource',
  {
    pdID: s.string(),
    fsType: s.string().optional(),
  },
)
export interface PhotonPersistentDiskVolumeSource
  extends Infer<typeof PhotonPersistentDiskVolumeSource> {}

/** A volume of Portworx. */
export const PortworxVolumeSource = s.struct('core.v1.PortworxVolumeSource', {
  volumeID: s.string(),
  fsType: s.string().optional(),
  readOnly: s.bool().optional(),
})
export interface PortworxVolumeSource extends Infer<typeof PortworxVolumeSource> {}

/** A volume of Quobyte. */
export const QuobyteVolumeSource = s.struct('core.v1.QuobyteVolumeSource', {
  registry: s.string(),
  volume: s.string(),
  readOnly: s.bool().optional(),
  user: s.string().optional(),
  group: s.string().optional(),
  tenant: s.string().optional(),
})
export interface QuobyteVolumeSource extends Infer<typeof QuobyteVolumeSource> {}

/** A block device of Ceph. */
export const RBDVolumeSource = s.struct('core.v1.RBDVolumeSource', {
  monitors: s.list(s.string(), { listType: 'atomic' }),
  image: s.string(),
  fsType: s.string().optional(),
  pool: s.string().publishedDefault('rbd'),
  user: s.string().publishedDefault('admin'),
  keyring: s.string().publishedDefault('/etc/ceph/keyring'),
  secretRef: LocalObjectReference.optional(),
  readOnly: s.bool().optional(),
})
export interface RBDVolumeSource extends Infer<typeof RBDVolumeSource> {}

/** A volume of ScaleIO. */
export const ScaleIOVolumeSource = s.struct('core.v1.ScaleIOVolumeSource', {
  gateway: s.string(),
  system: s.string(),
  secretRef: LocalObjectReference.pointer(),
  sslEnabled: s.bool().optional(),
  protectionDomain: s.string().optional(),
  storagePool: s.string().optional(),
  storageMode: s.string().publishedDefault('ThinProvisioned'),
  volumeName: s.string().optional(),
  fsType: s.string().publishedDefault('xfs'),
  readOnly: s.bool().optional(),
})
export interface ScaleIOVolumeSource extends Infer<typeof ScaleIOVolumeSource> {}

/** A volume of StorageOS. */
export const StorageOSVolumeSource = s.struct('core.v1.StorageOSVolumeSource', {
  volumeName: s.string().optional(),
  volumeNamespace: s.string().optional(),
  fsType: s.string().optional(),
  readOnly: s.bool().optional(),
  secretRef: LocalObjectReference.optional(),
})
export interface StorageOSVolumeSource extends Infer<typeof StorageOSVolumeSource> {}

/** A disk of vSphere. */
export const VsphereVirtualDiskVolumeSource = s.struct('core.v1.VsphereVirtualDiskVolumeSource', {
  volumePath: s.string(),
  fsType: s.string().optional(),
  storagePolicyName: s.string().optional(),
  storagePolicyID: s.string().optional(),
})
export interface VsphereVirtualDiskVolumeSource
  extends Infer<typeof VsphereVirtualDiskVolumeSource> {}

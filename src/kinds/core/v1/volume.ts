import { EmbeddedMeta } from '../../../machinery/object-meta.ts'
import { type Infer, s } from '../../../machinery/schema.ts'
import { LocalObjectReference } from './object-reference.ts'
import { PersistentVolumeClaimSpec } from './persistent-volume-claim-spec.ts'
import {
  ConfigMapVolumeSource,
  DownwardAPIVolumeSource,
  ProjectedVolumeSource,
  SecretVolumeSource,
} from './volume-projection.ts'
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  AzureFileVolumeSource,
  CephFSVolumeSource,
  CinderVolumeSource,
  FCVolumeSource,
  FlexVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  GlusterfsVolumeSource,
  ISCSIVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  RBDVolumeSource,
  ScaleIOVolumeSource,
  StorageOSVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './volume-sources.ts'

/** A volume that a CSI driver makes for the pod. */
export const CSIVolumeSource = s.struct('core.v1.CSIVolumeSource', {
  driver: s.string(),
  readOnly: s.bool().optional().pointer(),
  fsType: s.string().optional().pointer(),
  volumeAttributes: s.map(s.string()).optional(),
  nodePublishSecretRef: LocalObjectReference.optional(),
})
export interface CSIVolumeSource extends Infer<typeof CSIVolumeSource> {}

/** A directory that lives as long as the pod. */
export const EmptyDirVolumeSource = s.struct('core.v1.EmptyDirVolumeSource', {
  medium: s.string().optional(),
  sizeLimit: s.quantity().optional().pointer(),
})
export interface EmptyDirVolumeSource extends Infer<typeof EmptyDirVolumeSource> {}

/** The claim that an ephemeral volume makes. */
export const PersistentVolumeClaimTemplate = s.struct('core.v1.PersistentVolumeClaimTemplate', {
  metadata: EmbeddedMeta.default({}),
  spec: PersistentVolumeClaimSpec,
})
export interface PersistentVolumeClaimTemplate
  extends Infer<typeof PersistentVolumeClaimTemplate> {}

/** A claim that is made for the pod and lives as long as it. */
export const EphemeralVolumeSource = s.struct('core.v1.EphemeralVolumeSource', {
  volumeClaimTemplate: PersistentVolumeClaimTemplate.optional(),
})
export interface EphemeralVolumeSource extends Infer<typeof EphemeralVolumeSource> {}

/** A clone of a git repository; no longer served by kubelets. */
export const GitRepoVolumeSource = s.struct('core.v1.GitRepoVolumeSource', {
  repository: s.string(),
  revision: s.string().optional(),
  directory: s.string().optional(),
})
export interface GitRepoVolumeSource extends Infer<typeof GitRepoVolumeSource> {}

/** A path of the node. */
export const HostPathVolumeSource = s.struct('core.v1.HostPathVolumeSource', {
  path: s.string(),
  type: s
    .oneOf(
      '',
      'BlockDevice',
      'CharDevice',
      'Directory',
      'DirectoryOrCreate',
      'File',
      'FileOrCreate',
      'Socket',
    )
    .default('')
    .pointer(),
})
export interface HostPathVolumeSource extends Infer<typeof HostPathVolumeSource> {}

/** The contents of an image. */
export const ImageVolumeSource = s.struct('core.v1.ImageVolumeSource', {
  reference: s.string().optional(),
  pullPolicy: s.oneOf('Always', 'IfNotPresent', 'Never').optional(),
})
export interface ImageVolumeSource extends Infer<typeof ImageVolumeSource> {}

/** A directory of an NFS server. */
export const NFSVolumeSource = s.struct('core.v1.NFSVolumeSource', {
  server: s.string(),
  path: s.string(),
  readOnly: s.bool().optional(),
})
export interface NFSVolumeSource extends Infer<typeof NFSVolumeSource> {}

/** A claim of the pod's namespace. */
export const PersistentVolumeClaimVolumeSource = s.struct(
  'core.v1.PersistentVolumeClaimVolumeSource',
  {
    claimName: s.string(),
    readOnly: s.bool().optional(),
  },
)
export interface PersistentVolumeClaimVolumeSource
  extends Infer<typeof PersistentVolumeClaimVolumeSource> {}

/** A directory or device that containers of a pod can mount; one of the sources is set. */
export const Volume = s.struct('core.v1.Volume', {
  name: s.string(),
  hostPath: HostPathVolumeSource.optional(),
  emptyDir: EmptyDirVolumeSource.optional(),
  gcePersistentDisk: GCEPersistentDiskVolumeSource.optional(),
  awsElasticBlockStore: AWSElasticBlockStoreVolumeSource.optional(),
  gitRepo: GitRepoVolumeSource.optional(),
  secret: SecretVolumeSource.optional(),
  nfs: NFSVolumeSource.optional(),
  iscsi: ISCSIVolumeSource.optional(),
  glusterfs: GlusterfsVolumeSource.optional(),
  persistentVolumeClaim: PersistentVolumeClaimVolumeSource.optional(),
  rbd: RBDVolumeSource.optional(),
  flexVolume: FlexVolumeSource.optional(),
  cinder: CinderVolumeSource.optional(),
  cephfs: CephFSVolumeSource.optional(),
  flocker: FlockerVolumeSource.optional(),
  downwardAPI: DownwardAPIVolumeSource.optional(),
  fc: FCVolumeSource.optional(),
  azureFile: AzureFileVolumeSource.optional(),
  configMap: ConfigMapVolumeSource.optional(),
  vsphereVolume: VsphereVirtualDiskVolumeSource.optional(),
  quobyte: QuobyteVolumeSource.optional(),
  azureDisk: AzureDiskVolumeSource.optional(),
  photonPersistentDisk: PhotonPersistentDiskVolumeSource.optional(),
  projected: ProjectedVolumeSource.optional(),
  portworxVolume: PortworxVolumeSource.optional(),
  scaleIO: ScaleIOVolumeSource.optional(),
  storageos: StorageOSVolumeSource.optional(),
  csi: CSIVolumeSource.optional(),
  ephemeral: EphemeralVolumeSource.optional(),
  image: ImageVolumeSource.optional(),
})
export interface Volume extends Infer<typeof Volume> {}

import { type Infer, s } from '../../../machinery/schema.ts'
import { NodeSelector } from './node-selector.ts'
import { ObjectReference } from './object-reference.ts'
import {
  AzureFilePersistentVolumeSource,
  CephFSPersistentVolumeSource,
  CinderPersistentVolumeSource,
  CSIPersistentVolumeSource,
  FlexPersistentVolumeSource,
  GlusterfsPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  LocalVolumeSource,
  RBDPersistentVolumeSource,
  ScaleIOPersistentVolumeSource,
  StorageOSPersistentVolumeSource,
} from './persistent-volume-sources.ts'
import { HostPathVolumeSource, NFSVolumeSource } from './volume.ts'
import {
  AWSElasticBlockStoreVolumeSource,
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  GCEPersistentDiskVolumeSource,
  PhotonPersistentDiskVolumeSource,
  PortworxVolumeSource,
  QuobyteVolumeSource,
  VsphereVirtualDiskVolumeSource,
} from './volume-sources.ts'

/** The nodes from which a volume can be reached. */
export const VolumeNodeAffinity = s.struct('core.v1.VolumeNodeAffinity', {
  required: NodeSelector.optional(),
})
export interface VolumeNodeAffinity extends Infer<typeof VolumeNodeAffinity> {}

/** The fields of a volume's spec, before the defaults of a PersistentVolume. */
export const persistentVolumeSpecFields = {
  capacity: s.map(s.quantity()).optional(),
  gcePersistentDisk: GCEPersistentDiskVolumeSource.optional(),
  awsElasticBlockStore: AWSElasticBlockStoreVolumeSource.optional(),
  hostPath: HostPathVolumeSource.optional(),
  glusterfs: GlusterfsPersistentVolumeSource.optional(),
  nfs: NFSVolumeSource.optional(),
  rbd: RBDPersistentVolumeSource.optional(),
  iscsi: ISCSIPersistentVolumeSource.optional(),
  cinder: CinderPersistentVolumeSource.optional(),
  cephfs: CephFSPersistentVolumeSource.optional(),
  fc: FCVolumeSource.optional(),
  flocker: FlockerVolumeSource.optional(),
  flexVolume: FlexPersistentVolumeSource.optional(),
  azureFile: AzureFilePersistentVolumeSource.optional(),
  vsphereVolume: VsphereVirtualDiskVolumeSource.optional(),
  quobyte: QuobyteVolumeSource.optional(),
  azureDisk: AzureDiskVolumeSource.optional(),
  photonPersistentDisk: PhotonPersistentDiskVolumeSource.optional(),
  portworxVolume: PortworxVolumeSource.optional(),
  scaleIO: ScaleIOPersistentVolumeSource.optional(),
  local: LocalVolumeSource.optional(),
  storageos: StorageOSPersistentVolumeSource.optional(),
  csi: CSIPersistentVolumeSource.optional(),
  accessModes: s
    .list(s.oneOf('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod'), {
      listType: 'atomic',
    })
    .optional(),
  claimRef: ObjectReference.granular().optional(),
  persistentVolumeReclaimPolicy: s.oneOf('Delete', 'Recycle', 'Retain').optional(),
  storageClassName: s.string().optional(),
  mountOptions: s.list(s.string(), { listType: 'atomic' }).optional(),
  volumeMode: s.oneOf('Block', 'Filesystem').optional().pointer(),
  nodeAffinity: VolumeNodeAffinity.optional(),
  volumeAttributesClassName: s.string().optional().pointer(),
}

/** Where the storage is, how much it is, and who has it. */
export const PersistentVolumeSpec = s.struct(
  'core.v1.PersistentVolumeSpec',
  persistentVolumeSpecFields,
)
export interface PersistentVolumeSpec extends Infer<typeof PersistentVolumeSpec> {}

import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'storage.v1.CSIDriver': {metadata: 1, spec: 2},
  'storage.v1.CSIDriverSpec': {attachRequired: 1, podInfoOnMount: 2, volumeLifecycleModes: 3, storageCapacity: 4, fsGroupPolicy: 5, tokenRequests: 6, requiresRepublish: 7, seLinuxMount: 8, nodeAllocatableUpdatePeriodSeconds: 9, serviceAccountTokenInSecrets: 10, preventPodSchedulingIfMissing: 11},
  'storage.v1.CSINode': {metadata: 1, spec: 2},
  'storage.v1.CSINodeDriver': {name: 1, nodeID: 2, topologyKeys: 3, allocatable: 4},
  'storage.v1.CSINodeSpec': {drivers: 1},
  'storage.v1.CSIStorageCapacity': {metadata: 1, nodeTopology: 2, storageClassName: 3, capacity: 4, maximumVolumeSize: 5},
  'storage.v1.StorageClass': {metadata: 1, provisioner: 2, parameters: 3, reclaimPolicy: 4, mountOptions: 5, allowVolumeExpansion: 6, volumeBindingMode: 7, allowedTopologies: 8},
  'storage.v1.TokenRequest': {audience: 1, expirationSeconds: 2},
  'storage.v1.VolumeAttachment': {metadata: 1, spec: 2, status: 3},
  'storage.v1.VolumeAttachmentSource': {persistentVolumeName: 1, inlineVolumeSpec: 2},
  'storage.v1.VolumeAttachmentSpec': {attacher: 1, source: 2, nodeName: 3},
  'storage.v1.VolumeAttachmentStatus': {attached: 1, attachmentMetadata: 2, attachError: 3, detachError: 4},
  'storage.v1.VolumeAttributesClass': {metadata: 1, driverName: 2, parameters: 3},
  'storage.v1.VolumeError': {time: 1, message: 2, errorCode: 3},
  'storage.v1.VolumeNodeResources': {count: 1},
}

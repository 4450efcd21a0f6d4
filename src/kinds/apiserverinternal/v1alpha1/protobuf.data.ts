import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'apiserverinternal.v1alpha1.ServerStorageVersion': {apiServerID: 1, encodingVersion: 2, decodableVersions: 3, servedVersions: 4},
  'apiserverinternal.v1alpha1.StorageVersion': {metadata: 1, spec: 2, status: 3},
  'apiserverinternal.v1alpha1.StorageVersionCondition': {type: 1, status: 2, observedGeneration: 3, lastTransitionTime: 4, reason: 5, message: 6},
  'apiserverinternal.v1alpha1.StorageVersionSpec': {},
  'apiserverinternal.v1alpha1.StorageVersionStatus': {storageVersions: 1, commonEncodingVersion: 2, conditions: 3},
}

import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'storagemigration.v1beta1.StorageVersionMigration': {metadata: 1, spec: 2, status: 3},
  'storagemigration.v1beta1.StorageVersionMigrationSpec': {resource: 1},
  'storagemigration.v1beta1.StorageVersionMigrationStatus': {conditions: 1, resourceVersion: 2},
}

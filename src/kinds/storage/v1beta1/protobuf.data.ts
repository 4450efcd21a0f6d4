import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'storage.v1beta1.VolumeAttributesClass': {metadata: 1, driverName: 2, parameters: 3},
}

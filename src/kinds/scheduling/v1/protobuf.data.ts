import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'scheduling.v1.PriorityClass': {metadata: 1, value: 2, globalDefault: 3, description: 4, preemptionPolicy: 5},
}

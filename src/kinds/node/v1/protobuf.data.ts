import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'node.v1.Overhead': {podFixed: 1},
  'node.v1.RuntimeClass': {metadata: 1, handler: 2, overhead: 3, scheduling: 4},
  'node.v1.Scheduling': {nodeSelector: 1, tolerations: 2},
}

import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'coordination.v1alpha2.LeaseCandidate': {metadata: 1, spec: 2},
  'coordination.v1alpha2.LeaseCandidateSpec': {leaseName: 1, pingTime: 2, renewTime: 3, binaryVersion: 4, emulationVersion: 5, strategy: 6},
}

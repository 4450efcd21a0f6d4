import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'certificates.v1alpha1.ClusterTrustBundle': {metadata: 1, spec: 2},
  'certificates.v1alpha1.ClusterTrustBundleSpec': {signerName: 1, trustBundle: 2},
}

import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'certificates.v1beta1.ClusterTrustBundle': {metadata: 1, spec: 2},
  'certificates.v1beta1.ClusterTrustBundleSpec': {signerName: 1, trustBundle: 2},
  'certificates.v1beta1.PodCertificateRequest': {metadata: 1, spec: 2, status: 3},
  'certificates.v1beta1.PodCertificateRequestSpec': {signerName: 1, podName: 2, podUID: 3, serviceAccountName: 4, serviceAccountUID: 5, nodeName: 6, nodeUID: 7, maxExpirationSeconds: 8, pkixPublicKey: 9, proofOfPossession: 10, unverifiedUserAnnotations: 11, stubPKCS10Request: 12},
  'certificates.v1beta1.PodCertificateRequestStatus': {conditions: 1, certificateChain: 2, notBefore: 4, beginRefreshAt: 5, notAfter: 6},
}

import type { ProtobufNumbers } from '../../../machinery/protobuf-numbers.ts'

/** Protobuf field numbers, by struct; a list of numbers leads into embedded messages. */
export const protobufNumbers: ProtobufNumbers = {
  'certificates.v1.CertificateSigningRequest': {metadata: 1, spec: 2, status: 3},
  'certificates.v1.CertificateSigningRequestCondition': {type: 1, reason: 2, message: 3, lastUpdateTime: 4, lastTransitionTime: 5, status: 6},
  'certificates.v1.CertificateSigningRequestSpec': {request: 1, username: 2, uid: 3, groups: 4, usages: 5, extra: 6, signerName: 7, expirationSeconds: 8},
  'certificates.v1.CertificateSigningRequestStatus': {conditions: 1, certificate: 2},
}

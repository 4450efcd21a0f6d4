import {
  bool,
  bytes,
  int32,
  int64,
  many,
  message,
  one,
  string,
} from '../../../base/protobuf/message.ts'

// The service `v1.ExternalJWTSigner` of upstream's k8s.io/externaljwt.

const timestamp = message('Timestamp', { seconds: int64(1), nanos: int32(2) })

const key = message('Key', {
  keyId: string(1),
  /** A SubjectPublicKeyInfo in DER. */
  key: bytes(2),
  excludeFromOidcDiscovery: bool(3),
})

export const signRequest = message('SignJWTRequest', { claims: string(1) })
export const signResponse = message('SignJWTResponse', { header: string(1), signature: string(2) })
export const fetchKeysRequest = message('FetchKeysRequest', {})
export const fetchKeysResponse = message('FetchKeysResponse', {
  keys: many(1, key),
  dataTimestamp: one(2, timestamp),
  refreshHintSeconds: int64(3),
})
export const metadataRequest = message('MetadataRequest', {})
export const metadataResponse = message('MetadataResponse', {
  maxTokenExpirationSeconds: int64(1),
})

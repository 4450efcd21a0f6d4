import { bytes, int32, many, message, string } from '../../../base/protobuf/message.ts'

/** An entry of a map of bytes, which is a repeated message on the wire. */
const annotation = message('AnnotationsEntry', { key: string(1), value: bytes(2) })

/** What is stored of a value: itself, encrypted, and with what (upstream's kmsv2 `api.proto`). */
export const encryptedObject = message('EncryptedObject', {
  encryptedData: bytes(1),
  keyId: string(2),
  encryptedDekSource: bytes(3),
  annotations: many(4, annotation),
  encryptedDekSourceType: int32(5),
})

// The key management service, `v2.KeyManagementService` of upstream's k8s.io/kms.

export const statusRequest = message('StatusRequest', {})
export const statusResponse = message('StatusResponse', {
  version: string(1),
  healthz: string(2),
  keyId: string(3),
})
export const decryptRequest = message('DecryptRequest', {
  ciphertext: bytes(1),
  uid: string(2),
  keyId: string(3),
  annotations: many(4, annotation),
})
export const decryptResponse = message('DecryptResponse', { plaintext: bytes(1) })
export const encryptRequest = message('EncryptRequest', { plaintext: bytes(1), uid: string(2) })
export const encryptResponse = message('EncryptResponse', {
  ciphertext: bytes(1),
  keyId: string(2),
  annotations: many(3, annotation),
})

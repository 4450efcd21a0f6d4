/** What a plugin wants to have stored beside what it has encrypted. */
export interface Annotation {
  readonly key: string
  readonly value: Uint8Array
}

/** Of the plugin: whether it is well, and with which key it encrypts. */
export interface KeyServiceStatus {
  readonly version: string
  /** `ok`, or what is wrong. */
  readonly healthz: string
  readonly keyId: string
}

/** What the plugin has encrypted, with which key. */
export interface EncryptedKey {
  readonly ciphertext: Uint8Array
  readonly keyId: string
  readonly annotations: readonly Annotation[]
}

/** A key management service (KMS v2): it encrypts keys with one that never leaves it. */
export interface KeyService {
  status(): Promise<KeyServiceStatus>
  /** `uid` names the call in the logs of both sides. */
  encrypt(plaintext: Uint8Array, uid: string): Promise<EncryptedKey>
  decrypt(key: EncryptedKey, uid: string): Promise<Uint8Array>
  close(): void
}

/** A call of the service has failed; `isTransient` when it may succeed later as it is. */
export class KeyServiceError extends Error {
  override readonly name = 'KeyServiceError'
  readonly isTransient: boolean
  /** That of gRPC, such as `Unavailable`. */
  readonly code: string

  constructor(message: string, isTransient: boolean, code: string) {
    super(message)
    this.isTransient = isTransient
    this.code = code
  }
}

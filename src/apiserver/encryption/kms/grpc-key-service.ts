import type { Clock } from '../../../base/clock.ts'
import { GrpcSocket, GrpcSocketError } from '../../../base/grpc-socket.ts'
import type { Decoded, Given, MessageType } from '../../../base/protobuf/message.ts'
import type { EncryptedKey, KeyService, KeyServiceStatus } from './key-service.ts'
import { KeyServiceError } from './key-service.ts'
import type { KmsMetrics } from './kms-metrics.ts'
import {
  decryptRequest,
  decryptResponse,
  encryptRequest,
  encryptResponse,
  statusRequest,
  statusResponse,
} from './messages.ts'

export interface GrpcKeyServiceOptions {
  /** Of the provider, in metrics. */
  readonly name: string
  /** Such as `unix:///run/kms.sock`; `unix:///@name` is an abstract socket. */
  readonly endpoint: string
  readonly timeoutMs: number
  readonly clock: Clock
  readonly metrics: KmsMetrics | undefined
}

const SERVICE = '/v2.KeyManagementService/'
/**
 * What says of the key that was to be decrypted that it is lost. All else may pass: `Unknown` is
 * what gRPC makes of any error that a plugin's author did not give a code.
 */
const FINAL = new Set(['InvalidArgument', 'NotFound', 'FailedPrecondition'])

/** A KMS plugin behind a unix socket; a call waits for the socket as long as its time lasts. */
export class GrpcKeyService implements KeyService {
  readonly #socket: GrpcSocket
  readonly #timeoutMs: number

  constructor({ name, endpoint, timeoutMs, clock, metrics }: GrpcKeyServiceOptions) {
    this.#timeoutMs = timeoutMs
    this.#socket = new GrpcSocket({
      ...{ endpoint, clock },
      onCall: (method, code, seconds) => metrics?.observeCall(name, method, code, seconds),
    })
  }

  status(): Promise<KeyServiceStatus> {
    return this.#call('Status', [statusRequest, statusResponse], {})
  }

  encrypt(plaintext: Uint8Array, uid: string): Promise<EncryptedKey> {
    return this.#call('Encrypt', [encryptRequest, encryptResponse], { plaintext, uid })
  }

  async decrypt(key: EncryptedKey, uid: string): Promise<Uint8Array> {
    const types = [decryptRequest, decryptResponse] as const
    const { plaintext } = await this.#call('Decrypt', types, { ...key, uid })
    return plaintext
  }

  close(): void {
    this.#socket.close()
  }

  async #call<Q extends MessageType, A extends MessageType>(
    method: string,
    types: readonly [request: Q, answer: A],
    request: Given<Q>,
  ): Promise<Decoded<A>> {
    try {
      return await this.#socket.call(`${SERVICE}${method}`, types, request, this.#timeoutMs)
    } catch (error) {
      if (!(error instanceof GrpcSocketError)) throw error
      throw new KeyServiceError(error.message, !FINAL.has(error.code), error.code)
    }
  }
}

import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { Server, ServerCredentials, status, type UntypedHandleCall } from '@grpc/grpc-js'
import {
  decryptRequest,
  decryptResponse,
  encryptRequest,
  encryptResponse,
  statusRequest,
  statusResponse,
} from '../../src/apiserver/encryption/kms/messages.ts'
import { decode, encode } from '../../src/base/protobuf/codec.ts'
import type { Decoded, Given, MessageType } from '../../src/base/protobuf/message.ts'

/** A key management service (KMS v2) on a unix socket: its keys are digests of their ids. */
export class KmsPlugin {
  keyId = 'key-1'
  healthz = 'ok'
  /** The gRPC code of all answers to Decrypt, where it is to fail. */
  decryptFailure: number | undefined
  readonly calls = { status: 0, encrypt: 0, decrypt: 0 }
  readonly #server = new Server()

  static async start(socketPath: string): Promise<KmsPlugin> {
    const plugin = new KmsPlugin()
    plugin.#addService()
    await new Promise<void>((resolve, reject) => {
      const credentials = ServerCredentials.createInsecure()
      const onBound = (error: Error | null) => (error === null ? resolve() : reject(error))
      plugin.#server.bindAsync(`unix://${socketPath}`, credentials, onBound)
    })
    return plugin
  }

  stop(): void {
    this.#server.forceShutdown()
  }

  #addService(): void {
    const definition: Record<string, unknown> = {}
    const handlers: Record<string, UntypedHandleCall> = {}
    const add = <Q extends MessageType, A extends MessageType>(
      name: string,
      request: Q,
      answer: A,
      handle: (request: Decoded<Q>) => Given<A>,
    ) => {
      definition[name] = {
        path: `/v2.KeyManagementService/${name}`,
        ...{ requestStream: false, responseStream: false },
        requestDeserialize: (bytes: Buffer) => decode(request, bytes),
        requestSerialize: (value: Given<Q>) => encode(request, value),
        responseDeserialize: (bytes: Buffer) => decode(answer, bytes),
        responseSerialize: (value: Given<A>) => encode(answer, value),
      }
      handlers[name] = ((
        call: { request: Decoded<Q> },
        callback: (error: object | null, value?: Given<A>) => void,
      ) => {
        try {
          callback(null, handle(call.request))
        } catch (error) {
          const code = this.decryptFailure ?? status.INVALID_ARGUMENT
          callback({ code, details: (error as Error).message })
        }
      }) as never
    }
    add('Status', statusRequest, statusResponse, () => {
      this.calls.status++
      return { version: 'v2', healthz: this.healthz, keyId: this.keyId }
    })
    add('Encrypt', encryptRequest, encryptResponse, ({ plaintext }) => {
      this.calls.encrypt++
      const nonce = randomBytes(12)
      const cipher = createCipheriv('aes-256-gcm', keyOf(this.keyId), nonce)
      const body = Buffer.concat([cipher.update(plaintext), cipher.final()])
      const annotations = [{ key: 'version.example.com', value: Buffer.from('1') }]
      const ciphertext = Buffer.concat([nonce, body, cipher.getAuthTag()])
      return { ciphertext, keyId: this.keyId, annotations }
    })
    add('Decrypt', decryptRequest, decryptResponse, ({ ciphertext, keyId, annotations }) => {
      this.calls.decrypt++
      if (this.decryptFailure !== undefined) throw new Error('the vault is sealed')
      if (annotations[0]?.key !== 'version.example.com') throw new Error('no annotation')
      const decipher = createDecipheriv('aes-256-gcm', keyOf(keyId), ciphertext.subarray(0, 12))
      decipher.setAuthTag(ciphertext.subarray(-16))
      const plaintext = Buffer.concat([
        decipher.update(ciphertext.subarray(12, -16)),
        decipher.final(),
      ])
      return { plaintext }
    })
    this.#server.addService(definition as never, handlers)
  }
}

function keyOf(id: string): Buffer {
  return createHash('sha256').update(id).digest()
}

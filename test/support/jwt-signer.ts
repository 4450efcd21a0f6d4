import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { Server, ServerCredentials, status, type UntypedHandleCall } from '@grpc/grpc-js'
import {
  fetchKeysRequest,
  fetchKeysResponse,
  metadataRequest,
  metadataResponse,
  signRequest,
  signResponse,
} from '../../src/apiserver/authentication/external-signer/messages.ts'
import { decode, encode } from '../../src/base/protobuf/codec.ts'
import type { Decoded, Given, MessageType } from '../../src/base/protobuf/message.ts'

/** A key of the signer. */
export interface SignerKey {
  readonly id: string
  readonly pem: string
  readonly der: Buffer
  readonly isExcluded: boolean
}

export function newSignerKey(id: string, isExcluded = false): SignerKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
  return { id, pem, der: publicKey.export({ type: 'spki', format: 'der' }), isExcluded }
}

/** An external signer of tokens (`v1.ExternalJWTSigner`) on a unix socket. */
export class JwtSigner {
  /** The first signs. */
  keys: readonly SignerKey[] = [newSignerKey('one')]
  /** What the header of tokens says beside or in place of what it should. */
  header: object = {}
  signature: string | undefined
  maxTokenExpirationSeconds = 7200
  refreshHintSeconds = 30
  dataSeconds: number | undefined = 1_000_000
  /** Whether all calls fail. */
  isIll = false
  readonly calls = { sign: 0, fetchKeys: 0, metadata: 0 }
  readonly #server = new Server()

  static async start(socketPath: string): Promise<JwtSigner> {
    const signer = new JwtSigner()
    signer.#addService()
    await new Promise<void>((resolve, reject) => {
      const onBound = (error: Error | null) => (error === null ? resolve() : reject(error))
      const credentials = ServerCredentials.createInsecure()
      signer.#server.bindAsync(`unix://${socketPath}`, credentials, onBound)
    })
    return signer
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
        path: `/v1.ExternalJWTSigner/${name}`,
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
        const value = handle(call.request)
        const error = { code: status.INTERNAL, details: 'the vault is sealed' }
        if (this.isIll) callback(error)
        else callback(null, value)
      }) as never
    }
    add('Sign', signRequest, signResponse, ({ claims }) => this.#sign(claims))
    add('FetchKeys', fetchKeysRequest, fetchKeysResponse, () => this.#fetchKeys())
    add('Metadata', metadataRequest, metadataResponse, () => {
      this.calls.metadata++
      return { maxTokenExpirationSeconds: this.maxTokenExpirationSeconds }
    })
    this.#server.addService(definition as never, handlers)
  }

  #sign(claims: string): Given<typeof signResponse> {
    this.calls.sign++
    const [key] = this.keys as readonly [SignerKey]
    const fields = { alg: 'ES256', kid: key.id, typ: 'JWT', ...this.header }
    const header = Buffer.from(JSON.stringify(fields)).toString('base64url')
    const signed = Buffer.from(`${header}.${claims}`)
    const options = { key: createPrivateKey(key.pem), dsaEncoding: 'ieee-p1363' } as const
    const signature = sign('sha256', signed, options).toString('base64url')
    return { header, signature: this.signature ?? signature }
  }

  #fetchKeys(): Given<typeof fetchKeysResponse> {
    this.calls.fetchKeys++
    return {
      keys: this.keys.map(({ id, der, isExcluded }) => ({
        ...{ keyId: id, key: der, excludeFromOidcDiscovery: isExcluded },
      })),
      ...(this.dataSeconds !== undefined && {
        dataTimestamp: { seconds: this.dataSeconds, nanos: 0 },
      }),
      refreshHintSeconds: this.refreshHintSeconds,
    }
  }
}

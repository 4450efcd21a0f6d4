import type { Client, ServiceError } from '@grpc/grpc-js'
import type { Clock } from '../../../base/clock.ts'
import { decode, encode } from '../../../base/protobuf/codec.ts'
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
const RECONNECT_MS = { first: 50, longest: 1000 }
const CODES = [
  ...['OK', 'Canceled', 'Unknown', 'InvalidArgument', 'DeadlineExceeded', 'NotFound'],
  ...['AlreadyExists', 'PermissionDenied', 'ResourceExhausted', 'FailedPrecondition', 'Aborted'],
  ...['OutOfRange', 'Unimplemented', 'Internal', 'Unavailable', 'DataLoss', 'Unauthenticated'],
]
/**
 * What says of the key that was to be decrypted that it is lost. All else may pass: `Unknown` is
 * what gRPC makes of any error that a plugin's author did not give a code.
 */
const FINAL = new Set(['InvalidArgument', 'NotFound', 'FailedPrecondition'])

/** A KMS plugin behind a unix socket; a call waits for the socket as long as its time lasts. */
export class GrpcKeyService implements KeyService {
  readonly #options: GrpcKeyServiceOptions
  #client: Promise<Client> | undefined

  constructor(options: GrpcKeyServiceOptions) {
    this.#options = options
  }

  status(): Promise<KeyServiceStatus> {
    return this.#call('Status', statusRequest, statusResponse, {})
  }

  encrypt(plaintext: Uint8Array, uid: string): Promise<EncryptedKey> {
    return this.#call('Encrypt', encryptRequest, encryptResponse, { plaintext, uid })
  }

  async decrypt(key: EncryptedKey, uid: string): Promise<Uint8Array> {
    const { plaintext } = await this.#call('Decrypt', decryptRequest, decryptResponse, {
      ...key,
      uid,
    })
    return plaintext
  }

  close(): void {
    const client = this.#client
    this.#client = undefined
    void client?.then((open) => open.close())
  }

  async #call<Q extends MessageType, A extends MessageType>(
    method: string,
    requestType: Q,
    answerType: A,
    request: Given<Q>,
  ): Promise<Decoded<A>> {
    const { clock, timeoutMs, name, metrics } = this.#options
    const { Metadata } = await loadGrpc()
    const client = await this.#connect()
    const started = clock.monotonic()
    return new Promise((resolve, reject) => {
      const metadata = new Metadata({ waitForReady: true })
      client.makeUnaryRequest<Given<Q>, Decoded<A>>(
        `${SERVICE}${method}`,
        (value) => encode(requestType, value),
        (bytes) => decode(answerType, bytes),
        request,
        metadata,
        { deadline: clock.now() + timeoutMs },
        (error, value) => {
          const code = CODES[error?.code ?? 0] ?? 'Unknown'
          const seconds = (clock.monotonic() - started) / 1000
          metrics?.observeCall(name, `${SERVICE}${method}`, code, seconds)
          if (error !== null) reject(asError(error, code))
          else if (value === undefined) reject(new KeyServiceError('no answer', true, 'Unknown'))
          else resolve(value)
        },
      )
    })
  }

  #connect(): Promise<Client> {
    this.#client ??= connect(this.#options.endpoint)
    return this.#client
  }
}

function loadGrpc(): Promise<typeof import('../../../base/grpc-library.ts')> {
  return import('../../../base/grpc-library.ts')
}

async function connect(endpoint: string): Promise<Client> {
  const { Client, credentials } = await loadGrpc()
  return new Client(addressOf(endpoint), credentials.createInsecure(), {
    'grpc.default_authority': 'localhost',
    'grpc.initial_reconnect_backoff_ms': RECONNECT_MS.first,
    'grpc.min_reconnect_backoff_ms': RECONNECT_MS.first,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MS.longest,
    'grpc.enable_retries': 0,
  })
}

/** As the library names it: an abstract socket begins with a zero byte. */
function addressOf(endpoint: string): string {
  const { pathname } = new URL(endpoint)
  return pathname.startsWith('/@') ? `unix:\0${pathname.slice(2)}` : `unix://${pathname}`
}

function asError({ details, message }: ServiceError, code: string): KeyServiceError {
  const text = `rpc error: code = ${code} desc = ${details || message}`
  return new KeyServiceError(text, !FINAL.has(code), code)
}

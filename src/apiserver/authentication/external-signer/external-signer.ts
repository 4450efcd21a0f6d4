import type { Clock } from '../../../base/clock.ts'
import { GrpcSocket } from '../../../base/grpc-socket.ts'
import type { Decoded } from '../../../base/protobuf/message.ts'
import type { ExternalSignerMetrics } from './external-signer-metrics.ts'
import {
  fetchKeysRequest,
  fetchKeysResponse,
  metadataRequest,
  metadataResponse,
  signRequest,
  signResponse,
} from './messages.ts'

export type FetchedKeys = Decoded<typeof fetchKeysResponse>

/** A program that signs tokens with keys that never leave it, and tells by which to check them. */
export interface ExternalSigner {
  /** The first and the last part of the token whose middle part is given. */
  sign(claims: string): Promise<Decoded<typeof signResponse>>
  fetchKeys(): Promise<FetchedKeys>
  /** How long its tokens may live. */
  maxTokenExpirationSeconds(): Promise<number>
  close(): void
}

const SERVICE = '/v1.ExternalJWTSigner/'
const CALL_TIMEOUT_MS = 60_000
const METADATA_TIMEOUT_MS = 10_000

/** The same behind a unix socket (upstream's `v1.ExternalJWTSigner`). */
export class GrpcExternalSigner implements ExternalSigner {
  readonly #socket: GrpcSocket

  /** `path` is that of the socket; `@name` is an abstract one. */
  constructor(path: string, clock: Clock, metrics: ExternalSignerMetrics) {
    this.#socket = new GrpcSocket({
      endpoint: `unix://${path.startsWith('/') ? '' : '/'}${path}`,
      clock,
      onCall: (method, code, seconds) => metrics.observeCall(method, code, seconds),
    })
  }

  sign(claims: string): Promise<Decoded<typeof signResponse>> {
    const types = [signRequest, signResponse] as const
    return this.#socket.call(`${SERVICE}Sign`, types, { claims }, CALL_TIMEOUT_MS)
  }

  fetchKeys(): Promise<FetchedKeys> {
    const types = [fetchKeysRequest, fetchKeysResponse] as const
    return this.#socket.call(`${SERVICE}FetchKeys`, types, {}, CALL_TIMEOUT_MS)
  }

  async maxTokenExpirationSeconds(): Promise<number> {
    const types = [metadataRequest, metadataResponse] as const
    const metadata = await this.#socket.call(`${SERVICE}Metadata`, types, {}, METADATA_TIMEOUT_MS)
    return metadata.maxTokenExpirationSeconds
  }

  close(): void {
    this.#socket.close()
  }
}

import type { Client, ServiceError } from '@grpc/grpc-js'
import type { Clock } from './clock.ts'
import { decode, encode } from './protobuf/codec.ts'
import type { Decoded, Given, MessageType } from './protobuf/message.ts'

export interface GrpcSocketOptions {
  /** Such as `unix:///run/kms.sock`; `unix:///@name` is an abstract socket. */
  readonly endpoint: string
  readonly clock: Clock
  /** What each call came to: the gRPC code, and how long it took. */
  readonly onCall?: (method: string, code: string, seconds: number) => void
}

const RECONNECT_MS = { first: 50, longest: 1000 }
const CODES = [
  ...['OK', 'Canceled', 'Unknown', 'InvalidArgument', 'DeadlineExceeded', 'NotFound'],
  ...['AlreadyExists', 'PermissionDenied', 'ResourceExhausted', 'FailedPrecondition', 'Aborted'],
  ...['OutOfRange', 'Unimplemented', 'Internal', 'Unavailable', 'DataLoss', 'Unauthenticated'],
]

/** A call that failed, in the words of Go's library. */
export class GrpcSocketError extends Error {
  override readonly name = 'GrpcSocketError'
  /** That of gRPC, such as `Unavailable`. */
  readonly code: string

  constructor(code: string, details: string) {
    super(`rpc error: code = ${code} desc = ${details}`)
    this.code = code
  }
}

/**
 * Calls of a plugin behind a unix socket; each waits for the socket as long as its time lasts. The
 * library is loaded with the first one.
 */
export class GrpcSocket {
  readonly #options: GrpcSocketOptions
  #client: Promise<Client> | undefined

  constructor(options: GrpcSocketOptions) {
    this.#options = options
  }

  /** `method` is `/package.Service/Method`. Rejects with a GrpcSocketError. */
  async call<Q extends MessageType, A extends MessageType>(
    method: string,
    [requestType, answerType]: readonly [request: Q, answer: A],
    request: Given<Q>,
    timeoutMs: number,
  ): Promise<Decoded<A>> {
    const { clock, onCall, endpoint } = this.#options
    const { Metadata } = await loadGrpc()
    this.#client ??= connect(endpoint)
    const client = await this.#client
    const started = clock.monotonic()
    return new Promise((resolve, reject) => {
      const metadata = new Metadata({ waitForReady: true })
      client.makeUnaryRequest<Given<Q>, Decoded<A>>(
        method,
        (value) => encode(requestType, value),
        (bytes) => decode(answerType, bytes),
        request,
        metadata,
        { deadline: clock.now() + timeoutMs },
        (error, value) => {
          const code = CODES[error?.code ?? 0] ?? 'Unknown'
          onCall?.(method, code, (clock.monotonic() - started) / 1000)
          if (error !== null) reject(asError(error, code))
          else if (value === undefined) reject(new GrpcSocketError('Unknown', 'no answer'))
          else resolve(value)
        },
      )
    })
  }

  close(): void {
    const client = this.#client
    this.#client = undefined
    void client?.then((open) => open.close())
  }
}

function loadGrpc(): Promise<typeof import('./grpc-library.ts')> {
  return import('./grpc-library.ts')
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

function asError({ details, message }: ServiceError, code: string): GrpcSocketError {
  return new GrpcSocketError(code, details || message)
}

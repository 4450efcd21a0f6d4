import type { Client, ServiceError } from '@grpc/grpc-js'
import type { Clock } from '../../base/clock.ts'
import { decode, encode } from '../../base/protobuf/codec.ts'
import type { Decoded, Given, MessageType } from '../../base/protobuf/message.ts'
import { RuntimeError, runtimeErrorCode } from '../runtime-error.ts'

/** A call of a service: `path` is `/package.Service/Method`. */
export interface Method<Q extends MessageType, A extends MessageType> {
  readonly path: string
  readonly request: Q
  readonly answer: A
}

export interface UnaryOptions {
  /** Undefined waits for as long as it takes. */
  readonly deadlineMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** As much as a runtime may answer at once: lists of all containers of a large node. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024

/** How soon a lost socket is tried again. A runtime that restarts is back within half a second. */
const RECONNECT_MS = { first: 50, longest: 1000 }

/**
 * Calls over a unix socket. Connects at the first call and again by itself after the other end has
 * restarted; a call in between rejects at once with Unavailable. The library is loaded at the first
 * call, since it takes longer to load than the rest of a server to start.
 */
export class GrpcConnection {
  readonly socketPath: string
  readonly #clock: Clock
  #client: Promise<Client> | undefined

  constructor(socketPath: string, clock: Clock) {
    this.socketPath = socketPath
    this.#clock = clock
  }

  async unary<Q extends MessageType, A extends MessageType>(
    { path, request: requestType, answer }: Method<Q, A>,
    request: Given<Q>,
    { deadlineMs, signal }: UnaryOptions = {},
  ): Promise<Decoded<A>> {
    const { Metadata } = await loadGrpc()
    const client = await this.#connect()
    signal?.throwIfAborted() // Nothing is awaited from here until the listener is there.
    return new Promise((resolve, reject) => {
      const call = client.makeUnaryRequest<Given<Q>, Decoded<A>>(
        path,
        (value) => encode(requestType, value),
        (bytes) => decode(answer, bytes),
        request,
        new Metadata(),
        deadlineMs === undefined ? {} : { deadline: this.#clock.now() + deadlineMs },
        (error, value) => {
          signal?.removeEventListener('abort', onAbort)
          if (signal?.aborted) reject(signal.reason)
          else if (error !== null) reject(asRuntimeError(error, path))
          else if (value === undefined) reject(new RuntimeError('Internal', path, 'no answer'))
          else resolve(value)
        },
      )
      const onAbort = () => call.cancel()
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** The messages of a server stream. Ends when the signal aborts or the server ends it. */
  async *stream<Q extends MessageType, A extends MessageType>(
    { path, request: requestType, answer }: Method<Q, A>,
    request: Given<Q>,
    signal: AbortSignal,
    onOpen: () => void = () => {},
  ): AsyncGenerator<Decoded<A>, void, undefined> {
    const client = await this.#connect()
    if (signal.aborted) return
    const call = client.makeServerStreamRequest<Given<Q>, Decoded<A>>(
      path,
      (value) => encode(requestType, value),
      (bytes) => decode(answer, bytes),
      request,
    )
    const onAbort = () => call.cancel()
    signal.addEventListener('abort', onAbort, { once: true })
    call.once('metadata', onOpen)
    try {
      for await (const value of call) yield value as Decoded<A>
    } catch (error) {
      if (!signal.aborted) throw asRuntimeError(error as ServiceError, path)
    } finally {
      signal.removeEventListener('abort', onAbort)
      call.cancel()
    }
  }

  /** Lets go of the socket; a later call connects again. */
  close(): void {
    const client = this.#client
    this.#client = undefined
    void client?.then((open) => open.close())
  }

  #connect(): Promise<Client> {
    this.#client ??= connect(this.socketPath)
    return this.#client
  }
}

/** Takes near 100 ms the first time: to be begun while something else is waited for. */
export function loadGrpc(): Promise<typeof import('../../base/grpc-library.ts')> {
  return import('../../base/grpc-library.ts')
}

async function connect(socketPath: string): Promise<Client> {
  const { Client, credentials } = await loadGrpc()
  return new Client(`unix://${socketPath}`, credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': RECONNECT_MS.first,
    'grpc.min_reconnect_backoff_ms': RECONNECT_MS.first,
    'grpc.max_reconnect_backoff_ms': RECONNECT_MS.longest,
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    'grpc.enable_retries': 0,
  })
}

function asRuntimeError({ code, details, message }: ServiceError, path: string): Error {
  const method = path.slice(path.lastIndexOf('/') + 1)
  if (code === undefined) return new Error(`${method}: ${message}`)
  return new RuntimeError(runtimeErrorCode(code), method, details)
}

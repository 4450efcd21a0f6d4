import { checkServerIdentity, type PeerCertificate } from 'node:tls'
import type { ChannelCredentials, Client, ClientDuplexStream, Metadata } from '@grpc/grpc-js'
import { type Clock, sleep } from '../../base/clock.ts'
import { decode, encode } from '../../base/protobuf/codec.ts'
import type { Decoded, Given, MessageType } from '../../base/protobuf/message.ts'
import { jitter, type Random } from '../../base/random.ts'
import { traceHeaders } from '../../base/tracing/span-context.ts'
import type { Tracer } from '../../base/tracing/tracer.ts'
import type { Endpoint } from './endpoint.ts'
import { EtcdCallError, type GrpcFailure, refusalOfSize } from './failure.ts'
import { type EtcdWatchResponse, watchRequest, watchResponse } from './messages.ts'
import { type Method, WATCH_PATH } from './methods.ts'

/** PEM texts. A client certificate needs its key; without an authority the system's are trusted. */
export interface EtcdTls {
  readonly authority?: string | undefined
  readonly certificate?: string | undefined
  readonly key?: string | undefined
}

export interface EtcdClientOptions {
  readonly endpoints: readonly Endpoint[]
  readonly tls: EtcdTls
  readonly clock: Clock
  readonly random: Random
  /** Records calls, and tells etcd on whose behalf they are; nothing when absent. */
  readonly tracer?: Tracer | undefined
}

/** A watch of etcd's on a stream of its own. To dispose it ends it without a further call. */
export interface OpenWatch extends Disposable {
  /** Asks the server to say how far it is: a sign of life. */
  requestProgress(): void
}

export interface WatchListener {
  onResponse(response: EtcdWatchResponse): void
  /** The stream is gone; nothing follows. */
  onEnd(error: Error): void
}

/** etcd gives up on a proposal after seven seconds and says so; its answer is worth the wait. */
const CALL_DEADLINE_MS = 10_000
/** How long calls are tried again on all members before the failure is told. */
const PATIENCE_MS = 10_000
/** How long a member may take to end a watch of what it has compacted: a tenth of a second. */
const COMPACTION_ANSWER_MS = 2000
const RETRY_MS = { first: 25, longest: 250 }

const CHANNEL_OPTIONS = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 500,
  // What a page of the largest objects takes; etcd itself limits requests.
  'grpc.max_receive_message_length': -1,
  'grpc.max_send_message_length': -1,
  // Upstream's figures: a member that vanished without a word is noticed in 40 s.
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.keepalive_permit_without_calls': 1,
}

/**
 * Calls on a cluster of etcd members. All go to one member until it fails, then to the next. The
 * library is loaded by `connect`, since that takes longer than the rest of a server to start.
 */
export class EtcdClient {
  readonly #options: EtcdClientOptions
  readonly #library: typeof import('../../base/grpc-library.ts')
  readonly #clients: readonly Client[]
  #current = 0
  #isGivingUp = false

  private constructor(
    options: EtcdClientOptions,
    library: typeof import('../../base/grpc-library.ts'),
  ) {
    this.#options = options
    this.#library = library
    this.#clients = options.endpoints.map((endpoint) => {
      const { target, isTls } = endpoint
      const credentials = isTls
        ? tlsCredentials(library, options.tls, endpoint)
        : library.credentials.createInsecure()
      return new library.Client(target, credentials, CHANNEL_OPTIONS)
    })
  }

  static async load(options: EtcdClientOptions): Promise<EtcdClient> {
    return new EtcdClient(options, await import('../../base/grpc-library.ts'))
  }

  get urls(): string {
    return this.#options.endpoints.map(({ url }) => url).join(', ')
  }

  /**
   * One answer. What no member has seen, or what may be repeated, is tried on all of them for a
   * while. Rejects with an EtcdCallError.
   */
  async call<Q extends MessageType, A extends MessageType>(
    method: Method<Q, A>,
    request: Given<Q>,
  ): Promise<Decoded<A>> {
    const { clock, random } = this.#options
    const end = clock.monotonic() + PATIENCE_MS
    for (let delayMs = RETRY_MS.first; ; delayMs = Math.min(delayMs * 2, RETRY_MS.longest)) {
      const at = this.#current
      try {
        return await this.#callTraced(at, method, request)
      } catch (error) {
        if (!(error instanceof EtcdCallError) || this.#isGivingUp) throw error
        const isWorthMore =
          error.code === 'NotSent' || (error.code === 'Lost' && method.isRepeatable)
        if (!isWorthMore || clock.monotonic() >= end) throw error
        this.#leave(at)
        await sleep(clock, jitter(random, delayMs, 0.5))
      }
    }
  }

  /** Begins a watch of all keys with what follows a revision, on the member in use. */
  watchAll(startRevision: number, listener: WatchListener): OpenWatch {
    const at = this.#current
    const metadata = new this.#library.Metadata()
    // A member that has lost its leader ends the stream, instead of keeping it and saying nothing.
    metadata.set('hasleader', 'true')
    const call = this.#client(at).makeBidiStreamRequest<
      Given<typeof watchRequest>,
      EtcdWatchResponse
    >(
      WATCH_PATH,
      (value) => encode(watchRequest, value),
      (bytes) => decode(watchResponse, bytes),
      metadata,
    )
    let isOver = false
    const over = (error?: GrpcFailure) => {
      if (isOver) return
      isOver = true
      this.#leave(at)
      listener.onEnd(this.#errorOf(at, 'Watch', error ?? NO_ANSWER))
    }
    call.on('data', (response: EtcdWatchResponse) => {
      if (!isOver) listener.onResponse(response)
    })
    call.on('error', over)
    call.on('end', () => over())
    const create = { key: '\0', rangeEnd: '\0', startRevision, previous: true, fragment: true }
    call.write({ create })
    return openWatch(call, () => {
      isOver = true
    })
  }

  /**
   * How far the store is compacted, which etcd says to those alone who watch what is gone; 0 where
   * it does not say so in time, or where nothing is gone.
   */
  compactedRevision(): Promise<number> {
    return new Promise((resolve) => {
      const answer = (revision: number) => {
        timer[Symbol.dispose]()
        watch[Symbol.dispose]()
        resolve(revision)
      }
      const timer = this.#options.clock.after(COMPACTION_ANSWER_MS, () => answer(0))
      const watch = this.watchAll(1, {
        onResponse({ canceled, compactRevision, events }) {
          if (canceled || events.length > 0) answer(canceled ? compactRevision : 0)
        },
        onEnd: () => answer(0),
      })
    })
  }

  /** Later calls go to another member, unless they already do. */
  leaveMember(): void {
    this.#leave(this.#current)
  }

  /** From now on nothing is tried a second time. */
  giveUp(): void {
    this.#isGivingUp = true
  }

  close(): void {
    this.#isGivingUp = true
    for (const client of this.#clients) client.close()
  }

  /** Each attempt is a span, under upstream's name: `etcdserverpb.KV/Range`. */
  #callTraced<Q extends MessageType, A extends MessageType>(
    at: number,
    method: Method<Q, A>,
    request: Given<Q>,
  ): Promise<Decoded<A>> {
    const { tracer, endpoints } = this.#options
    const metadata = new this.#library.Metadata()
    if (tracer === undefined) return this.#callOnce(at, method, request, metadata)
    const span = tracer.start(method.path.slice(1), { kind: 'CLIENT' })
    for (const [name, value] of Object.entries(traceHeaders(span.context))) {
      metadata.set(name, value)
    }
    if (!span.isRecording) return this.#callOnce(at, method, request, metadata)
    const address = endpoints[at]?.url ?? ''
    const about = { 'rpc.system.name': 'grpc', 'rpc.method': method.path.slice(1) }
    span.setAttributes({ ...about, 'server.address': address })
    span.addEvent('message', { 'rpc.message.type': 'SENT', 'rpc.message.id': 1 })
    return tracer.during(span, async () => {
      const answer = await this.#callOnce(at, method, request, metadata)
      span.addEvent('message', { 'rpc.message.type': 'RECEIVED', 'rpc.message.id': 1 })
      return answer
    })
  }

  #callOnce<Q extends MessageType, A extends MessageType>(
    at: number,
    { path, request: requestType, response }: Method<Q, A>,
    request: Given<Q>,
    metadata: Metadata,
  ): Promise<Decoded<A>> {
    const { clock } = this.#options
    return new Promise((resolve, reject) => {
      const fail = (error: GrpcFailure) =>
        reject(this.#errorOf(at, path.slice(path.lastIndexOf('/') + 1), error))
      const sent = encode(requestType, request)
      const refusal = refusalOfSize(sent.length)
      if (refusal !== undefined) return fail(refusal)
      this.#client(at).makeUnaryRequest<Buffer, Decoded<A>>(
        path,
        (bytes) => bytes,
        (bytes) => decode(response, bytes),
        sent,
        metadata,
        { deadline: clock.now() + CALL_DEADLINE_MS },
        (error, value) => {
          if (error !== null) fail(error)
          else if (value === undefined) fail(NO_ANSWER)
          else resolve(value)
        },
      )
    })
  }

  #client(at: number): Client {
    return this.#clients[at] as Client
  }

  #leave(at: number): void {
    if (this.#current === at) this.#current = (at + 1) % this.#clients.length
  }

  #errorOf(at: number, method: string, error: GrpcFailure): EtcdCallError {
    const url = this.#options.endpoints[at]?.url ?? ''
    return new EtcdCallError(method, url, error)
  }
}

function openWatch(
  call: ClientDuplexStream<Given<typeof watchRequest>, EtcdWatchResponse>,
  onDispose: () => void,
): OpenWatch {
  return {
    requestProgress: () => void call.write({ progress: {} }),
    [Symbol.dispose]() {
      onDispose()
      call.cancel()
    },
  }
}

function tlsCredentials(
  { credentials }: typeof import('../../base/grpc-library.ts'),
  { authority, certificate, key }: EtcdTls,
  { target, address }: Endpoint,
): ChannelCredentials {
  const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text))
  // By way of a socket the library knows no name to check the certificate for.
  const isElsewhere = address !== undefined && target.startsWith('unix:')
  return credentials.createSsl(pem(authority), pem(key), pem(certificate), {
    ...(isElsewhere && {
      checkServerIdentity: (_: string, peer: PeerCertificate) =>
        checkServerIdentity(address.host, peer),
    }),
  })
}

const NO_ANSWER: GrpcFailure = { message: 'the server has ended the call without an answer' }

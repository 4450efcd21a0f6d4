import type { WatchEvent } from '../client/client.ts'
import { StatusError } from '../machinery/status-error.ts'
import type { Chunk } from './chunk.ts'
import type { LongList } from './long-list.ts'

type ResponseHeaders = Readonly<Record<string, string>>

/** A value that is encoded as JSON (or YAML, if that was asked for) when it is sent. */
export interface ObjectResponse {
  readonly type: 'object'
  readonly code: number
  readonly object: unknown
  /** The same, where it is a long list: `object` is then made only for who asks for it. */
  readonly list?: LongList
  readonly headers?: ResponseHeaders
  /** A Status that says what went wrong: it is told in whatever form the client takes. */
  readonly isError?: true
  /** Always JSON for human eyes, whatever the client takes. */
  readonly isPretty?: true
}

/** An answer whose bytes exist: shared buffers, sent one after the other without a copy. */
export interface EncodedResponse {
  readonly type: 'encoded'
  readonly code: number
  readonly contentType: string
  /** Called at most once, and only for a caller on the wire. */
  chunks(): readonly Chunk[]
  /**
   * The same of an answer so long that it is made while it is sent, a block at a time. It is sent
   * without its length then, as upstream does.
   */
  parts?(): Iterable<Chunk>
  /** The same as a value, for a caller within the process. */
  object(): unknown
  /** Whoever would like CBOR gets the next best form that it accepts. */
  readonly hasNoCbor?: boolean
  /** The same for a client that takes another form. */
  readonly list?: LongList
  readonly headers?: ResponseHeaders
}

/** How the events of a watch are written. */
export type WatchFormat = 'json' | 'protobuf' | 'cbor'

/** One event of a watch, shared by all watchers that get it. */
export interface WatchFrame {
  /** `ERROR` carries a Status, and is the last event of its watch. */
  readonly event: WatchEvent | { readonly type: 'ERROR'; readonly object: unknown }
  /**
   * The event as one JSON line, in protobuf with its length in front, or as an item of CBOR.
   * Encoded on first use; the same buffer for every watcher.
   */
  bytes(format: WatchFormat): Uint8Array
  /** It follows the last object of the state that its watch begins with. */
  readonly endsInitialEvents?: boolean
}

/**
 * A stream of events. Whoever sends it pulls batch after batch, as fast as its client reads; a
 * watch whose client stays behind for too long is ended. Ends when `request.signal` aborts too.
 */
export interface WatchResponse {
  readonly type: 'watch'
  readonly code: 200
  readonly contentType: string
  readonly batches: AsyncIterable<readonly WatchFrame[]>
  /** Calls it once what the watch begins with has been taken, or it has ended. */
  onBegun?(onBegun: () => void): void
}

/** Any other answer, such as the log of a container or a plain text. */
export interface StreamResponse {
  readonly type: 'stream'
  readonly code: number
  /** A list is sent as a header of its own for each value. */
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly body: AsyncIterable<Uint8Array>
}

/** The connection was taken over (exec, attach, port-forward, proxied upgrades): send nothing. */
export interface UpgradedResponse {
  readonly type: 'upgraded'
}

export type ServerResponse =
  | ObjectResponse
  | EncodedResponse
  | WatchResponse
  | StreamResponse
  | UpgradedResponse

/** What is answered for an error; anything but a StatusError is a 500 that hides its details. */
export function errorResponse(error: unknown): ObjectResponse {
  if (!(error instanceof StatusError)) {
    const unexpected = new StatusError('InternalError', 'Internal error occurred')
    return { type: 'object', code: 500, object: unexpected.toStatus(), isError: true }
  }
  const seconds = error.details?.retryAfterSeconds
  return {
    type: 'object',
    code: error.code,
    object: error.toStatus(),
    isError: true,
    ...(seconds !== undefined && { headers: { 'retry-after': String(seconds) } }),
  }
}

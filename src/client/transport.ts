import type { WatchEvent } from './client.ts'

/** One API call in terms that need no HTTP. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Absolute, without the query, such as `/api/v1/namespaces/default/pods`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  /** A value, not bytes: a transport over the wire encodes it, one within the process need not. */
  readonly body?: unknown
  /** Of the body; `application/json` when absent. */
  readonly contentType?: string
  readonly signal?: AbortSignal
}

/**
 * How a client reaches an API server, under one identity: over HTTPS, or by a direct call into a
 * server of the same process (which skips only TLS and encoding, never authorization).
 */
export interface Transport {
  /** The decoded answer. Rejects with a `StatusError` for any answer that is not a success. */
  request(request: TransportRequest): Promise<unknown>
  /** The events of a watch. Ends when the server ends it or the request's signal aborts. */
  watch(request: TransportRequest): AsyncIterable<WatchEvent>
}

import { withHash } from '../../machinery/openapi/encode-document.ts'
import type { ServerRequest } from '../request.ts'
import type { EncodedResponse, ServerResponse } from '../response.ts'

/** A JSON document that is made once, on first use, and then sent as it is. */
export class JsonDocument {
  readonly #build: () => unknown
  #object: unknown
  #bytes: Buffer | undefined
  #hash: string | undefined

  constructor(build: () => unknown) {
    this.#build = build
  }

  get object(): unknown {
    this.#object ??= this.#build()
    return this.#object
  }

  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(`${JSON.stringify(this.object)}\n`)
    return this.#bytes
  }

  /** Of the bytes: SHA-512 in capitals, as upstream's. */
  get hash(): string {
    this.#hash ??= withHash(this.bytes).hash
    return this.#hash
  }

  respond(contentType: string, headers: Readonly<Record<string, string>> = {}): EncodedResponse {
    return {
      type: 'encoded',
      code: 200,
      contentType,
      chunks: () => [this.bytes],
      object: () => this.object,
      headers,
    }
  }

  /** As `respond`; 304 without a body to a client that has this state already. */
  respondWithETag(
    request: ServerRequest,
    contentType: string,
    headers: Readonly<Record<string, string>> = {},
  ): ServerResponse {
    const etag = `"${this.hash}"`
    const all = { ...headers, etag, vary: 'Accept' }
    const response = this.respond(contentType, all)
    if (request.headers['if-none-match'] !== etag) return response
    // With the content type, since clients put these headers over those that they have kept.
    return { ...response, code: 304, chunks: () => [] }
  }
}

/** Nobody shall guess that a text is something else. */
const NO_SNIFFING = { 'x-content-type-options': 'nosniff' }

/** What tells that metrics were reset. */
export function metricsReset(): EncodedResponse {
  return respondWithText('metrics reset\n', 200, undefined, {})
}

/** A plain text, as health checks and metrics are answered. */
export function respondWithText(
  text: string,
  code = 200,
  contentType = 'text/plain; charset=utf-8',
  headers: Readonly<Record<string, string>> = NO_SNIFFING,
): EncodedResponse {
  return {
    type: 'encoded',
    code,
    contentType,
    chunks: () => [Buffer.from(text)],
    object: () => text,
    headers,
  }
}

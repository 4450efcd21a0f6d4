import { setMaxListeners } from 'node:events'
import type { WatchEvent } from '../client/client.ts'
import type { Transport, TransportRequest } from '../client/transport.ts'
import { type Status, StatusError } from '../machinery/status-error.ts'
import type { Handler } from './handler.ts'
import { ServerRequest, type UserInfo } from './request.ts'
import type { ServerResponse } from './response.ts'

/** Of requests that nobody can take back. */
const NEVER = new AbortController().signal
setMaxListeners(0, NEVER)

/**
 * A client's way into a server of the same process, under one identity: values instead of bytes,
 * and nothing else skipped.
 */
export class InProcessTransport implements Transport {
  readonly #handler: Handler
  readonly #user: UserInfo

  constructor(handler: Handler, user: UserInfo) {
    this.#handler = handler
    this.#user = user
  }

  async request(request: TransportRequest): Promise<unknown> {
    const response = await this.#handler(this.#toServerRequest(request))
    switch (response.type) {
      case 'object':
        return valueOrThrow(response.code, response.object)
      case 'encoded':
        return valueOrThrow(response.code, response.object())
      case 'stream':
        return readText(response)
      default:
        throw new Error(`${request.path}: a ${response.type} answer is no value`)
    }
  }

  async *watch(request: TransportRequest): AsyncIterable<WatchEvent> {
    const response = await this.#handler(this.#toServerRequest(request))
    if (response.type !== 'watch') {
      if (response.type === 'object') valueOrThrow(response.code, response.object)
      throw new Error(`${request.path}: the answer is no watch`)
    }
    for await (const batch of response.batches) {
      for (const { event } of batch) {
        if (event.type === 'ERROR') throw StatusError.fromStatus(event.object as Status)
        yield event
      }
    }
  }

  #toServerRequest(request: TransportRequest): ServerRequest {
    const { method, path, query, body, contentType, signal } = request
    // One signal may end a whole component with all of its watches: that is no leak.
    if (signal !== undefined) setMaxListeners(0, signal)
    const search = query === undefined ? '' : new URLSearchParams(query).toString()
    return new ServerRequest({
      method,
      url: search === '' ? path : `${path}?${search}`,
      headers: contentType === undefined ? {} : { 'content-type': contentType },
      user: this.#user,
      signal: signal ?? NEVER,
      ...(body !== undefined && { object: body }),
    })
  }
}

function valueOrThrow(code: number, object: unknown): unknown {
  if (code < 400) return object
  if (typeof object === 'string') throw new StatusError('', object, { code })
  throw StatusError.fromStatus(object as Status)
}

async function readText(response: ServerResponse & { type: 'stream' }): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body) chunks.push(chunk)
  const text = Buffer.concat(chunks).toString()
  if (response.code >= 400) throw new StatusError('', text, { code: response.code })
  return text
}

import type { Attributes, Span } from '../../base/tracing/span.ts'
import type { Tracer } from '../../base/tracing/tracer.ts'
import type { ServerRequest } from '../request.ts'
import type { ServerResponse } from '../response.ts'
import { encoderOf } from './encoder-name.ts'
import { commonAttributes } from './span-attributes.ts'

/**
 * The spans of one request that is recorded: that of the server, in it that of its verb, in that
 * the one in which the answer is written. Verbs tell it what has happened.
 */
export class RequestTrace {
  readonly #request: ServerRequest
  readonly #server: Span
  readonly #tracer: Tracer
  /** What the verb waits for now. */
  #part: Span | undefined
  #verb: Span | undefined
  #answer: Span | undefined

  constructor(request: ServerRequest, server: Span, tracer: Tracer) {
    this.#request = request
    this.#tracer = tracer
    this.#server = server
  }

  /** What a part of the work belongs to. */
  get span(): Span {
    return this.#verb ?? this.#server
  }

  beginVerb(name: string, attributes: Attributes): Span {
    this.#verb = this.#server.start(name, attributes)
    return this.#verb
  }

  /** Something that the verb has done. */
  event(name: string, attributes?: Attributes): void {
    const span = this.#part ?? this.#verb
    span?.addEvent(name, attributes)
  }

  /** A part of the verb, which is told of what happens meanwhile. */
  async during<T>(name: string, attributes: Attributes, work: () => T | Promise<T>): Promise<T> {
    const part = this.span.start(name, {
      'audit-id': this.span.attributeOf('audit-id') ?? '',
      ...attributes,
    })
    this.#part = part
    try {
      return await this.#tracer.during(part, async () => work())
    } finally {
      this.#part = undefined
    }
  }

  /** An answer is there, and is written from now on. */
  beginAnswer({ type, ...rest }: ServerResponse): void {
    const code = 'code' in rest ? rest.code : 101
    const { bodyBytes } = this.#request
    this.#server.setAttributes({
      'http.response.status_code': code,
      ...(bodyBytes !== undefined && bodyBytes > 0 && { 'http.request.body.size': bodyBytes }),
    })
    if (code >= 500) this.#server.fail('')
    this.event('About to write a response')
    if (!this.#request.info.isResourceRequest || type === 'stream' || type === 'upgraded') return
    const name = type === 'watch' ? 'WatchServer.HandleHTTP' : 'SerializeObject'
    this.#answer = this.span.start(name, commonAttributes(this.#request))
  }

  /** Its form is known, and its head is written. */
  answerIn(mediaType: string): void {
    const encoder = encoderOf(this.#request.info, mediaType)
    this.#answer?.setAttributes({ mediaType, ...(encoder !== undefined && { encoder }) })
    this.#answer?.addEvent('About to start writing response')
  }

  /** The request is over; `error` says why its answer was not sent whole. */
  end(error?: string): void {
    if (error === undefined) this.#answer?.addEvent('Write call succeeded')
    else this.#answer?.addEvent('Write call failed', { err: error })
    this.#answer?.end()
    this.event('Writing http response done')
    this.#verb?.end()
    this.#server.end()
  }
}

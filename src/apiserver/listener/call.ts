import type { Readable } from 'node:stream'
import type { Clock } from '../../base/clock.ts'
import { formatError, type Logger } from '../../base/logger.ts'
import type { Answer, Handler } from '../handler.ts'
import { type Connection, type RequestParts, ServerRequest } from '../request.ts'
import { errorResponse, type ServerResponse } from '../response.ts'
import type { AuditIds } from './audit-ids.ts'
import type { Deadline, DeadlineQueue } from './deadline-queue.ts'
import type { Exchange } from './exchange.ts'
import { LazyAbort } from './lazy-abort.ts'
import { readBody } from './read-body.ts'
import { isLongRunning, requestTimeoutMs, timedOut, timedOutResponse } from './request-deadline.ts'
import { sendResponse } from './send-response.ts'

/** What a listener lends to each call that it serves. */
export interface CallContext {
  readonly handler: Handler
  readonly clock: Clock
  readonly auditIds: AuditIds
  readonly logger: Logger
  readonly requestTimeoutMs: number
  readonly deadlines: DeadlineQueue
  /** Those that last as long as their clients like: a shutdown aborts them. */
  readonly longRunning: Set<Call>
}

/** One request on its way through the handler, and its answer on the way back. */
export class Call implements RequestParts {
  readonly #context: CallContext
  readonly #exchange: Exchange
  readonly #connection: Connection
  readonly #abort = new LazyAbort()
  readonly auditId: string
  #request: ServerRequest | undefined
  #beforeSending: () => void = () => {}
  /** What this request may take, in milliseconds; undefined for one that lasts. */
  #limitMs: number | undefined
  #deadline: Deadline | Disposable | undefined
  /** An answer was chosen: whatever else comes is too late. */
  #isAnswered = false
  #isDone = false

  constructor(context: CallContext, exchange: Exchange, connection: Connection) {
    this.#context = context
    this.#exchange = exchange
    this.#connection = connection
    this.auditId = exchange.headers['audit-id'] || context.auditIds.next()
  }

  get method(): string {
    return this.#exchange.method
  }

  get url(): string {
    return this.#exchange.url
  }

  get headers(): RequestParts['headers'] & object {
    return this.#exchange.headers
  }

  get rawHeaders(): readonly string[] {
    return this.#exchange.rawHeaders
  }

  get incoming(): Readable {
    return this.#exchange.incoming
  }

  get connection(): Connection {
    return this.#connection
  }

  /** Made when it is first asked for, since most requests need none. */
  get signal(): AbortSignal {
    return this.#abort.signal
  }

  readBody(): Promise<Uint8Array> {
    return readBody(this.incoming, this.headers['content-length'])
  }

  /**
   * Sends the answer, at once where it is there at once; else a promise resolves when it is sent,
   * or cannot be. `beforeSending` is called with the answer.
   */
  serve(beforeSending: () => void): Promise<void> | undefined {
    this.#beforeSending = beforeSending
    let answer: Answer
    try {
      answer = this.#answer()
    } catch (error) {
      answer = errorResponse(error)
    }
    if (answer instanceof Promise) {
      this.#attend()
      return this.#wait(answer)
    }
    const sending = this.#send(answer)
    if (sending === undefined) return this.#finish()
    // What follows are parts that the client takes its time to read, or the events of a watch.
    this.#attend()
    this.#setDeadline()
    return sending.then(() => this.#finish())
  }

  /** Tells whoever works for this call that its outcome is not wanted any more. */
  abort(reason: unknown): void {
    this.#abort.abort(reason)
  }

  async #wait(answer: Promise<ServerResponse>): Promise<void> {
    this.#setDeadline()
    let response: ServerResponse
    try {
      response = await answer
    } catch (error) {
      response = errorResponse(error)
    }
    if (!this.#isAnswered) await this.#send(response)
    this.#finish()
  }

  /** From now on the client may go before its answer is there. */
  #attend(): void {
    const { outgoing, socket } = this.#exchange
    const closing = this.#connection.takeOver === undefined ? outgoing : socket
    closing?.once('close', () => {
      if (!this.#isDone) this.abort(new Error('the client has gone'))
    })
  }

  #finish(): undefined {
    this.#isDone = true
    this.#cancelDeadline()
    if (this.#limitMs === undefined) this.#context.longRunning.delete(this)
  }

  /** Throws 400 for a `?timeout=` that is none. */
  #answer(): Answer {
    const { handler, longRunning, requestTimeoutMs: limitMs } = this.#context
    const request = new ServerRequest(this)
    this.#request = request
    if (isLongRunning(request.info)) longRunning.add(this)
    else this.#limitMs = requestTimeoutMs(request.query, limitMs)
    return handler(request)
  }

  #setDeadline(): void {
    const { clock, deadlines, requestTimeoutMs: limitMs } = this.#context
    const ms = this.#limitMs
    if (ms === undefined) return
    const onDue = () => this.#onDeadline()
    this.#deadline = ms === limitMs ? deadlines.add(onDue) : clock.after(ms, onDue)
  }

  #cancelDeadline(): void {
    const deadline = this.#deadline
    if (deadline === undefined) return
    if ('onDue' in deadline) this.#context.deadlines.cancel(deadline)
    else deadline[Symbol.dispose]()
  }

  /**
   * The client gets its answer now; the handler is told, and what it still says is dropped. One
   * that does not come to the end of its answer in time gets no more of it: what it is made from
   * must not stay in memory for as long as somebody does not read.
   */
  #onDeadline(): void {
    if (this.#exchange.isTakenOver) return
    const timeout = timedOut()
    this.abort(timeout)
    if (this.#isAnswered) {
      this.#exchange.abort()
      return
    }
    // What filters have told of the way that it has come does not go with this answer.
    if (this.#request !== undefined) this.#request.responseHeaders = undefined
    void this.#send(timedOutResponse(timeout))
  }

  /** A promise, which never rejects, where the answer is not sent at once. */
  #send(response: ServerResponse): Promise<void> | undefined {
    this.#isAnswered = true
    this.#beforeSending()
    try {
      // Without a request its target could not be read: there is nothing to negotiate by.
      if (this.#request === undefined) {
        this.#exchange.abort()
        return undefined
      }
      this.#request.trace?.beginAnswer(response)
      const sending = sendResponse(this.#exchange, this.#request, response, this.auditId)
      if (sending === undefined) return this.#sent(response)
      return sending.then(
        () => this.#sent(response),
        (error: unknown) => this.#failed(error),
      )
    } catch (error) {
      return this.#failed(error)
    }
  }

  #sent({ type }: ServerResponse): undefined {
    this.#request?.trace?.end()
    if (type !== 'upgraded') this.#exchange.dropRequest()
  }

  #failed(error: unknown): undefined {
    this.#request?.trace?.end(formatError(error))
    if (!this.#abort.isAborted) {
      this.#context.logger.error('sending an answer failed', { error: formatError(error) })
    }
    this.#exchange.abort()
  }
}
